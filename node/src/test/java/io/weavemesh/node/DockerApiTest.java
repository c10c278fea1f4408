package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in for Docker on a socket of its own. */
class DockerApiTest {

    private final Vertx vertx = Vertx.vertx();
    private DockerApi docker;

    @BeforeEach
    void listen(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("docker.sock");
        vertx.createHttpServer()
                .requestHandler(DockerApiTest::answer)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        docker = new DockerApi(vertx, socket);
    }

    private static void answer(HttpServerRequest request) {
        boolean known = String.valueOf(request.path()).startsWith("/networks");
        request.response().setStatusCode(known ? 200 : 404).end(known ? "[]" : "{\"message\":\"no such thing\"}");
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** An answer that is there before the asking thread looks for it is not lost. */
    @Test
    void everyAnswerArrivesWhole() throws InterruptedException {
        for (int i = 0; i < 5_000; i++) {
            assertThat(docker.ask(HttpMethod.GET, "/networks", ""))
                    .as("answer %d", i)
                    .isEqualTo("[]");
        }
    }

    @Test
    void whatIsNotThereIsAnErrorToAskForAndNoneToRemove() throws InterruptedException {
        assertThatThrownBy(() -> docker.ask(HttpMethod.GET, "/absent", ""))
                .isInstanceOf(UserError.class)
                .hasMessage("docker get /absent failed: no such thing");
        assertThat(docker.ask(HttpMethod.DELETE, "/absent", "")).contains("no such thing");
    }

    @Test
    void noDockerIsAUsersError(@TempDir Path directory) {
        assertThatThrownBy(() -> new DockerApi(vertx, directory.resolve("none")).ask(HttpMethod.GET, "/networks", ""))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("Docker cannot be asked on " + directory.resolve("none"));
    }
}
