package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Cidr;
import io.weavemesh.plugin.IpamDriver;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network {@code weave}, which is there without being asked for. */
final class DefaultNetwork {

    static final String NAME = "weave";

    private static final Logger LOG = LoggerFactory.getLogger(DefaultNetwork.class);

    private static final String DRIVER = "weavemesh";
    private static final int NOT_FOUND = 404;

    private final DockerClient docker;
    private final Cidr subnet;
    private boolean present;
    private Optional<Future<Void>> ensuring = Optional.empty();

    DefaultNetwork(DockerClient docker, Cidr subnet) {
        this.docker = docker;
        this.subnet = subnet;
    }

    boolean present() {
        return present;
    }

    /**
     * Creates it unless it is there. dockerd calls our sockets while it does that. Callers share one attempt: dockerd does
     * not notice that two requests at once have the same name, and makes two networks.
     */
    Future<Void> ensure() {
        if (ensuring.isEmpty()) {
            Future<Void> attempt = findOrCreate();
            if (!attempt.isComplete()) {
                ensuring = Optional.of(attempt.onComplete(ended -> ensuring = Optional.empty()));
            }
            return attempt;
        }
        return ensuring.get();
    }

    private Future<Void> findOrCreate() {
        return docker.get("/networks/" + NAME).compose(found -> {
            if (found.status() == NOT_FOUND) {
                return create();
            }
            if (!found.ok()) {
                return Future.failedFuture("docker does not show network " + NAME + ": " + found.json());
            }
            String driver = ((JsonObject) found.json()).getString("Driver", "");
            present = driver.equals(DRIVER) || driver.equals("weave");
            if (!present) {
                LOG.warn(
                        "There is a network of our name with another driver; remove it with 'docker network rm {}'. driver={}",
                        NAME,
                        driver);
            }
            return Future.succeededFuture();
        });
    }

    /** Removes it if nobody uses it; whoever does is named. */
    Future<Void> remove() {
        return docker.get("/networks/" + NAME).compose(found -> {
            if (!found.ok()) {
                return Future.succeededFuture();
            }
            JsonObject users = ((JsonObject) found.json()).getJsonObject("Containers", new JsonObject());
            if (users != null && !users.isEmpty()) {
                LOG.info("Network stays, containers use it. network={} containers={}", NAME, users.fieldNames());
                return Future.succeededFuture();
            }
            present = false;
            return docker.delete("/networks/" + NAME).mapEmpty();
        });
    }

    private Future<Void> create() {
        JsonObject ipam = new JsonObject()
                .put("Driver", DRIVER)
                .put("Config", new JsonArray().add(new JsonObject().put("Subnet", subnet.toString())));
        JsonObject request = new JsonObject()
                .put("Name", NAME)
                .put("CheckDuplicate", true)
                .put("Driver", DRIVER)
                .put("IPAM", ipam)
                .put("Options", new JsonObject().put("works.weave.multicast", "true"));
        return docker.post("/networks/create", request).compose(created -> {
            if (!created.ok()) {
                return Future.failedFuture("docker does not create network " + NAME + " (address space "
                        + IpamDriver.ADDRESS_SPACE + "): " + created.json());
            }
            present = true;
            LOG.info("Created the default network. network={} subnet={}", NAME, subnet);
            return Future.succeededFuture();
        });
    }
}
