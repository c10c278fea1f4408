package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.CallStatus;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.RouterReply.RouterStatus;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** {@code /metrics} in the Prometheus text format 0.0.4: the forerunner's names where we have the thing, then ours. */
public final class MetricsText {

    private static final double MICROS_PER_SECOND = 1e6;

    /** What router-service counts of itself. */
    public record RouterCounters(
            int networks, int endpoints, int knownEndpoints, long kernelRepairs, long kernelFailures) {}

    /** What crossed between this host and others in one network, since its tunnel was made. */
    public record Traffic(
            Cidr network,
            long receivedPackets,
            long receivedBytes,
            long receivedDrops,
            long sentPackets,
            long sentBytes,
            long sentDrops) {}

    private final StringBuilder text = new StringBuilder();

    private MetricsText() {}

    /** The page, with no traffic and nothing to note. */
    static String of(StatusView view, List<Name> names, RouterCounters counters) {
        return of(view, names, counters, List.of(), RouterNotes.NONE);
    }

    /** The page; what a service that is down would say is left out. */
    public static String of(
            StatusView view, List<Name> names, RouterCounters counters, List<Traffic> traffic, RouterNotes notes) {
        MetricsText metrics = new MetricsText();
        metrics.connections(view.router());
        metrics.router(counters);
        metrics.notes(notes);
        metrics.traffic("packets", "Packets", traffic, Traffic::receivedPackets, Traffic::sentPackets);
        metrics.traffic("bytes", "Bytes", traffic, Traffic::receivedBytes, Traffic::sentBytes);
        metrics.traffic("drops", "Packets that were dropped", traffic, Traffic::receivedDrops, Traffic::sentDrops);
        view.ipam().known().ifPresent(status -> metrics.ipam(status, view.router()));
        if (view.dns().known().isPresent()) {
            PeerName self = view.router().self().name();
            metrics.gauge(
                    "weave_dns_entries",
                    "Number of DNS entries.",
                    names.stream().filter(name -> name.origin().equals(self)).count());
        }
        view.plugin().known().ifPresent(metrics::plugin);
        return metrics.text.toString();
    }

    private void connections(RouterStatus status) {
        head("weave_connections", "gauge", "Number of peer-to-peer connections.");
        Map<String, Long> byState = status.connections().stream()
                .collect(Collectors.groupingBy(Connection::state, TreeMap::new, Collectors.counting()));
        byState.forEach((state, count) -> {
            String type = state.equals("established") ? "vxlan" : "unknown";
            sample("weave_connections", "encryption=\"\",state=\"" + state + "\",type=\"" + type + "\"", count);
            sample("weave_connections", "encryption=\"yes\",state=\"" + state + "\",type=\"" + type + "\"", 0);
        });
        gauge(
                "weave_peers",
                "Number of peers, ourselves included.",
                status.peers().size() + 1L);
    }

    private void router(RouterCounters counters) {
        gauge("weave_networks", "Number of networks on this host.", counters.networks());
        gauge("weave_endpoints", "Number of endpoints on this host.", counters.endpoints());
        gauge("weave_known_endpoints", "Number of endpoints on all hosts.", counters.knownEndpoints());
        counter(
                "weave_kernel_repairs_total",
                "Number of times the kernel's state was found changed by somebody else and was repaired.",
                counters.kernelRepairs());
        counter("weave_kernel_failures_total", "Number of changes the kernel refused.", counters.kernelFailures());
    }

    private void traffic(
            String unit,
            String what,
            List<Traffic> traffic,
            ToLongFunction<Traffic> received,
            ToLongFunction<Traffic> sent) {
        String name = "weave_network_" + unit + "_total";
        head(name, "counter", what + " between this host and others, by network.");
        for (Traffic network : traffic) {
            String label = ",network=\"" + network.network() + "\"";
            sample(name, "direction=\"received\"" + label, received.applyAsLong(network));
            sample(name, "direction=\"sent\"" + label, sent.applyAsLong(network));
        }
    }

    private void notes(RouterNotes notes) {
        head("weave_firewall_dropped_packets_total", "counter", "Packets the firewall dropped, by reason.");
        notes.dropped()
                .forEach((reason, packets) ->
                        sample("weave_firewall_dropped_packets_total", "reason=\"" + escaped(reason) + "\"", packets));
        counter(
                "weave_firewall_repairs_total",
                "Number of times our firewall table was found changed by somebody else and was restored.",
                notes.firewallRepairs());
        head("weave_path_mtu_bytes", "gauge", "Largest packet that reaches a peer, in bytes of IP.");
        new TreeMap<>(notes.pathMtus())
                .forEach((peer, bytes) -> sample("weave_path_mtu_bytes", "peer=\"" + peer + "\"", bytes));
        gauge(
                "weave_unsuitable_paths",
                "Number of peers whose path does not carry the overlay's largest packets.",
                notes.paths().size());
    }

    private void ipam(IpamStatus status, RouterStatus router) {
        head("weave_ips", "gauge", "Number of IP addresses.");
        sample("weave_ips", "state=\"local-used\"", ReportText.active(status, router));
        head("weave_max_ips", "gauge", "Size of IP address space used by allocator.");
        sample("weave_max_ips", "", BigInteger.TWO.pow(status.universe().hostBits()));
        Set<PeerName> reachable =
                StatusText.everybody(router).stream().map(PeerDescription::name).collect(Collectors.toSet());
        List<Share> unreachable = status.pools().stream()
                .filter(pool -> pool.pool().equals(status.universe()))
                .flatMap(pool -> pool.shares().stream())
                .filter(share -> !reachable.contains(share.peer()))
                .toList();
        gauge(
                "weave_ipam_unreachable_count",
                "Number of peers that own addresses but are unreachable.",
                unreachable.size());
        gauge("weave_ipam_pending_allocates", "Number of requests for addresses that wait.", status.pending());
        gauge(
                "weave_ipam_conflicts",
                "Number of disagreements about addresses.",
                status.conflicts().size());
        double addresses = unreachable.stream().mapToDouble(Share::addresses).sum();
        head(
                "weave_ipam_unreachable_percentage",
                "gauge",
                "Percentage of all IP addresses owned by unreachable peers.");
        sample(
                "weave_ipam_unreachable_percentage",
                "",
                100 * addresses / Math.pow(2, status.universe().hostBits()));
    }

    private void plugin(PluginStatus status) {
        head("weave_plugin_calls_total", "counter", "Calls by Docker, by method and result.");
        for (CallStatus call : status.calls()) {
            String method = "method=\"" + escaped(call.method()) + "\"";
            sample("weave_plugin_calls_total", method + ",result=\"failure\"", call.failures());
            sample("weave_plugin_calls_total", method + ",result=\"success\"", call.calls() - call.failures());
        }
        head("weave_plugin_call_seconds", "summary", "Time from Docker's call to our answer.");
        for (CallStatus call : status.calls()) {
            String method = "method=\"" + escaped(call.method()) + "\"";
            sample("weave_plugin_call_seconds", method + ",quantile=\"0.5\"", call.medianMicros() / MICROS_PER_SECOND);
            sample("weave_plugin_call_seconds", method + ",quantile=\"0.99\"", call.p99Micros() / MICROS_PER_SECOND);
            sample("weave_plugin_call_seconds_sum", method, call.totalMicros() / MICROS_PER_SECOND);
            sample("weave_plugin_call_seconds_count", method, call.calls());
        }
    }

    private void gauge(String name, String help, long value) {
        head(name, "gauge", help);
        sample(name, "", value);
    }

    private void counter(String name, String help, long value) {
        head(name, "counter", help);
        sample(name, "", value);
    }

    private void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String labels, Number value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(value).append('\n');
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
