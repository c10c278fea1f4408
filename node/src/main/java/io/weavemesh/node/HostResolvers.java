package io.weavemesh.node;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.ResolvConf;
import io.weavemesh.dns.ResolvConf.NameServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The host's resolvers as containers can reach them, and its search domains.
 *
 * @param servers without those on loopback, which in a container is another one
 */
record HostResolvers(List<String> servers, List<String> searchDomains) {

    private static final int DNS_PORT = 53;

    /** Where the real ones are if resolv.conf only names a local server: of systemd-resolved and of NetworkManager. */
    private static final List<Path> BEHIND_A_STUB =
            List.of(Path.of("/run/systemd/resolve/resolv.conf"), Path.of("/run/NetworkManager/no-stub-resolv.conf"));

    /** Reads resolv.conf, and what is behind it. Without our own server. */
    static HostResolvers read(Path resolvConf, IpAddress ours) {
        return of(
                read(resolvConf),
                BEHIND_A_STUB.stream().map(HostResolvers::read).toList(),
                ours);
    }

    static HostResolvers of(String resolvConf, List<String> behind, IpAddress ours) {
        List<String> servers = Stream.concat(Stream.of(resolvConf), behind.stream())
                .map(text -> reachable(text, ours))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
        List<String> domains = ResolvConf.searchDomains(resolvConf).stream()
                .filter(domain -> !domain.equals("."))
                .toList();
        return new HostResolvers(servers, domains);
    }

    private static List<String> reachable(String text, IpAddress ours) {
        return ResolvConf.parse(text).stream()
                .filter(server -> server.port() == DNS_PORT)
                .map(NameServer::address)
                .filter(address -> !address.equals(ours))
                .filter(address -> !address.toInetAddress().isLoopbackAddress()
                        && !address.toInetAddress().isAnyLocalAddress())
                .map(IpAddress::toString)
                .distinct()
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
