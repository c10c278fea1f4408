package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import java.util.List;

/**
 * An endpoint of a Docker network of ours on this host.
 *
 * @param addresses with prefix length
 * @param interfaceName what Docker moves into the sandbox
 */
public record Endpoint(EndpointId id, NetworkId network, List<Cidr> addresses, MacAddress mac, String interfaceName) {
    public Endpoint {
        addresses = List.copyOf(addresses);
    }
}
