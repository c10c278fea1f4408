package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The few calls of Docker's API that a watcher makes, about containers a test makes up. */
final class FakeDocker {

    private final Map<String, JsonObject> containers = new ConcurrentSkipListMap<>();
    private final Map<String, JsonObject> networks = new ConcurrentSkipListMap<>();
    private final List<HttpServerResponse> listeners = new CopyOnWriteArrayList<>();
    private final List<String> started = new CopyOnWriteArrayList<>();

    static Future<FakeDocker> start(Vertx vertx, Path socket) {
        FakeDocker docker = new FakeDocker();
        return vertx.createHttpServer()
                .requestHandler(docker::answer)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .map(docker);
    }

    /** A container runs, or runs otherwise, with these endpoints in the network {@code weave}. */
    void run(String id, String name, String... endpoints) {
        JsonObject networks = new JsonObject();
        for (String endpoint : endpoints) {
            networks.put(
                    "in-" + endpoint, new JsonObject().put("NetworkID", "weave").put("EndpointID", endpoint));
        }
        containers.put(
                id,
                new JsonObject()
                        .put("Id", id)
                        .put("Name", "/" + name)
                        .put("State", new JsonObject().put("Running", true).put("Pid", 4711))
                        .put("Config", new JsonObject().put("Hostname", name).put("Domainname", ""))
                        .put("NetworkSettings", new JsonObject().put("Networks", networks)));
    }

    /** A container that Docker tried to start, once. */
    void fail(String id, String error, String restartPolicy) {
        JsonObject policy = new JsonObject().put("Name", restartPolicy);
        containers.put(
                id,
                new JsonObject()
                        .put("Id", id)
                        .put("Name", "/" + id)
                        .put("State", new JsonObject().put("Status", "exited").put("Error", error))
                        .put("HostConfig", new JsonObject().put("RestartPolicy", policy)));
    }

    /** Somebody makes a network by hand; its identifier is its name. */
    void makeNetwork(String name, String driver, String subnet) {
        networks.put(name, network(name, driver, subnet).put("Labels", new JsonObject()));
    }

    /** A container comes into a network of those made by calls, or by hand. */
    void use(String network, String container) {
        Objects.requireNonNull(networks.get(network))
                .put("Containers", new JsonObject().put(container, new JsonObject().put("Name", container)));
    }

    void leave(String network) {
        Objects.requireNonNull(networks.get(network)).put("Containers", new JsonObject());
    }

    JsonObject network(String name) {
        return networks.getOrDefault(name, new JsonObject());
    }

    private static JsonObject network(String name, String driver, String subnet) {
        JsonArray pools = new JsonArray().add(new JsonObject().put("Subnet", subnet));
        return new JsonObject()
                .put("Id", name)
                .put("Name", name)
                .put("Driver", driver)
                .put("IPAM", new JsonObject().put("Config", pools))
                .putNull("Options");
    }

    private void create(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            JsonObject asked = body.toJsonObject();
            networks.put(asked.getString("Name"), asked.put("Id", asked.getString("Name")));
            request.response().setStatusCode(201).end("{}");
        });
    }

    private void network(HttpServerRequest request, String id) {
        JsonObject network = networks.get(id);
        if (network == null) {
            request.response().setStatusCode(404).end("{\"message\":\"not found\"}");
        } else if (request.method().equals(HttpMethod.DELETE)) {
            networks.remove(id);
            request.response().setStatusCode(204).end();
        } else {
            request.response().end(network.encode());
        }
    }

    /** Those somebody started by their identifiers. */
    List<String> started() {
        return started;
    }

    void sicken(String id) {
        JsonObject container = Objects.requireNonNull(containers.get(id)).copy();
        container.getJsonObject("State").put("Health", new JsonObject().put("Status", "unhealthy"));
        containers.put(id, container);
    }

    void stop(String id) {
        JsonObject container = Objects.requireNonNull(containers.get(id)).copy();
        container.put("State", new JsonObject().put("Running", false).put("Pid", 0));
        containers.put(id, container);
    }

    void useHostNetwork(String id) {
        JsonObject container = Objects.requireNonNull(containers.get(id)).copy();
        containers.put(id, container.put("HostConfig", new JsonObject().put("NetworkMode", "host")));
    }

    void remove(String id) {
        containers.remove(id);
    }

    boolean isListenedTo() {
        return !listeners.isEmpty();
    }

    void tell(String type, String action, String container) {
        JsonObject actor = type.equals("network")
                ? new JsonObject().put("ID", "weave").put("Attributes", new JsonObject().put("container", container))
                : new JsonObject().put("ID", container);
        String line = new JsonObject()
                        .put("Type", type)
                        .put("Action", action)
                        .put("Actor", actor)
                        .encode() + "\n";
        listeners.forEach(listener -> listener.write(line));
    }

    /** Ends all event streams. */
    void hangUp() {
        listeners.forEach(HttpServerResponse::end);
        listeners.clear();
    }

    private void answer(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        switch (path) {
            case "/version" -> request.response().end("{\"Version\":\"20.10.24\"}");
            case "/events" -> {
                request.response().setChunked(true).write("\n");
                listeners.add(request.response());
            }
            case "/containers/json" -> request.response().end(new JsonArray(List.copyOf(containers.values())).encode());
            case "/networks/weave" -> request.response().end("{\"Driver\":\"weavemesh\"}");
            case "/networks/docker_gwbridge" ->
                request.response().end("{\"Containers\":{\"c1\":{\"IPv4Address\":\"172.18.0.2/16\"}}}");
            case "/networks" -> request.response().end(new JsonArray(List.copyOf(networks.values())).encode());
            case "/networks/create" -> create(request);
            default -> {
                if (path.startsWith("/networks/")) {
                    network(request, path.substring("/networks/".length()));
                    return;
                }
                if (path.endsWith("/start")) {
                    started.add(path.replace("/containers/", "").replace("/start", ""));
                    request.response().setStatusCode(204).end();
                    return;
                }
                String reference = path.replace("/containers/", "").replace("/json", "");
                containers.values().stream()
                        .filter(container -> container.getString("Id").equals(reference)
                                || container.getString("Name").equals("/" + reference))
                        .findFirst()
                        .ifPresentOrElse(
                                container -> request.response().end(container.encode()),
                                () -> request.response().setStatusCode(404).end("{\"message\":\"not found\"}"));
            }
        }
    }
}
