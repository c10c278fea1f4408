package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The containers of a peer that runs as four of them, by the names that {@code docker-compose.yml} gives. Blocks. */
final class ServiceContainers {

    /** In which they are stopped: plugin-service removes Docker's network 'weave' at its end, and needs the others for it. */
    private static final List<String> NAMES = Stream.of(Service.PLUGIN, Service.DNS, Service.IPAM, Service.ROUTER)
            .map(service -> "/weave-" + service.label())
            .toList();

    /** Ten seconds, as {@code stop_grace_period} there says. */
    private static final String STOP = "/stop?t=10";

    private ServiceContainers() {}

    /** The names of those that run, in the order in which they are stopped; none where Docker does not. */
    static List<String> running() throws InterruptedException {
        return listed("/containers/json");
    }

    /** The same with those that do not run. */
    static List<String> all() throws InterruptedException {
        return listed("/containers/json?all=1");
    }

    private static List<String> listed(String query) throws InterruptedException {
        Path socket = DockerSocket.fromEnvironment(System.getenv());
        if (!Preflight.dockerRuns(socket)) {
            return List.of();
        }
        Vertx vertx = Vertx.vertx();
        try {
            return new JsonArray(new DockerApi(vertx, socket).ask(HttpMethod.GET, query, ""))
                    .stream()
                            .map(JsonObject.class::cast)
                            .flatMap(container -> container.getJsonArray("Names").stream())
                            .map(String::valueOf)
                            .filter(NAMES::contains)
                            .sorted(Comparator.comparingInt(NAMES::indexOf))
                            .map(name -> name.substring(1))
                            .toList();
        } finally {
            vertx.close();
        }
    }

    /** Stops them; with {@code restart: always} they come back when Docker starts again. */
    static void stop(List<String> names, Consumer<String> stopped) throws InterruptedException {
        each(names, (docker, name) -> {
            docker.ask(HttpMethod.POST, "/containers/" + name + STOP, "");
            stopped.accept(name);
        });
    }

    /** Stops and removes them. */
    static void remove(List<String> names) throws InterruptedException {
        each(names, (docker, name) -> {
            docker.ask(HttpMethod.POST, "/containers/" + name + STOP, "");
            docker.ask(HttpMethod.DELETE, "/containers/" + name + "?force=true", "");
        });
    }

    @FunctionalInterface
    private interface Action {
        void on(DockerApi docker, String name) throws InterruptedException;
    }

    private static void each(List<String> names, Action action) throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            DockerApi docker = new DockerApi(vertx, DockerSocket.fromEnvironment(System.getenv()));
            for (String name : names) {
                action.on(docker, name);
            }
        } finally {
            vertx.close();
        }
    }
}
