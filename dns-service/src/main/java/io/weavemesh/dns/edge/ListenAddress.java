package io.weavemesh.dns.edge;

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

    /** A fixed address. */
    record Fixed(IpAddress address, int port) implements ListenAddress {
        @Override
        public Optional<IpAddress> current() {
            return Optional.of(address);
        }

        @Override
        public String toString() {
            return "address " + address + ":" + port;
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
