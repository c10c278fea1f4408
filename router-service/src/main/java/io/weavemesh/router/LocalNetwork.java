package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkId;
import java.util.List;
import java.util.Optional;

/**
 * A network Docker made on this host. Kept in the durable journal in this form.
 *
 * @param id Docker's name for it, on this host only
 * @param subnets the first one names the segment
 * @param mtu asked for by its creator
 */
public record LocalNetwork(NetworkId id, List<Cidr> subnets, Optional<Integer> mtu) {

    public LocalNetwork {
        subnets = List.copyOf(subnets);
        Check.argument(!subnets.isEmpty(), "network %s has no subnet", id);
    }

    /** The subnet that names the segment. */
    public Cidr segmentSubnet() {
        return subnets.getFirst();
    }
}
