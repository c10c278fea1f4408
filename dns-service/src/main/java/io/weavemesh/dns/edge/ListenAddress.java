package io.weavemesh.dns.edge;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/**
 * Where names are to be answered: an address, or whatever address an interface has. Not necessarily there yet. Its text is
 * for people.
 */
public interface ListenAddress {

    /** The port, UDP and TCP; 0 for any free one, in tests. */
    int port();

    /** The address at this moment; nothing if there is none yet. May block for a moment. */
    Optional<IpAddress> current();

    /** Where resolvers look for a server; they have no way to be told another port. */
    int DNS_PORT = 53;

    /**
     * Reads an IP address or the name of an interface, with or without a port: {@code 10.0.0.1}, {@code 10.0.0.1:5353},
     * {@code [fd00::1]:53}, {@code docker0}.
     */
    static ListenAddress parse(String text) {
        boolean bareIpv6 = text.indexOf(':') != text.lastIndexOf(':') && !text.startsWith("[");
        int colon = bareIpv6 ? -1 : text.indexOf(':', text.indexOf(']') + 1);
        String host = colon < 0 ? text : text.substring(0, colon);
        int port = colon < 0 ? DNS_PORT : port(text, text.substring(colon + 1));
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        if (brackets || bareIpv6 || host.matches("[0-9.]+")) {
            return new Fixed(IpAddress.parse(brackets ? host.substring(1, host.length() - 1) : host), port);
        }
        // IFNAMSIZ in linux/if.h is 16, with the zero at the end.
        Check.argument(
                host.matches("[^\\s/:]{1,15}"),
                "'%s' is not an address to listen on (expected for example 10.0.0.1, 10.0.0.1:53, [fd00::1]:53 or docker0)",
                text);
        return new OfInterface(host, port);
    }

    private static int port(String text, String port) {
        boolean number = port.matches("\\d{1,5}") && Integer.parseInt(port) <= 65_535 && Integer.parseInt(port) > 0;
        Check.argument(number, "'%s' has the port '%s' (expected 1 to 65535)", text, port);
        return Integer.parseInt(port);
    }

    /** A fixed address. */
    record Fixed(IpAddress address, int port) implements ListenAddress {
        @Override
        public Optional<IpAddress> current() {
            return Optional.of(address);
        }

        @Override
        public String toString() {
            return "address " + (address.isIpv4() ? address : "[" + address + "]") + ":" + port;
        }
    }

    /** The first IPv4 address of an interface such as {@code docker0}, which dockerd makes and may change. */
    record OfInterface(String interfaceName, int port) implements ListenAddress {
        @Override
        public Optional<IpAddress> current() {
            try {
                NetworkInterface found = NetworkInterface.getByName(interfaceName);
                return found == null
                        ? Optional.empty()
                        : found.inetAddresses()
                                .filter(Inet4Address.class::isInstance)
                                .findFirst()
                                .map(IpAddress::of);
            } catch (SocketException e) {
                return Optional.empty(); // It went away while we looked.
            }
        }

        @Override
        public String toString() {
            return "the IPv4 address of interface " + interfaceName + ", port " + port;
        }
    }
}
