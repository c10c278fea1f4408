package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.plugin.FailedStart;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the containers that Docker could not start for want of our driver. Runs on the plugin's context. */
final class FailedStarts {

    private static final Logger LOG = LoggerFactory.getLogger(FailedStarts.class);

    private static final String NOT_RUNNING = "/containers/json?all=true&filters="
            + URLEncoder.encode("{\"status\":[\"exited\",\"created\"]}", StandardCharsets.UTF_8);

    private final DockerClient docker;

    FailedStarts(DockerClient docker) {
        this.docker = docker;
    }

    /** One after the other; one that fails again is left to its owner. */
    Future<Void> repeat() {
        return docker.get(NOT_RUNNING).compose(listed -> {
            if (!listed.ok()) {
                return Future.failedFuture("docker does not list containers: " + listed.json());
            }
            Future<Void> all = Future.succeededFuture();
            for (Object container : (JsonArray) listed.json()) {
                String id = ((JsonObject) container).getString("Id");
                all = all.compose(before -> look(id));
            }
            return all;
        });
    }

    private Future<Void> look(String id) {
        return docker.get("/containers/" + id + "/json")
                .compose(shown -> shown.ok() && isOne((JsonObject) shown.json())
                        ? start(id, ((JsonObject) shown.json()).getString("Name", id))
                        : Future.succeededFuture());
    }

    private static boolean isOne(JsonObject container) {
        JsonObject state = container.getJsonObject("State", new JsonObject());
        JsonObject policy = container
                .getJsonObject("HostConfig", new JsonObject())
                .getJsonObject("RestartPolicy", new JsonObject());
        return FailedStart.is(
                state.getString("Status", ""), state.getString("Error", ""), policy.getString("Name", ""));
    }

    private Future<Void> start(String id, String name) {
        return docker.post("/containers/" + id + "/start", new JsonObject()).map(started -> {
            if (started.ok()) {
                LOG.info("Started a container that Docker could not start without us. container={}", name);
            } else {
                LOG.warn("A container did not start. container={} reason=\"{}\"", name, started.json());
            }
            return null;
        });
    }
}
