package io.weavemesh.node;

import io.weavemesh.contract.IpAddress;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;

/** Docker's default bridge on this host. */
final class DockerBridge {

    private DockerBridge() {}

    /** Its interface name: {@code DOCKER_BRIDGE}, by default {@code docker0}. */
    static String interfaceName(Map<String, String> environment) {
        return environment.getOrDefault("DOCKER_BRIDGE", "docker0");
    }

    /** Its IPv4 address; nothing while Docker has not made it. */
    static Optional<IpAddress> address(String interfaceName) {
        try {
            NetworkInterface bridge = NetworkInterface.getByName(interfaceName);
            return bridge == null
                    ? Optional.empty()
                    : bridge.inetAddresses()
                            .filter(Inet4Address.class::isInstance)
                            .map(IpAddress::of)
                            .findFirst();
        } catch (SocketException e) {
            return Optional.empty();
        }
    }
}
