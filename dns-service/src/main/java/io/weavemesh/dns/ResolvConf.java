package io.weavemesh.dns;

import io.weavemesh.contract.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The resolvers named by a resolv.conf(5). Only {@code nameserver} lines count.
 *
 * <p>As in OpenBSD's resolv.conf(5) a server may be written {@code [address]:port}. A line that cannot be read, such as one
 * with an IPv6 zone ({@code fe80::1%eth0}), is left out, as resolvers do.
 */
public final class ResolvConf {

    private static final int DEFAULT_PORT = 53;

    private ResolvConf() {}

    /** A resolver's address. */
    public record NameServer(IpAddress address, int port) {
        @Override
        public String toString() {
            return address.isIpv4() ? address + ":" + port : "[" + address + "]:" + port;
        }
    }

    /** The servers in the order of the file. */
    public static List<NameServer> parse(String text) {
        List<NameServer> servers = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length >= 2 && words[0].equals("nameserver")) {
                try {
                    servers.add(server(words[1]));
                } catch (IllegalArgumentException e) {
                    continue; // Not ours to repair: the line is the operator's, and the next server may do.
                }
            }
        }
        return List.copyOf(servers);
    }

    private static NameServer server(String word) {
        int bracket = word.lastIndexOf("]:");
        if (word.startsWith("[") && bracket > 0) {
            int port = Integer.parseInt(word.substring(bracket + 2));
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException(
                        "port " + port + " of name server '" + word + "' (expected 1 to 65535)");
            }
            return new NameServer(IpAddress.parse(word.substring(1, bracket)), port);
        }
        return new NameServer(IpAddress.parse(word), DEFAULT_PORT);
    }
}
