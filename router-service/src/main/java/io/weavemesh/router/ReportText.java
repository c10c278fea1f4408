package io.weavemesh.router;

import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolStatus;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.RouterReply.RouterStatus;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /report}: everything the status pages know as JSON, under the forerunner's keys where we have the thing, and under
 * ours where it had none. A service that is down is left out, as one that was switched off was.
 */
public final class ReportText {

    private ReportText() {}

    /** The report as text. */
    public static String of(Map<String, ?> report) {
        return JsonText.of(report);
    }

    /** The report; {@code names} are those name service knows, {@code endpoints} those of this host. */
    public static Map<String, Object> of(
            StatusView view, RouterNotes notes, List<Name> names, List<Segment> segments, List<EndpointRow> endpoints) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("Ready", view.ready());
        report.put("Version", view.router().self().version());
        report.put("VersionCheck", Map.of("Enabled", false));
        report.put("Router", router(view.router(), notes, segments, endpoints));
        view.ipam().known().ifPresent(status -> report.put("IPAM", ipam(status, view.router())));
        view.dns().known().ifPresent(status -> report.put("DNS", dns(status, names)));
        view.plugin().known().ifPresent(status -> report.put("Plugin", plugin(status)));
        return report;
    }

    private static Map<String, Object> router(
            RouterStatus status, RouterNotes notes, List<Segment> segments, List<EndpointRow> endpoints) {
        Map<String, Object> router = new LinkedHashMap<>();
        router.put("Protocol", "weave");
        router.put("ProtocolMinVersion", Protocol.VERSION);
        router.put("ProtocolMaxVersion", Protocol.VERSION);
        router.put("Encryption", false);
        router.put("PeerDiscovery", status.discovery());
        router.put("Name", status.self().name().toString());
        router.put("NickName", status.self().nickname());
        router.put("Port", status.self().controlPort());
        router.put("Interface", Segment.DEFAULT_BRIDGE);
        router.put("Mtu", status.self().mtu());
        router.put("Vtep", status.self().vtep().toString());
        router.put(
                "Peers",
                StatusText.everybody(status).stream()
                        .map(peer -> peer(peer, status))
                        .toList());
        router.put(
                "Connections",
                status.connections().stream().map(ReportText::connection).toList());
        router.put("Targets", status.targets());
        router.put("TrustedSubnets", List.of());
        router.put("Warnings", notes.warnings());
        router.put("Networks", segments.stream().map(ReportText::segment).toList());
        router.put("Endpoints", endpoints.stream().map(ReportText::endpoint).toList());
        return router;
    }

    static Map<String, Object> peer(PeerDescription peer, RouterStatus status) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Name", peer.name().toString());
        object.put("NickName", peer.nickname());
        object.put("Version", peer.version());
        object.put("Vtep", peer.vtep().toString());
        object.put("Mtu", peer.mtu());
        object.put(
                "Connections",
                StatusText.everybody(status).stream()
                        .filter(other -> !other.name().equals(peer.name()))
                        .map(other -> link(peer, other, status))
                        .toList());
        return object;
    }

    /** As one peer sees another; of connections that are not ours nobody knows who began them. */
    private static Map<String, Object> link(PeerDescription from, PeerDescription to, RouterStatus status) {
        boolean ours = from.name().equals(status.self().name());
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Name", to.name().toString());
        object.put("NickName", to.nickname());
        object.put("Address", new ListenAddress(to.vtep(), to.controlPort()).toString());
        object.put(
                "Outbound",
                ours
                        && status.connections().stream()
                                .anyMatch(connection -> connection.outbound()
                                        && connection.peer().equals(Optional.of(to))));
        object.put(
                "Established",
                StatusText.state(StatusText.byPeer(status), from, to).equals("established"));
        return object;
    }

    static Map<String, Object> connection(Connection connection) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Address", connection.address());
        object.put("Outbound", connection.outbound());
        object.put("State", connection.state());
        object.put("Info", connection.info());
        Map<String, Object> attributes = new LinkedHashMap<>();
        connection.peer().ifPresent(peer -> {
            attributes.put("name", "vxlan");
            attributes.put("mtu", peer.mtu());
            attributes.put("peer", peer.label());
        });
        object.put("Attrs", attributes);
        return object;
    }

    private static Map<String, Object> segment(Segment segment) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Subnet", segment.subnet().toString());
        object.put("VNI", segment.vni());
        object.put("Bridge", segment.bridge());
        object.put("Tunnel", segment.tunnel());
        return object;
    }

    private static Map<String, Object> endpoint(EndpointRow row) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Subnet", row.subnet().toString());
        object.put("Endpoint", row.endpoint().value());
        object.put("Mac", row.mac().toString());
        object.put(
                "Addresses", row.addresses().stream().map(IpAddress::toString).toList());
        return object;
    }

    static Map<String, Object> ipam(IpamStatus status, RouterStatus router) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("State", status.state());
        object.put("Range", status.universe().toString());
        object.put("RangeNumIPs", BigInteger.TWO.pow(status.universe().hostBits()));
        object.put("ActiveIPs", active(status, router));
        object.put("DefaultSubnet", status.defaultSubnet().toString());
        status.pools().stream()
                .filter(pool -> pool.pool().equals(status.universe()))
                .findFirst()
                .ifPresent(pool -> object.put("Entries", entries(pool, router)));
        object.put("Pending", status.pending());
        object.put("Conflicts", status.conflicts());
        object.put(
                "Pools", status.pools().stream().map(pool -> pool(pool, router)).toList());
        return object;
    }

    private static Map<String, Object> pool(PoolStatus pool, RouterStatus router) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Pool", pool.pool().toString());
        object.put("Entries", entries(pool, router));
        return object;
    }

    private static List<Map<String, Object>> entries(PoolStatus pool, RouterStatus router) {
        return pool.shares().stream().map(share -> share(share, router)).toList();
    }

    private static Map<String, Object> share(Share share, RouterStatus router) {
        Optional<PeerDescription> peer = StatusText.everybody(router).stream()
                .filter(known -> known.name().equals(share.peer()))
                .findFirst();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Peer", share.peer().toString());
        object.put("Nickname", peer.map(PeerDescription::nickname).orElse(""));
        object.put("IsKnownPeer", peer.isPresent());
        object.put("Size", share.addresses());
        return object;
    }

    static long active(IpamStatus status, RouterStatus router) {
        return status.pools().stream()
                .flatMap(pool -> pool.shares().stream())
                .filter(share -> share.peer().equals(router.self().name()))
                .mapToLong(share -> share.active().orElse(0L))
                .sum();
    }

    private static Map<String, Object> dns(DnsStatus status, List<Name> names) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Domain", status.domain().toString());
        object.put("Upstream", status.upstream());
        object.put("Address", status.listening().stream().findFirst());
        object.put("TTL", status.ttlSeconds());
        object.put("Entries", names.stream().map(ReportText::name).toList());
        return object;
    }

    static Map<String, Object> name(Name name) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("Hostname", name.row().name().toString());
        object.put("Origin", name.origin().toString());
        object.put("ContainerID", name.row().container().value());
        object.put("Address", name.row().address().toString());
        object.put("Tombstone", 0); // The forerunner also listed what it had removed a while ago.
        object.put("Healthy", name.row().healthy());
        object.put(
                "Ports", name.row().ports().stream().map(ExposedPort::toString).toList());
        return object;
    }

    static Map<String, Object> plugin(PluginStatus status) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("DriverName", status.drivers().contains("weave") ? "weave" : "");
        object.put("MeshDriverName", status.drivers().contains("weavemesh") ? "weavemesh" : "");
        object.put("Docker", status.docker());
        object.put("DefaultNetwork", status.defaultNetwork());
        object.put("Containers", status.containers().size());
        return object;
    }
}
