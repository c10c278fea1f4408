package io.weavemesh.node;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Docker's networks of our drivers, seen from the command line: who is in them, and an end to them. Docker calls the drivers
 * meanwhile, so something must answer there: the peer, or a {@link StandInPlugin}. Blocks, each call for a bounded time.
 */
final class DockerNetworks {

    private static final List<String> DRIVERS = List.of("weavemesh", "weave");

    private final DockerApi docker;

    DockerNetworks(DockerApi docker) {
        this.docker = docker;
    }

    /**
     * Takes every container out of them and removes them.
     *
     * @param done is told what was done, a line for each
     * @param next is told what is done next
     */
    void remove(Consumer<String> done, Consumer<String> next) throws InterruptedException {
        next.accept("asking Docker for its networks");
        for (Object listed : new JsonArray(docker.ask(HttpMethod.GET, "/networks", ""))) {
            JsonObject network = (JsonObject) listed;
            if (DRIVERS.contains(network.getString("Driver"))) {
                String id = network.getString("Id");
                JsonObject shown = new JsonObject(docker.ask(HttpMethod.GET, "/networks/" + id, ""));
                JsonObject containers = shown.getJsonObject("Containers");
                for (String container : containers == null ? List.<String>of() : List.copyOf(containers.fieldNames())) {
                    String name = containers.getJsonObject(container).getString("Name", container);
                    next.accept("taking container " + name + " out of network " + network.getString("Name"));
                    docker.ask(
                            HttpMethod.POST,
                            "/networks/" + id + "/disconnect",
                            new JsonObject()
                                    .put("Container", reference(container, name))
                                    .put("Force", true)
                                    .encode());
                    done.accept("container " + name + " is out of network " + network.getString("Name"));
                }
                next.accept("removing network " + network.getString("Name"));
                docker.ask(HttpMethod.DELETE, "/networks/" + id, "");
                done.accept("network " + network.getString("Name") + " is removed");
            }
        }
    }

    /** The networks that running containers are in, by name, with those containers' names; empty if there are none. */
    Map<String, List<String>> users() throws InterruptedException {
        Map<String, List<String>> users = new TreeMap<>();
        for (Object listed : new JsonArray(docker.ask(HttpMethod.GET, "/networks", ""))) {
            JsonObject network = (JsonObject) listed;
            if (DRIVERS.contains(network.getString("Driver"))) {
                JsonObject shown =
                        new JsonObject(docker.ask(HttpMethod.GET, "/networks/" + network.getString("Id"), ""));
                JsonObject containers = shown.getJsonObject("Containers");
                if (containers != null && !containers.isEmpty()) {
                    users.put(
                            network.getString("Name"),
                            containers.fieldNames().stream()
                                    .map(id -> containers.getJsonObject(id).getString("Name", id))
                                    .sorted()
                                    .toList());
                }
            }
        }
        return users;
    }

    /** An endpoint whose container is gone is listed by its own id, and Docker finds it by the container's name only. */
    private static String reference(String listed, String name) {
        return listed.startsWith("ep-") ? name : listed;
    }
}
