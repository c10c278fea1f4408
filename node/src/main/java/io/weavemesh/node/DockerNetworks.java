package io.weavemesh.node;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Docker's networks of our drivers, seen from the command line: who is in them, and an end to them. Docker calls the drivers
 * meanwhile, so something must answer there: the peer, or a {@link StandInPlugin}. Blocks, each call for a bounded time.
 */
final class DockerNetworks {

    private static final List<String> DRIVERS = List.of("weavemesh", "weave");

    /** Begins what Docker lists an endpoint by if no container of its own is in it; the endpoint's identifier follows. */
    private static final String NO_CONTAINER_HERE = "ep-";

    private final DockerApi docker;

    DockerNetworks(DockerApi docker) {
        this.docker = docker;
    }

    /**
     * Takes every container of this host out of them and removes them. One of global scope belongs to all engines, and stays.
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
                Map<String, String> containers = containers(shown);
                for (String container : containers.keySet()) {
                    String name = containers.getOrDefault(container, container);
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
                if (isGlobal(shown)) {
                    done.accept("network " + network.getString("Name") + " stays, it belongs to all engines");
                    continue;
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
                Map<String, String> containers = containers(shown);
                if (!containers.isEmpty()) {
                    users.put(
                            network.getString("Name"),
                            containers.values().stream().sorted().toList());
                }
            }
        }
        return users;
    }

    /** The names of this host's containers in a network, by what Docker lists them by; a global one has those of all hosts. */
    static Map<String, String> containers(JsonObject shown) {
        Map<String, String> names = new TreeMap<>();
        Optional.ofNullable(shown.getJsonObject("Containers"))
                .ifPresent(all -> all.fieldNames().stream()
                        .filter(listed -> !isGlobal(shown) || !listed.startsWith(NO_CONTAINER_HERE))
                        .forEach(listed ->
                                names.put(listed, all.getJsonObject(listed).getString("Name", listed))));
        return names;
    }

    private static boolean isGlobal(JsonObject shown) {
        return "global".equals(shown.getString("Scope"));
    }

    /** An endpoint whose container is gone is listed by its own id, and Docker finds it by the container's name only. */
    private static String reference(String listed, String name) {
        return listed.startsWith(NO_CONTAINER_HERE) ? name : listed;
    }
}
