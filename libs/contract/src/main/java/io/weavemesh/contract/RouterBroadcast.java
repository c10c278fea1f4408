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

    /**
     * The hosts' network changed under the sender: what its overlay interfaces carry is no longer what its description says.
     *
     * @param mtu in bytes
     */
    record MtuChanged(int mtu) implements RouterBroadcast {}

    /** A peer is gone for good, or is about to be: once it is away, nobody waits for it any more. */
    record PeerRemoved(PeerName peer) implements RouterBroadcast {}
}
