package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkId;
import java.util.List;
import java.util.Optional;

/**
 * A Docker network of ours on this host.
 *
 * @param subnets one IPv4 subnet, one IPv6 subnet or both
 * @param multicast whether containers get a route for 224.0.0.0/4 on their interface
 * @param mtu overrides the router's, in bytes
 */
public record Network(NetworkId id, List<Cidr> subnets, boolean multicast, Optional<Integer> mtu) {
    public Network {
        subnets = List.copyOf(subnets);
    }
}
