package io.weavemesh.cluster;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpAddress.Family;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Another host as a user names it: {@code host}, {@code host:port} or {@code [v6]:port}.
 *
 * @param text as given
 * @param host name or address
 * @param port TCP port of its cluster member
 */
record Target(String text, String host, int port) {

    static final int DEFAULT_PORT = 6783;

    /**
     * Reads a target.
     *
     * @throws IllegalArgumentException if it is none, naming what was expected
     */
    static Target parse(String text) {
        String host = text;
        int port = DEFAULT_PORT;
        int colon = text.lastIndexOf(':');
        boolean bareIpv6 = colon >= 0 && text.indexOf(':') != colon && !text.startsWith("[");
        if (colon >= 0 && !bareIpv6 && !text.endsWith("]")) {
            String number = text.substring(colon + 1);
            Check.argument(
                    number.matches("\\d{1,5}") && Integer.parseInt(number) > 0 && Integer.parseInt(number) <= 65535,
                    "'%s' is not a peer: '%s' is not a port between 1 and 65535",
                    text,
                    number);
            host = text.substring(0, colon);
            port = Integer.parseInt(number);
        }
        host = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        Check.argument(
                host.matches("[0-9A-Za-z]([0-9A-Za-z._:-]*[0-9A-Za-z.])?")
                        || bareIpv6 && host.matches("[0-9a-fA-F:.]+"),
                "'%s' is not a peer (expected a host name or address, with or without a port: host2 or 192.0.2.7:6783)",
                text);
        return new Target(text, host, port);
    }

    /**
     * {@code ip:port}, if the name resolves now. Asks the resolver, so not for event loops.
     *
     * @param ours the family of our own address: members and tunnels of the other one would not reach each other
     */
    Optional<String> resolve(Family ours) {
        try {
            List<IpAddress> found =
                    Stream.of(InetAddress.getAllByName(host)).map(IpAddress::of).toList();
            IpAddress best = found.stream()
                    .filter(address -> address.family() == ours)
                    .findFirst()
                    .orElse(found.getFirst());
            return Optional.of(at(best, port));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** {@code ip:port}, with brackets around an IPv6 address, the way Hazelcast writes a member. */
    static String at(IpAddress ip, int port) {
        return ip.isIpv4() ? ip + ":" + port : "[" + ip + "]:" + port;
    }
}
