package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The Docker Engine's API for the command line. Blocks, each call for a bounded time. */
final class DockerApi {

    /** Docker may call a driver several times for one request, and waits for each. */
    private static final long CALL_SECONDS = 20;

    private static final int NOT_FOUND = 404;

    private final HttpClient http;
    private final Path socket;

    DockerApi(Vertx vertx, Path socket) {
        this.http = vertx.createHttpClient();
        this.socket = socket;
    }

    private record Answer(int status, String body) {}

    /** The answer's body. What is to be removed or changed and is not there is no error. */
    String ask(HttpMethod method, String path, String body) throws InterruptedException {
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
                .compose(request -> (body.isEmpty()
                                ? request.send()
                                : request.putHeader("Content-Type", "application/json")
                                        .send(Buffer.buffer(body)))
                        .compose(DockerApi::read));
    }

    /** Asked for on the thread that sent the request: a response whose body nobody wants yet throws it away. */
    private static Future<Answer> read(HttpClientResponse response) {
        return response.body().map(text -> new Answer(response.statusCode(), text.toString()));
    }

    private static String message(String body) {
        try {
            return new JsonObject(body).getString("message", body).strip();
        } catch (DecodeException e) {
            return body.strip();
        }
    }
}
