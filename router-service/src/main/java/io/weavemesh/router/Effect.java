package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Reply;
import java.util.List;

/** What the {@link Overlay} wants done. {@link Answer} comes last and waits for all others but {@link Announce}. */
public sealed interface Effect {

    /** Answer the request. */
    record Answer(Reply reply) implements Effect {}

    /** Make it durable. */
    record SaveNetwork(LocalNetwork network) implements Effect {}

    record EraseNetwork(NetworkId network) implements Effect {}

    record SaveEndpoint(LocalEndpoint endpoint) implements Effect {}

    record EraseEndpoint(EndpointId endpoint) implements Effect {}

    record SaveExposure(Exposure exposure) implements Effect {}

    record EraseExposure(Cidr address) implements Effect {}

    /** Change the kernel, in this order. */
    record Program(List<KernelChange> changes) implements Effect {
        public Program {
            changes = List.copyOf(changes);
        }
    }

    /** Tell who is on this host's bridges, after the kernel was changed. Whoever cannot be told finds out later. */
    record TellNeighbours(List<Announcement> announcements) implements Effect {
        public TellNeighbours {
            announcements = List.copyOf(announcements);
        }
    }

    /** Tell the other peers. */
    record Announce(List<EndpointRow> put, List<String> removed) implements Effect {
        public Announce {
            put = List.copyOf(put);
            removed = List.copyOf(removed);
        }
    }

    /** Tell the operator: a row of another peer that nobody can program. */
    record Ignored(EndpointRow row) implements Effect {}
}
