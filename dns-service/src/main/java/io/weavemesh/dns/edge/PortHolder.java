package io.weavemesh.dns.edge;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the process that holds a port, as {@code ss -lnp} does: the socket's inode from {@code /proc/net}, then whose file
 * descriptor it is (proc(5), proc_net(5)). Blocking.
 */
final class PortHolder {

    /** State of a TCP socket that listens, {@code linux/tcp_states.h}. */
    private static final String TCP_LISTEN = "0A";

    private final Path proc;

    PortHolder(Path proc) {
        this.proc = proc;
    }

    /** The holder as {@code dnsmasq (pid 812)}; nothing if it cannot be seen, as from within a container. */
    Optional<String> find(Transport transport, IpAddress address, int port) {
        Set<String> sockets = new HashSet<>();
        String family = transport == Transport.UDP ? "udp" : "tcp";
        for (String table : List.of(family, family + "6")) {
            addSockets(proc.resolve("net").resolve(table), address, port, sockets);
        }
        return sockets.isEmpty() ? Optional.empty() : owner(sockets);
    }

    /** Columns: number, local address:port, remote address:port, state, queues, timer, retransmits, uid, timeout, inode. */
    private static void addSockets(Path table, IpAddress address, int port, Set<String> sockets) {
        try {
            boolean tcp = table.getFileName().toString().startsWith("tcp");
            for (String line : Files.readAllLines(table)) {
                String[] columns = line.strip().split("\\s+", -1);
                if (columns.length > 9 && isAt(columns[1], address, port) && (!tcp || columns[3].equals(TCP_LISTEN))) {
                    sockets.add("socket:[" + columns[9] + "]");
                }
            }
        } catch (IOException e) {
            return; // Without IPv6 there is no such table.
        }
    }

    /** Whether a socket there is in the way: at the address itself, or one of the two is at all addresses. */
    private static boolean isAt(String local, IpAddress address, int port) {
        if (!local.endsWith(String.format(Locale.ROOT, ":%04X", port))) {
            return false;
        }
        String hex = local.substring(0, local.indexOf(':'));
        boolean wildcard = hex.chars().allMatch(digit -> digit == '0')
                || address.toInetAddress().isAnyLocalAddress();
        // A socket of IPv6 that holds an address of IPv4 has it in its last word (RFC 4291 s2.5.5.2).
        return wildcard || (address.isIpv4() ? hex.endsWith(words(address)) : hex.equals(words(address)));
    }

    /** The kernel writes an address as 32-bit words in the machine's byte order. */
    private static String words(IpAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.bytes()).order(ByteOrder.nativeOrder());
        StringBuilder hex = new StringBuilder(32);
        while (bytes.hasRemaining()) {
            hex.append(String.format(Locale.ROOT, "%08X", bytes.getInt()));
        }
        return hex.toString();
    }

    private Optional<String> owner(Set<String> sockets) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, sockets)) {
                    String name = Files.readString(process.resolve("comm")).strip();
                    return Optional.of(name + " (pid " + process.getFileName() + ")");
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(linkOf(descriptor))) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // It ended, or is not ours to look into.
        }
        return false;
    }

    private static String linkOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // Closed in the meantime.
        }
    }
}
