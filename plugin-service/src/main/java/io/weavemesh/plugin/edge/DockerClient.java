package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few calls of Docker's API we need (docs.docker.com/engine/api), without a version in the path: every engine serves
 * that as its own newest, and these calls have not changed from 1.41 to 1.55.
 *
 * <p>Never to be used while a driver call is being answered: dockerd holds locks then, and both would wait for ever.
 */
final class DockerClient {

    private static final Logger LOG = LoggerFactory.getLogger(DockerClient.class);

    private static final long TIMEOUT_MILLIS = 10_000;

    /** One for the event stream, some for everything else. */
    private static final int MAX_CONNECTIONS = 8;

    private final HttpClient http;
    private final SocketAddress socket;

    DockerClient(Vertx vertx, Path socket) {
        this.http = vertx.httpClientBuilder()
                .with(new HttpClientOptions().setConnectTimeout(2_000))
                .with(new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS))
                .withConnectHandler(connection -> connection.exceptionHandler(DockerClient::broken))
                .build();
        this.socket = SocketAddress.domainSocketAddress(socket.toString());
    }

    /** An answer: its status code and JSON, null if it has none. */
    record Answer(int status, Object json) {
        boolean ok() {
            return status / 100 == 2;
        }
    }

    Future<Answer> get(String path) {
        return exchange(HttpMethod.GET, path, Buffer.buffer());
    }

    Future<Answer> post(String path, Object json) {
        return exchange(HttpMethod.POST, path, Json.encodeToBuffer(json));
    }

    Future<Answer> delete(String path) {
        return exchange(HttpMethod.DELETE, path, Buffer.buffer());
    }

    /**
     * Listens to events until the connection ends, which completes the future.
     *
     * @param listening called once, when no event from now on can be missed
     */
    Future<Void> events(String filters, Runnable listening, Consumer<Object> listener) {
        String path = "/events?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8);
        return http.request(request(HttpMethod.GET, path).setTimeout(0).setIdleTimeout(0))
                .compose(request -> request.send().compose(response -> {
                    if (response.statusCode() != 200) {
                        return Future.failedFuture("docker refused the event stream with " + response.statusCode());
                    }
                    EventLines lines = new EventLines(listener);
                    response.handler(lines::append);
                    listening.run();
                    return response.end();
                }));
    }

    private Future<Answer> exchange(HttpMethod method, String path, Buffer body) {
        return http.request(request(method, path).setTimeout(TIMEOUT_MILLIS).setIdleTimeout(TIMEOUT_MILLIS))
                .compose(request -> (body.length() == 0
                                ? request.send()
                                : request.putHeader("Content-Type", "application/json")
                                        .send(body))
                        .compose(DockerClient::read));
    }

    /** What was under way on the connection fails by itself; without a handler this would be logged as an error. */
    private static void broken(Throwable cause) {
        LOG.debug("A connection to Docker broke. reason=\"{}\"", cause.getMessage());
    }

    private RequestOptions request(HttpMethod method, String path) {
        return new RequestOptions()
                .setServer(socket)
                .setHost("docker")
                .setPort(80)
                .setMethod(method)
                .setURI(path);
    }

    /** Asked for on the thread that sent the request: a response whose body nobody wants yet throws it away. */
    private static Future<Answer> read(HttpClientResponse response) {
        return response.body().map(body -> {
            try {
                Object json = body.length() == 0 ? new io.vertx.core.json.JsonObject() : Json.decodeValue(body);
                return new Answer(response.statusCode(), json);
            } catch (DecodeException e) {
                return new Answer(response.statusCode(), body.toString());
            }
        });
    }

    /** Docker sends one JSON object a line, cut anywhere. */
    private static final class EventLines {
        private final Consumer<Object> listener;
        private Buffer rest = Buffer.buffer();

        EventLines(Consumer<Object> listener) {
            this.listener = listener;
        }

        void append(Buffer chunk) {
            rest.appendBuffer(chunk);
            int start = 0;
            for (int i = 0; i < rest.length(); i++) {
                if (rest.getByte(i) == '\n') {
                    Buffer line = rest.slice(start, i);
                    start = i + 1;
                    if (line.length() > 1) {
                        listener.accept(Json.decodeValue(line));
                    }
                }
            }
            rest = rest.getBuffer(start, rest.length());
        }
    }
}
