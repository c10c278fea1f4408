package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The containers of a peer that runs as four of them, by the names that {@code docker-compose.yml} gives. Blocks. */
final class ServiceContainers {

    private static final List<String> NAMES = Arrays.stream(Service.values())
            .map(service -> "/weave-" + service.label())
            .toList();

    private ServiceContainers() {}

    /** The names of those that run; none where Docker does not. */
    static List<String> running() throws InterruptedException {
        Path socket = DockerSocket.fromEnvironment(System.getenv());
        if (!Preflight.dockerRuns(socket)) {
            return List.of();
        }
        Vertx vertx = Vertx.vertx();
        try {
            return new JsonArray(new DockerApi(vertx, socket).ask(HttpMethod.GET, "/containers/json", ""))
                    .stream()
                            .map(JsonObject.class::cast)
                            .flatMap(container -> container.getJsonArray("Names").stream())
                            .map(String::valueOf)
                            .filter(NAMES::contains)
                            .map(name -> name.substring(1))
                            .sorted()
                            .toList();
        } finally {
            vertx.close();
        }
    }

    /** Stops and removes them: with {@code restart: always} a container that is only stopped comes back with Docker. */
    static void remove(List<String> names) throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            DockerApi docker = new DockerApi(vertx, DockerSocket.fromEnvironment(System.getenv()));
            for (String name : names) {
                docker.ask(HttpMethod.POST, "/containers/" + name + "/stop?t=10", "");
                docker.ask(HttpMethod.DELETE, "/containers/" + name + "?force=true", "");
            }
        } finally {
            vertx.close();
        }
    }
}
