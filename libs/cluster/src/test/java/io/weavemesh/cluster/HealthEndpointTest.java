package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {

    @Test
    void itAnswers200WhileEveryCheckPassesAnd503WithTheReasonOtherwise() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Health health = new Health();
            health.register("store", () -> Health.Result.healthy("writable"));
            Meters meters = new Meters();
            meters.gauge("weave_a", "A.", "", () -> 1);
            HttpServer server = HealthEndpoint.serve(vertx, health, meters, "weavemesh/1.2.3", "127.0.0.1", 0)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);

            assertThat(get(client, server, "/health").statusCode()).isEqualTo(200);
            assertThat(get(client, server, "/health").body())
                    .isEqualTo("{\"store\":{\"healthy\":true,\"text\":\"writable\"}}");
            assertThat(get(client, server, "/health").headers().firstValue("Server"))
                    .contains("weavemesh/1.2.3");
            assertThat(get(client, server, "/metrics").body()).endsWith("weave_a 1.0\n");
            assertThat(get(client, server, "/other").statusCode()).isEqualTo(404);

            health.register("cluster", () -> Health.Result.unhealthy("stopped"));
            health.register("broken", () -> {
                throw new IllegalStateException("made for this test");
            });
            HttpResponse<String> answer = get(client, server, "/health");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("stopped", "the check itself failed", "writable");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private static HttpResponse<String> get(HttpClient client, HttpServer server, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
