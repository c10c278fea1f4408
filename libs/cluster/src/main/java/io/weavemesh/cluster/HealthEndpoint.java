package io.weavemesh.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.Map;

/**
 * Serves {@code GET /health} of one process: 200 if every check passes, 503 otherwise, and the checks as JSON; and what it
 * measures as {@code GET /metrics}.
 */
public final class HealthEndpoint {

    /** Prometheus' text format. */
    public static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int SERVICE_UNAVAILABLE = 503;

    private HealthEndpoint() {}

    /**
     * Listens; fails if the port is taken.
     *
     * @param product who we are, for the header {@code Server} of each answer (RFC 9110 s10.2.4): {@code weavemesh/0.1.0}
     */
    public static Future<HttpServer> serve(
            Vertx vertx, Health health, Meters meters, String product, String host, int port) {
        return vertx.createHttpServer()
                .requestHandler(request -> {
                    request.response().putHeader("Server", product);
                    if ("/metrics".equals(request.path())) {
                        request.response()
                                .putHeader("Content-Type", METRICS_TYPE)
                                .end(meters.text());
                        return;
                    }
                    if (!"/health".equals(request.path())) {
                        request.response().setStatusCode(NOT_FOUND).end();
                        return;
                    }
                    Map<String, Health.Result> results = health.results();
                    boolean healthy = results.values().stream().allMatch(Health.Result::healthy);
                    request.response()
                            .setStatusCode(healthy ? OK : SERVICE_UNAVAILABLE)
                            .putHeader("Content-Type", "application/json")
                            .end(JsonCodec.text(results));
                })
                .listen(port, host);
    }

    /** The checks as JSON, by name. */
    public static String json(Health health) {
        return JsonCodec.text(health.results());
    }
}
