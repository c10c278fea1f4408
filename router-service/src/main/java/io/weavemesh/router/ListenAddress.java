package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;

/**
 * Where a server listens.
 *
 * @param address one address of this host
 * @param port 0 for any free one
 */
public record ListenAddress(IpAddress address, int port) {

    public ListenAddress {
        Check.argument(port >= 0 && port <= 65535, "port %d is not between 0 and 65535", port);
    }

    /**
     * Reads {@code 127.0.0.1:6784} or {@code [::1]:6784}.
     *
     * @throws IllegalArgumentException if the text is not an address, a colon and a port
     */
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        boolean decimal = port.matches("[0-9]{1,5}");
        Check.argument(colon > 0 && decimal, "'%s' is not ADDRESS:PORT (expected for example 127.0.0.1:6784)", text);
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new ListenAddress(
                IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host), Integer.parseInt(port));
    }

    @Override
    public String toString() {
        return address.isIpv4() ? address + ":" + port : "[" + address + "]:" + port;
    }
}
