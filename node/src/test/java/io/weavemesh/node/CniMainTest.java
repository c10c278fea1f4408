package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the CNI plugin's executable sends and prints. */
class CniMainTest {

    private static final String CONFIG =
            "{\"cniVersion\": \"1.0.0\", \"name\": \"a \\\"quoted\\\" one\",\n\t\"x\": \"ö\"}";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void environmentAndConfigurationArriveAsTheyWereAndTheAnswerIsPrintedAsItIs() throws Exception {
        Path socket = directory.resolve("cni.sock");
        List<JsonObject> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
        vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    heard.add(body.toJsonObject());
                    request.response()
                            .setStatusCode(heard.size() == 1 ? 200 : 400)
                            .end("{\"the\":\"answer\"}");
                }))
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        Map<String, String> environment = Map.of("CNI_COMMAND", "ADD", "CNI_ARGS", "A=1;B=\\", "HOME", "/root");
        assertThat(CniMain.ask(environment, CONFIG, socket))
                .isEqualTo(new CniMain.Answer(true, "{\"the\":\"answer\"}"));
        assertThat(heard.getFirst().getJsonObject("env"))
                .isEqualTo(new JsonObject(Map.of("CNI_COMMAND", "ADD", "CNI_ARGS", "A=1;B=\\")));
        assertThat(heard.getFirst().getString("stdin")).isEqualTo(CONFIG);
        assertThat(CniMain.ask(environment, CONFIG, socket).ok()).isFalse();
    }

    @Test
    void whenNobodyAnswersTheRuntimeIsToldToTryAgain() {
        Path socket = directory.resolve("nobody.sock");
        CniMain.Answer answer = CniMain.ask(Map.of("CNI_COMMAND", "DEL"), CONFIG, socket);
        assertThat(answer.ok()).isFalse();
        JsonObject error = new JsonObject(answer.text());
        assertThat(error.getInteger("code")).isEqualTo(11);
        assertThat(error.getString("cniVersion")).isEqualTo("1.0.0");
        assertThat(error.getString("msg")).contains(socket.toString(), "weave status");
        assertThat(new JsonObject(CniMain.ask(Map.of("CNI_COMMAND", "STATUS"), CONFIG, socket)
                                .text())
                        .getInteger("code"))
                .isEqualTo(50);
    }

    @Test
    void theVersionsAreKnownWithoutAnybody() {
        CniMain.Answer answer = CniMain.ask(
                Map.of("CNI_COMMAND", "VERSION"), "{\"cniVersion\":\"0.4.0\"}", directory.resolve("nobody.sock"));
        assertThat(new JsonObject(answer.text()))
                .isEqualTo(new JsonObject("{\"cniVersion\":\"0.4.0\",\"supportedVersions\":"
                        + "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}"));
    }
}
