package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Docker's networks of our drivers, seen from the command line: who is in them, and an end to them. Docker calls the drivers
 * meanwhile, so something must answer there: the peer, or a {@link StandInPlugin}. Blocks, each call for a bounded time.
 */
final class DockerNetworks {

    /** Docker may call a driver several times for one request, and waits for each. */
    private static final long CALL_SECONDS = 20;

    private static final List<String> DRIVERS = List.of("weavemesh", "weave");
    private static final int NOT_FOUND = 404;

    private final HttpClient http;
    private final Path socket;

    DockerNetworks(Vertx vertx, Path socket) {
        this.http = vertx.createHttpClient();
        this.socket = socket;
    }

    private record Answer(int status, String body) {}

    /** Takes every container out of them and removes them; what it did, a line for each. */
    List<String> remove() throws InterruptedException {
        List<String> done = new ArrayList<>();
        for (Object listed : new JsonArray(ask(HttpMethod.GET, "/networks", ""))) {
            JsonObject network = (JsonObject) listed;
            if (DRIVERS.contains(network.getString("Driver"))) {
                String id = network.getString("Id");
                JsonObject shown = new JsonObject(ask(HttpMethod.GET, "/networks/" + id, ""));
                JsonObject containers = shown.getJsonObject("Containers");
                for (String container : containers == null ? List.<String>of() : List.copyOf(containers.fieldNames())) {
                    String name = containers.getJsonObject(container).getString("Name", container);
                    ask(
                            HttpMethod.POST,
                            "/networks/" + id + "/disconnect",
                            new JsonObject()
                                    .put("Container", reference(container, name))
                                    .put("Force", true)
                                    .encode());
                    done.add("container " + name + " is out of network " + network.getString("Name"));
                }
                ask(HttpMethod.DELETE, "/networks/" + id, "");
                done.add("network " + network.getString("Name") + " is removed");
            }
        }
        return done;
    }

    /** The networks that running containers are in, by name, with those containers' names; empty if there are none. */
    Map<String, List<String>> users() throws InterruptedException {
        Map<String, List<String>> users = new TreeMap<>();
        for (Object listed : new JsonArray(ask(HttpMethod.GET, "/networks", ""))) {
            JsonObject network = (JsonObject) listed;
            if (DRIVERS.contains(network.getString("Driver"))) {
                JsonObject shown = new JsonObject(ask(HttpMethod.GET, "/networks/" + network.getString("Id"), ""));
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

    private String ask(HttpMethod method, String path, String body) throws InterruptedException {
        String what = "docker " + method.name().toLowerCase(Locale.ROOT) + " " + path;
        try {
            Answer answer = exchange(method, path, body)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(CALL_SECONDS, TimeUnit.SECONDS);
            boolean gone = answer.status() == NOT_FOUND && !method.equals(HttpMethod.GET);
            if (answer.status() / 100 != 2 && !gone) {
                throw new UserError(what + " failed: " + message(answer.body()));
            }
            return answer.body();
        } catch (ExecutionException e) {
            throw new UserError("Docker cannot be asked on " + socket + ": "
                    + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw new UserError(what + " did not end within " + CALL_SECONDS + " s");
        }
    }

    private Future<Answer> exchange(HttpMethod method, String path, String body) {
        RequestOptions options = new RequestOptions()
                .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                .setHost("docker")
                .setPort(80)
                .setMethod(method)
                .setURI(path);
        return http.request(options)
                .compose(request -> body.isEmpty()
                        ? request.send()
                        : request.putHeader("Content-Type", "application/json").send(Buffer.buffer(body)))
                .compose(response -> response.body().map(text -> new Answer(response.statusCode(), text.toString())));
    }

    private static String message(String body) {
        try {
            return new JsonObject(body).getString("message", body).strip();
        } catch (DecodeException e) {
            return body.strip();
        }
    }
}
