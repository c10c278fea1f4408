package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;
import java.util.Optional;

/**
 * A peer somebody wants us to connect to, as people write it. Not resolved.
 *
 * @param host a host name or an address
 * @param port the peer's port, if it is not the usual one
 */
public record PeerTarget(String host, Optional<Integer> port) {

    /** RFC 1035 s2.3.4. */
    private static final int MAXIMUM_NAME = 253;

    /**
     * Reads {@code host}, {@code host:port}, {@code ip}, {@code ip:port}, {@code v6} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException if it is none of these; the text names what was given
     */
    public static PeerTarget parse(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            boolean closed = end > 0 && (end == text.length() - 1 || text.charAt(end + 1) == ':');
            Check.argument(closed, "'%s' is not a peer (expected for example [fd00::1]:6783)", text);
            IpAddress address = IpAddress.parse(text.substring(1, end));
            return end == text.length() - 1
                    ? new PeerTarget(address.toString(), Optional.empty())
                    : new PeerTarget(address.toString(), Optional.of(port(text, text.substring(end + 2))));
        }
        int colon = text.indexOf(':');
        if (colon != text.lastIndexOf(':')) {
            return new PeerTarget(IpAddress.parse(text).toString(), Optional.empty());
        }
        String host = colon < 0 ? text : text.substring(0, colon);
        checkHost(text, host);
        return new PeerTarget(host, colon < 0 ? Optional.empty() : Optional.of(port(text, text.substring(colon + 1))));
    }

    private static int port(String text, String digits) {
        boolean decimal = digits.matches("[0-9]{1,5}") && Integer.parseInt(digits) >= 1;
        Check.argument(
                decimal && Integer.parseInt(digits) <= 65535,
                "'%s' is not a peer: port '%s' is not a number between 1 and 65535",
                text,
                digits);
        return Integer.parseInt(digits);
    }

    private static void checkHost(String text, String host) {
        boolean numeric = !host.isEmpty() && host.matches("[0-9.]+");
        if (numeric) {
            IpAddress.parse(host);
            return;
        }
        boolean name = host.matches(
                "[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\\.?");
        Check.argument(
                name && host.length() <= MAXIMUM_NAME,
                "'%s' is not a peer (expected a host name or an address, with or without ':port')",
                text);
    }
}
