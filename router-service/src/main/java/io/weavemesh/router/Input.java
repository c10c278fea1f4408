package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest;
import java.util.List;
import java.util.Set;

/** What the {@link Overlay} hears. */
public sealed interface Input {

    record NetworkAsked(RouterRequest.CreateNetwork request) implements Input {}

    record NetworkGivenUp(RouterRequest.DeleteNetwork request) implements Input {}

    record EndpointAsked(RouterRequest.CreateEndpoint request) implements Input {}

    record EndpointGivenUp(RouterRequest.DeleteEndpoint request) implements Input {}

    /** An endpoint is to have these addresses from now on. */
    record AddressesAsked(EndpointId endpoint, List<Cidr> addresses) implements Input {
        public AddressesAsked {
            addresses = List.copyOf(addresses);
        }
    }

    /** The kernel has no veth pair for these any more; the end in the sandbox cannot come back. */
    record EndpointsLost(Set<EndpointId> endpoints) implements Input {
        public EndpointsLost {
            endpoints = Set.copyOf(endpoints);
        }
    }

    record ExposeAsked(RouterRequest.Expose request) implements Input {}

    record HideAsked(RouterRequest.Hide request) implements Input {}

    /** A peer is there, or says something new of itself. */
    record PeerPresent(PeerDescription peer) implements Input {}

    record PeerGone(PeerName peer) implements Input {}

    /** What a change did to another peer's part of the endpoint table. */
    record RowsChanged(PeerName origin, List<EndpointRow> put, List<EndpointRow> removed) implements Input {
        public RowsChanged {
            put = List.copyOf(put);
            removed = List.copyOf(removed);
        }
    }

    /** At the start: the entries an earlier run left in the kernel, which neighbours were answered by. */
    record NeighboursFound(List<KernelItem.NeighbourEntry> entries) implements Input {
        public NeighboursFound {
            entries = List.copyOf(entries);
        }
    }

    /** The underlay carries packets of this many bytes of IP now. */
    record UnderlayChanged(int mtu) implements Input {}
}
