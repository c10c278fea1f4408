package io.weavemesh.dns;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;
import java.util.List;
import java.util.Optional;

/**
 * The resolvers and the search domains named by a resolv.conf(5).
 *
 * <p>As in OpenBSD's resolv.conf(5) a server may be written {@code [address]:port}. A line that cannot be read, such as one
 * with an IPv6 zone ({@code fe80::1%eth0}), is left out, as resolvers do.
 */
public final class ResolvConf {

    private static final int DEFAULT_PORT = 53;

    private ResolvConf() {}

    /** A resolver's address. */
    public record NameServer(IpAddress address, int port) {
        public NameServer {
            Check.argument(port > 0 && port <= 65_535, "port %d of a name server (expected 1 to 65535)", port);
        }

        @Override
        public String toString() {
            return address.isIpv4() ? address + ":" + port : "[" + address + "]:" + port;
        }
    }

    /** The servers in the order of the file. */
    public static List<NameServer> parse(String text) {
        return text.lines()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(words -> words.length >= 2 && words[0].equals("nameserver"))
                .flatMap(words -> server(words[1]).stream())
                .toList();
    }

    /** The domains that short names are looked for in; the last line that names some counts (resolv.conf(5)). */
    public static List<String> searchDomains(String text) {
        return text.lines()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(words -> words.length >= 2 && (words[0].equals("search") || words[0].equals("domain")))
                .reduce((earlier, later) -> later)
                .map(words -> List.of(words).subList(1, words.length))
                .orElse(List.of());
    }

    private static Optional<NameServer> server(String word) {
        int bracket = word.lastIndexOf("]:");
        try {
            if (word.startsWith("[") && bracket > 0) {
                int port = Integer.parseInt(word.substring(bracket + 2));
                return Optional.of(new NameServer(IpAddress.parse(word.substring(1, bracket)), port));
            }
            return Optional.of(new NameServer(IpAddress.parse(word), DEFAULT_PORT));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
