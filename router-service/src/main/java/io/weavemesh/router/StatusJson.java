package io.weavemesh.router;

import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.RouterReply.RouterStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The status pages as JSON, for programs: {@link StatusText} page by page, under the keys of the report ({@link ReportText}).
 * Keys are only ever added.
 */
public final class StatusJson {

    private StatusJson() {}

    /** {@code /status}. */
    public static String summary(StatusView view, RouterNotes notes) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("Ready", view.ready());
        page.put("Version", view.router().self().version());
        page.put("Router", router(view.router()));
        page.put("Dropped", notes.dropped());
        page.put("Warnings", notes.warnings());
        page.put("IPAM", service(view.ipam(), StatusJson::ipam));
        page.put("DNS", service(view.dns(), StatusJson::dns));
        page.put("Plugin", service(view.plugin(), ReportText::plugin));
        return JsonText.of(page);
    }

    /** {@code /status/peers}. */
    public static String peers(RouterStatus status) {
        return page(
                "Peers",
                StatusText.everybody(status).stream()
                        .map(peer -> ReportText.peer(peer, status))
                        .toList());
    }

    /** {@code /status/connections}. */
    public static String connections(RouterStatus status) {
        return page(
                "Connections",
                status.connections().stream().map(ReportText::connection).toList());
    }

    /** {@code /status/targets}. */
    public static String targets(RouterStatus status) {
        return page("Targets", status.targets());
    }

    /** {@code /status/dns}. */
    public static String names(List<Name> names) {
        return page("Entries", names.stream().map(ReportText::name).toList());
    }

    /** {@code /status/ipam}. */
    public static String ipam(IpamStatus status, RouterStatus router) {
        return JsonText.of(ReportText.ipam(status, router));
    }

    /** {@code weave ps}. */
    public static String containers(RouterStatus router, List<Exposure> exposures, PluginStatus plugin) {
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("Mac", OverlayPlan.bridgeMac(router.self().name()).toString());
        host.put(
                "Addresses",
                exposures.stream()
                        .map(exposure -> exposure.address().toString())
                        .toList());
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("Expose", host);
        page.put(
                "Containers",
                plugin.containers().stream().map(StatusJson::container).toList());
        return JsonText.of(page);
    }

    /** What a service that is down says in place of a page. */
    public static String unavailable(String reason) {
        return page("Unavailable", reason);
    }

    private static Map<String, Object> router(RouterStatus status) {
        Map<String, Object> router = new LinkedHashMap<>();
        router.put("Name", status.self().name().toString());
        router.put("NickName", status.self().nickname());
        router.put("Vtep", status.self().vtep().toString());
        router.put("Mtu", status.self().mtu());
        router.put("Targets", status.targets().size());
        Map<String, Object> connections = new LinkedHashMap<>();
        for (String state : StatusText.STATES) {
            long count = status.connections().stream()
                    .filter(connection -> connection.state().equals(state))
                    .count();
            connections.put(state, count);
        }
        router.put("Connections", connections);
        router.put("Peers", status.peers().size() + 1);
        return router;
    }

    private static Map<String, Object> ipam(IpamStatus status) {
        Map<String, Object> ipam = new LinkedHashMap<>();
        ipam.put("State", status.state());
        ipam.put("Range", status.universe().toString());
        ipam.put("DefaultSubnet", status.defaultSubnet().toString());
        return ipam;
    }

    private static Map<String, Object> dns(DnsStatus status) {
        Map<String, Object> dns = new LinkedHashMap<>();
        dns.put("Domain", status.domain().toString());
        dns.put("Addresses", status.listening());
        dns.put("Problems", status.problems());
        dns.put("Upstream", status.upstream());
        dns.put("TTL", status.ttlSeconds());
        dns.put("Entries", status.entries());
        return dns;
    }

    private static Map<String, Object> container(AttachedContainer container) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("ContainerID", container.container().value());
        object.put("Name", container.name());
        object.put("Endpoint", container.endpoint().value());
        object.put("Mac", container.mac().toString());
        object.put(
                "Addresses",
                container.addresses().stream().map(Object::toString).toList());
        return object;
    }

    private static <T> Map<String, Object> service(
            ServiceAnswer<T> answer, Function<T, Map<String, Object>> description) {
        return switch (answer) {
            case ServiceAnswer.Up<T>(T status) -> description.apply(status);
            case ServiceAnswer.Down<T>(String reason) -> Map.of("Unavailable", reason);
        };
    }

    private static String page(String key, Object value) {
        return JsonText.of(Map.of(key, value));
    }
}
