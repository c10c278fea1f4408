package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.plugin.Network;
import io.weavemesh.plugin.NetworkDriver;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the driver {@code weave} the networks of global scope that any engine of the cluster made, since Docker has no event
 * for those of others: at the start and every ten seconds. Runs on the plugin's context, never within a call of Docker's.
 */
final class GlobalNetworks {

    private static final Logger LOG = LoggerFactory.getLogger(GlobalNetworks.class);

    /** One request on a unix socket; whoever types the next command on another host is rarely quicker. */
    private static final long PERIOD_MILLIS = 10_000;

    private static final String LIST = "/networks?filters="
            + URLEncoder.encode("{\"driver\":[\"weave\"],\"scope\":[\"global\"]}", StandardCharsets.UTF_8);

    private final Vertx vertx;
    private final DockerClient docker;
    private final NetworkDriver driver;
    private final StepRunner runner;
    private boolean failing;

    GlobalNetworks(Vertx vertx, DockerClient docker, NetworkDriver driver, StepRunner runner) {
        this.vertx = vertx;
        this.docker = docker;
        this.driver = driver;
        this.runner = runner;
    }

    void start() {
        look();
        vertx.setPeriodic(PERIOD_MILLIS, timer -> look());
    }

    private void look() {
        docker.get(LIST)
                .compose(listed -> listed.ok()
                        ? runner.run("LearnNetworks", () -> driver.learn(networks((JsonArray) listed.json())))
                        : Future.failedFuture("docker does not list networks: " + listed.json()))
                .onComplete(done -> {
                    if (done.failed() && !failing) {
                        LOG.info(
                                "Networks of global scope could not be looked at; trying again. reason=\"{}\"",
                                done.cause().getMessage());
                    }
                    failing = done.failed();
                });
    }

    /** Those whose options are ours. */
    static List<Network> networks(JsonArray listed) {
        List<Network> networks = new ArrayList<>();
        for (Object one : listed) {
            network((JsonObject) one).ifPresent(networks::add);
        }
        return networks;
    }

    private static Optional<Network> network(JsonObject json) {
        try {
            Map<String, String> options = new HashMap<>();
            Optional.ofNullable(json.getJsonObject("Options"))
                    .ifPresent(given ->
                            given.forEach(option -> options.put(option.getKey(), String.valueOf(option.getValue()))));
            List<Cidr> subnets =
                    Optional.ofNullable(json.getJsonObject("IPAM")).map(ipam -> ipam.getJsonArray("Config")).stream()
                            .flatMap(JsonArray::stream)
                            .map(JsonObject.class::cast)
                            .flatMap(pool -> Stream.ofNullable(pool.getString("Subnet")))
                            .map(Cidr::parse)
                            .map(Cidr::subnet)
                            .toList();
            return Optional.of(NetworkDriver.shown(NetworkId.parse(json.getString("Id")), subnets, options));
        } catch (IllegalArgumentException e) {
            LOG.debug("A network of global scope is none of ours. network={} reason=\"{}\"", json, e.getMessage());
            return Optional.empty();
        }
    }
}
