package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of Docker's events, opened again whenever it ends. Says when it is open, so that what happened meanwhile can be
 * looked for. Not what the events mean. Runs on the plugin's context.
 */
final class EngineLink {

    /** Who wants to know. */
    interface Listener {
        /** The stream is open: no event from now on is missed. */
        void opened();

        void heard(JsonObject event);

        /** The stream ended or could not be opened; it is tried again. */
        void closed();
    }

    private static final Logger LOG = LoggerFactory.getLogger(EngineLink.class);

    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 5_000;

    private final Vertx vertx;
    private final DockerClient docker;
    private final String filters;
    private final Listener listener;
    private String engine = "not reached yet";
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean stopped;

    EngineLink(Vertx vertx, DockerClient docker, String filters, Listener listener) {
        this.vertx = vertx;
        this.docker = docker;
        this.filters = filters;
        this.listener = listener;
    }

    /** The engine's version, or why it cannot be reached. */
    String engine() {
        return engine;
    }

    boolean isOpen() {
        return !stopped && engine.startsWith("Docker");
    }

    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    void follow() {
        docker.get("/version")
                .compose(version -> {
                    if (!version.ok()) {
                        return Future.failedFuture("docker answers " + version.status());
                    }
                    engine = "Docker " + ((JsonObject) version.json()).getString("Version", "of unknown version");
                    Consumer<Object> heard = event -> listener.heard((JsonObject) event);
                    return docker.events(filters, this::opened, heard);
                })
                .onComplete(ended -> {
                    if (stopped) {
                        return;
                    }
                    listener.closed();
                    String reason =
                            ended.failed() ? String.valueOf(ended.cause().getMessage()) : "the event stream ended";
                    if (engine.startsWith("Docker")) {
                        LOG.info("Docker is away; trying again. reason=\"{}\"", reason);
                    }
                    engine = "not reached: " + reason;
                    vertx.setTimer(retryMillis, timer -> follow());
                    retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
                });
    }

    private void opened() {
        retryMillis = FIRST_RETRY_MILLIS;
        LOG.info("Docker is there. engine=\"{}\"", engine);
        listener.opened();
    }
}
