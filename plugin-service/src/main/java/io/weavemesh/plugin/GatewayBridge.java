package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Docker's network {@code docker_gwbridge}, through which containers of our networks reach everything else, dns-service
 * included.
 */
public final class GatewayBridge {

    public static final String NAME = "docker_gwbridge";

    private GatewayBridge() {}

    /** The addresses of containers in Docker's answer to {@code GET /networks/docker_gwbridge}. */
    public static Map<ContainerId, List<IpAddress>> addresses(Fields network) {
        Map<ContainerId, List<IpAddress>> addresses = new TreeMap<>();
        Fields containers = network.object("Containers");
        for (String container : containers.names()) {
            Fields place = containers.object(container);
            List<IpAddress> own = Stream.of("IPv4Address", "IPv6Address")
                    .flatMap(family -> place.optionalText(family).stream())
                    .map(text -> Cidr.parse(text).address())
                    .toList();
            addresses.put(ContainerId.parse(container), own);
        }
        return addresses;
    }
}
