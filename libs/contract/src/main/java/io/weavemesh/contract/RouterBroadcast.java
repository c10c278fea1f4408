package io.weavemesh.contract;

import java.util.List;

/** News between the router services of all peers. */
public sealed interface RouterBroadcast extends Broadcast {

    /**
     * Underlay addresses, {@code host:port}, somebody was told to connect to. Every peer adds them, since only the
     * cluster's oldest member searches for other clusters.
     */
    record TargetsAdded(List<String> targets) implements RouterBroadcast {
        public TargetsAdded {
            targets = List.copyOf(targets);
        }
    }
}
