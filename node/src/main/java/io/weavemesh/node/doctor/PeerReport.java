package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The parts of {@code /report} the checks need. */
record PeerReport(
        boolean ready,
        String version,
        String name,
        String nickname,
        String vtep,
        int mtu,
        List<Peer> peers,
        List<Connection> connections,
        List<Network> networks,
        List<String> endpoints,
        Optional<Dns> dns,
        List<String> warnings) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    record Peer(String name, String nickname, String vtep, String version) {}

    record Connection(String address, String state, String info) {}

    /** Where names are answered, such as {@code 172.17.0.1:53}, and for which domain. */
    record Dns(String address, String domain) {}

    record Network(String subnet, String bridge, String tunnel) {}

    /** @throws IllegalArgumentException if it is no report */
    static PeerReport parse(String json) {
        try {
            JsonNode report = MAPPER.readTree(json);
            JsonNode router = report.path("Router");
            return new PeerReport(
                    report.path("Ready").asBoolean(false),
                    text(report, "Version"),
                    text(router, "Name"),
                    text(router, "NickName"),
                    text(router, "Vtep"),
                    router.path("Mtu").asInt(0),
                    each(router.path("Peers"), PeerReport::peer),
                    each(
                            router.path("Connections"),
                            node -> new Connection(text(node, "Address"), text(node, "State"), text(node, "Info"))),
                    each(
                            router.path("Networks"),
                            node -> new Network(text(node, "Subnet"), text(node, "Bridge"), text(node, "Tunnel"))),
                    each(router.path("Endpoints"), node -> text(node, "Endpoint")),
                    dns(report.path("DNS")),
                    each(router.path("Warnings"), node -> node.asString("")));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the report cannot be read: " + e.getMessage(), e);
        }
    }

    private static Peer peer(JsonNode node) {
        return new Peer(text(node, "Name"), text(node, "NickName"), text(node, "Vtep"), text(node, "Version"));
    }

    private static Optional<Dns> dns(JsonNode node) {
        return Optional.of(new Dns(text(node, "Address"), text(node, "Domain")))
                .filter(dns -> !dns.address().isEmpty());
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asString("");
    }

    private static <T> List<T> each(JsonNode array, Function<JsonNode, T> reader) {
        List<T> all = new ArrayList<>();
        array.forEach(node -> all.add(reader.apply(node)));
        return List.copyOf(all);
    }
}
