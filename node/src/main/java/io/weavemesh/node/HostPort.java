package io.weavemesh.node;

import io.weavemesh.contract.Check;

/**
 * An address to listen on.
 *
 * @param host an IP address or name
 * @param port 1 to 65535
 */
record HostPort(String host, int port) {

    HostPort {
        Check.argument(!host.isEmpty(), "an address needs a host");
        Check.argument(port > 0 && port <= 65535, "port %d is not between 1 and 65535", port);
    }

    /** Reads {@code 127.0.0.1:6784}. */
    static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String port = colon < 0 ? "" : text.substring(colon + 1);
        Check.argument(
                colon > 0 && port.matches("\\d{1,5}"),
                "'%s' is not an address and port (expected for example 127.0.0.1:6784)",
                text);
        return new HostPort(text.substring(0, colon), Integer.parseInt(port));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
