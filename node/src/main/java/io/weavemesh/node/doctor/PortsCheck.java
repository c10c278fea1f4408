package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether somebody listens on the peer's ports: while it runs, somebody must, and while it does not, nobody may. By
 * {@code /proc/net} (proc_net(5)), in which the kernel's own sockets, such as a vxlan's, are as well.
 */
record PortsCheck(int port) implements Check {

    private static final String SUBJECT = "ports";

    private static final int CONTROL = 6784;
    private static final int DNS = 53;

    /** {@code linux/tcp_states.h}. */
    private static final String LISTEN = "0A";

    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;

    private record Wanted(String protocol, int port, String what) {
        @Override
        public String toString() {
            return protocol + " " + port + " (" + what + ")";
        }
    }

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        List<Wanted> wanted = new ArrayList<>(List.of(
                new Wanted("tcp", port, "peers"),
                new Wanted("tcp", port + 2, "event bus"),
                new Wanted("tcp", CONTROL, "control API")));
        if (peer.isEmpty()) {
            List<Wanted> taken =
                    wanted.stream().filter(one -> isOpen(host, one)).toList();
            return taken.isEmpty()
                    ? List.of(Finding.ok(SUBJECT, "free: " + listed(wanted)))
                    : List.of(Finding.problem(
                            SUBJECT,
                            "taken by another process: " + listed(taken),
                            "see 'ss -lntp'; stop it, or launch with other ports"));
        }
        if (!peer.get().networks().isEmpty()) {
            wanted.add(new Wanted("udp", CONTROL, "overlay"));
        }
        if (peer.get().dns().isPresent()) {
            wanted.add(new Wanted("udp", DNS, "names"));
            wanted.add(new Wanted("tcp", DNS, "names"));
        }
        List<Wanted> closed = wanted.stream().filter(one -> !isOpen(host, one)).toList();
        return closed.isEmpty()
                ? List.of(Finding.ok(SUBJECT, "open: " + listed(wanted)))
                : List.of(Finding.problem(SUBJECT, "nobody listens on " + listed(closed), "weave status, weave logs"));
    }

    private static String listed(List<Wanted> ports) {
        return ports.stream().map(Wanted::toString).collect(Collectors.joining(", "));
    }

    private static boolean isOpen(Host host, Wanted wanted) {
        String suffix = ":%04X".formatted(wanted.port());
        return Stream.of("", "6")
                .flatMap(family -> host.read("/proc/net/" + wanted.protocol() + family).stream())
                .flatMap(String::lines)
                .map(line -> line.strip().split("\\s+", -1))
                .anyMatch(columns -> columns.length > STATE
                        && columns[LOCAL_ADDRESS].endsWith(suffix)
                        && (wanted.protocol().equals("udp") || columns[STATE].equals(LISTEN)));
    }
}
