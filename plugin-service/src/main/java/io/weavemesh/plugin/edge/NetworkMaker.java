package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.plugin.NetworkPlan;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NewNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at Docker's networks, makes and removes them. A failed future's text is what Docker said, or why it was not asked.
 * Docker calls our driver meanwhile.
 */
final class NetworkMaker {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkMaker.class);

    private static final String DRIVER = "weavemesh";
    private static final int NOT_FOUND = 404;

    private final DockerClient docker;

    NetworkMaker(DockerClient docker) {
        this.docker = docker;
    }

    /** All networks Docker has, of whatever driver. */
    Future<List<Seen>> seen() {
        return docker.get("/networks")
                .recover(cause -> Future.failedFuture("Docker does not answer: " + cause.getMessage()))
                .compose(listed -> listed.ok()
                        ? Future.succeededFuture(((JsonArray) listed.json())
                                .stream()
                                        .map(network -> seen((JsonObject) network))
                                        .toList())
                        : Future.failedFuture("Docker does not list networks: " + message(listed)));
    }

    /** The names of the running containers in a network; none if there is no such network. */
    Future<List<String>> users(String id) {
        return docker.get("/networks/" + id).compose(shown -> {
            if (shown.status() == NOT_FOUND) {
                return Future.succeededFuture(List.of());
            }
            if (!shown.ok()) {
                return Future.failedFuture("Docker does not show the network: " + message(shown));
            }
            JsonObject containers = ((JsonObject) shown.json()).getJsonObject("Containers");
            return Future.succeededFuture(
                    containers == null
                            ? List.of()
                            : containers.stream()
                                    .map(entry -> ((JsonObject) entry.getValue()).getString("Name", entry.getKey()))
                                    .sorted()
                                    .toList());
        });
    }

    Future<Void> create(NetworkDefinition definition) {
        JsonArray pools = new JsonArray();
        definition.subnets().forEach(subnet -> pools.add(new JsonObject().put("Subnet", subnet.toString())));
        boolean ipv6 = definition.subnets().stream()
                .anyMatch(subnet -> !subnet.address().isIpv4());
        JsonObject request = new JsonObject()
                .put("Name", definition.name())
                .put("CheckDuplicate", true)
                .put("Driver", DRIVER)
                .put("EnableIPv6", ipv6)
                .put("IPAM", new JsonObject().put("Driver", DRIVER).put("Config", pools))
                .put("Options", new JsonObject(Map.copyOf(NewNetwork.options(definition.options()))))
                .put("Labels", new JsonObject().put(NetworkPlan.LABEL, Long.toString(definition.version())));
        return docker.post("/networks/create", request).compose(created -> {
            if (!created.ok()) {
                return Future.failedFuture("Docker does not create it: " + message(created));
            }
            LOG.info(
                    "Created a network that is defined for all hosts. network={} subnets={} author={}",
                    definition.name(),
                    definition.subnets(),
                    definition.author());
            return Future.succeededFuture();
        });
    }

    Future<Void> remove(NetworkDefinition definition, String id) {
        return docker.delete("/networks/" + id).compose(removed -> {
            if (!removed.ok() && removed.status() != NOT_FOUND) {
                return Future.failedFuture("Docker does not remove it: " + message(removed));
            }
            LOG.info(
                    "Removed a network that is defined no longer, or otherwise. network={} id={} author={}",
                    definition.name(),
                    id,
                    definition.author());
            return Future.succeededFuture();
        });
    }

    private static Seen seen(JsonObject network) {
        List<Cidr> subnets = new ArrayList<>();
        JsonArray pools = object(network, "IPAM").getJsonArray("Config");
        for (Object pool : pools == null ? List.of() : pools) {
            subnet(((JsonObject) pool).getString("Subnet")).ifPresent(subnets::add);
        }
        List<String> options = object(network, "Options").stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
        return new Seen(
                network.getString("Id"),
                network.getString("Name"),
                network.getString("Driver", ""),
                object(network, "Labels").containsKey(NetworkPlan.LABEL),
                subnets,
                options);
    }

    /** What another driver calls a subnet may be anything. */
    private static Optional<Cidr> subnet(@org.jspecify.annotations.Nullable String text) {
        try {
            return Optional.ofNullable(text).map(Cidr::parse).map(Cidr::subnet);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static JsonObject object(JsonObject json, String field) {
        JsonObject object = json.getJsonObject(field);
        return object == null ? new JsonObject() : object;
    }

    private static String message(DockerClient.Answer answer) {
        return answer.json() instanceof JsonObject error
                ? error.getString("message", error.encode())
                : String.valueOf(answer.json());
    }
}
