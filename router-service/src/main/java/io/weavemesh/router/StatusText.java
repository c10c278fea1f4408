package io.weavemesh.router;

import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolStatus;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.RouterReply.RouterStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The text of the status pages, in the forerunner's layouts, since people and scripts read them. Lines end in newlines. */
public final class StatusText {

    /** The order in which connections are counted and listed. */
    static final List<String> STATES = List.of("established", "pending", "retrying", "failed", "connecting");

    private static final String OVERLAY = "vxlan";
    private static final int SHORT_ID = 12;

    private StatusText() {}

    /** {@code /status}, with nothing to note. */
    static String summary(StatusView view) {
        return summary(view, RouterNotes.NONE);
    }

    /** {@code /status}. */
    public static String summary(StatusView view, RouterNotes notes) {
        List<String> blocks = new ArrayList<>();
        blocks.add(line("Version", view.router().self().version()));
        blocks.add(router(view.router()) + notes(notes));
        blocks.add(block("ipam", view.ipam(), StatusText::ipam));
        blocks.add(block("dns", view.dns(), StatusText::dns));
        blocks.add(block("plugin (legacy)", view.plugin(), StatusText::plugin));
        return String.join("\n", blocks);
    }

    /** {@code /status/peers}: each peer and whom it is connected to; the cluster is a full mesh of those that are heard. */
    public static String peers(RouterStatus status) {
        List<PeerDescription> everybody = everybody(status);
        Map<PeerName, Connection> mine = byPeer(status);
        StringBuilder text = new StringBuilder();
        for (PeerDescription peer : everybody) {
            text.append(peer.label()).append('\n');
            for (PeerDescription other : everybody) {
                if (other.name().equals(peer.name())) {
                    continue;
                }
                boolean ours = peer.name().equals(status.self().name());
                boolean toUs = other.name().equals(status.self().name());
                Optional<Connection> known = Optional.ofNullable(mine.get(ours ? other.name() : peer.name()))
                        .filter(_ -> ours || toUs);
                boolean outbound =
                        known.map(connection -> connection.outbound() == ours).orElse(false);
                String address =
                        known.filter(_ -> ours).map(Connection::address).orElseGet(() -> address(other));
                text.append("   %s %-21s %-37s %s\n"
                        .formatted(arrow(outbound), address, other.label(), state(mine, peer, other)));
            }
        }
        return text.toString();
    }

    /** Our connections to peers. */
    static Map<PeerName, Connection> byPeer(RouterStatus status) {
        return status.connections().stream()
                .filter(connection -> connection.peer().isPresent())
                .collect(Collectors.toMap(
                        connection -> connection.peer().orElseThrow().name(),
                        Function.identity(),
                        (first, _) -> first,
                        TreeMap::new));
    }

    /** Of those we do not hear, others will hear as little. */
    static String state(Map<PeerName, Connection> mine, PeerDescription one, PeerDescription other) {
        boolean heard = Stream.of(one, other)
                .flatMap(peer -> Optional.ofNullable(mine.get(peer.name())).stream())
                .allMatch(connection -> connection.state().equals("established"));
        return heard ? "established" : "pending";
    }

    /** {@code /status/connections}, with nothing to note. */
    static String connections(RouterStatus status) {
        return connections(status, RouterNotes.NONE);
    }

    /** {@code /status/connections}; what is wrong with a path is behind its connection. */
    public static String connections(RouterStatus status, RouterNotes notes) {
        return status.connections().stream()
                .sorted(Comparator.comparingInt((Connection connection) -> STATES.indexOf(connection.state()))
                        .thenComparing(Connection::address))
                .map(connection -> connection(connection, notes))
                .collect(Collectors.joining());
    }

    /** {@code /status/targets}. */
    public static String targets(RouterStatus status) {
        return status.targets().stream().map(target -> target + "\n").collect(Collectors.joining());
    }

    /** {@code /status/dns}. */
    public static String dns(DnsStatus status, List<Name> names) {
        return names.stream()
                .map(name -> "%-12s %-15s %-12s %s\n"
                        .formatted(
                                relative(name.row().name(), status.domain()),
                                name.row().address(),
                                cut(name.row().container().value()),
                                name.origin()))
                .collect(Collectors.joining());
    }

    /** {@code /status/ipam}: who owns how much of each pool, the universe and ourselves first; nothing while it is not divided. */
    public static String ipam(IpamStatus status, RouterStatus router) {
        PeerName self = router.self().name();
        Map<PeerName, PeerDescription> known =
                everybody(router).stream().collect(Collectors.toMap(PeerDescription::name, Function.identity()));
        StringBuilder text = new StringBuilder();
        for (PoolStatus pool : status.pools()) {
            boolean universe = pool.pool().equals(status.universe());
            long total = pool.shares().stream().mapToLong(Share::addresses).sum();
            text.append(universe ? "" : "\npool " + pool.pool() + "\n");
            pool.shares().stream()
                    .sorted(Comparator.comparing((Share share) -> !share.peer().equals(self))
                            .thenComparing(Share::peer))
                    .map(share -> ipamRow(share, total, Optional.ofNullable(known.get(share.peer()))))
                    .forEach(text::append);
        }
        status.conflicts()
                .forEach(conflict -> text.append("\n").append(conflict).append("\n"));
        return text.toString();
    }

    /** {@code weave ps}: the bridge, then the containers. */
    public static String containers(RouterStatus router, List<Exposure> exposures, PluginStatus plugin) {
        StringBuilder text = new StringBuilder();
        text.append(Exposure.OWNER)
                .append(' ')
                .append(OverlayPlan.bridgeMac(router.self().name()));
        exposures.forEach(exposure -> text.append(' ').append(exposure.address()));
        text.append('\n');
        for (AttachedContainer container : plugin.containers()) {
            text.append(cut(container.container().value())).append(' ').append(container.mac());
            container.addresses().forEach(address -> text.append(' ').append(address));
            text.append('\n');
        }
        return text.toString();
    }

    private static String router(RouterStatus status) {
        int others = status.peers().size();
        String versions = Protocol.VERSION + ".." + Protocol.VERSION;
        return line("Service", "router")
                + line("Protocol", "weave " + versions)
                + line("Name", status.self().label())
                + line("Encryption", "disabled")
                + line("PeerDiscovery", status.discovery() ? "enabled" : "disabled")
                + line("Targets", String.valueOf(status.targets().size()))
                + line("Connections", counted(status.connections()))
                + line("Peers", (others + 1) + meshed(others))
                + line("TrustedSubnets", "none");
    }

    private static String notes(RouterNotes notes) {
        String reasons = notes.dropped().entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return (reasons.isEmpty() ? "" : line("Dropped", reasons))
                + notes.warnings().stream()
                        .map(warning -> line("Warning", warning))
                        .collect(Collectors.joining());
    }

    /** Every peer of the cluster is connected to every other, and each counts its own end. */
    private static String meshed(int others) {
        int connections = others * (others + 1);
        return connections == 0 ? "" : " (with " + connections + " established connections)";
    }

    private static String counted(List<Connection> connections) {
        String details = STATES.stream()
                .map(state -> Map.entry(
                        state,
                        connections.stream()
                                .filter(connection -> connection.state().equals(state))
                                .count()))
                .filter(entry -> entry.getValue() > 0)
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return connections.isEmpty() ? "0" : connections.size() + " (" + details + ")";
    }

    private static String connection(Connection connection, RouterNotes notes) {
        String start =
                "%s %-21s %-11s ".formatted(arrow(connection.outbound()), connection.address(), connection.state());
        boolean live =
                connection.state().equals("established") || connection.state().equals("pending");
        if (live && connection.peer().isPresent()) {
            PeerDescription peer = connection.peer().get();
            String path = Optional.ofNullable(notes.paths().get(peer.name()))
                    .map(problem -> " " + problem)
                    .orElse("");
            return start + "%-6s %s mtu=%d%s\n".formatted(OVERLAY, peer.label(), peer.mtu(), path);
        }
        return start + connection.info() + "\n";
    }

    private static String ipam(IpamStatus status) {
        return line("Status", status.state())
                + line("Range", status.universe().toString())
                + line("DefaultSubnet", status.defaultSubnet().toString());
    }

    private static String dns(DnsStatus status) {
        return line("Domain", status.domain().toString())
                + line("Address", String.join(", ", status.listening()))
                + status.problems().stream()
                        .map(problem -> line("Problem", problem))
                        .collect(Collectors.joining())
                + line("Upstream", String.join(", ", status.upstream()))
                + line("TTL", String.valueOf(status.ttlSeconds()))
                + line("Entries", String.valueOf(status.entries()));
    }

    private static String plugin(PluginStatus status) {
        return line("DriverName", String.join(", ", status.drivers()));
    }

    private static <T> String block(String service, ServiceAnswer<T> answer, Function<T, String> layout) {
        return line("Service", service)
                + switch (answer) {
                    case ServiceAnswer.Up<T>(T status) -> layout.apply(status);
                    case ServiceAnswer.Down<T>(String reason) -> line("Status", "not available: " + reason);
                };
    }

    private static String ipamRow(Share share, long total, Optional<PeerDescription> peer) {
        BigDecimal percent = BigDecimal.valueOf(share.addresses())
                .multiply(BigDecimal.valueOf(100))
                .divide(BigDecimal.valueOf(total), 1, RoundingMode.HALF_UP);
        String label = peer.map(PeerDescription::label).orElse(share.peer().toString());
        String row = "%-37s %8d IPs (%4s%% of total)".formatted(label, share.addresses(), padded(percent));
        String active = share.active().map(count -> " (" + count + " active)").orElse("");
        return row + active + (peer.isEmpty() ? " - unreachable!" : "") + "\n";
    }

    private static String padded(BigDecimal percent) {
        return String.format(Locale.ROOT, "%04.1f", percent);
    }

    static List<PeerDescription> everybody(RouterStatus status) {
        return Stream.concat(
                        Stream.of(status.self()),
                        status.peers().stream().sorted(Comparator.comparing(PeerDescription::name)))
                .toList();
    }

    private static String relative(Fqdn name, Fqdn domain) {
        String suffix = "." + domain;
        String full = name.toString();
        return full.endsWith(suffix) ? full.substring(0, full.length() - suffix.length()) : full;
    }

    private static String address(PeerDescription peer) {
        return new ListenAddress(peer.vtep(), peer.controlPort()).toString();
    }

    private static String arrow(boolean outbound) {
        return outbound ? "->" : "<-";
    }

    private static String cut(String id) {
        return id.length() > SHORT_ID ? id.substring(0, SHORT_ID) : id;
    }

    private static String line(String label, String value) {
        return "%15s: %s\n".formatted(label, value);
    }
}
