package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.weavemesh.plugin.CallStatistics;
import io.weavemesh.plugin.CniCall;
import io.weavemesh.plugin.CniException;
import io.weavemesh.plugin.CniException.Code;
import io.weavemesh.plugin.CniResult;
import io.weavemesh.plugin.Fields;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the CNI plugin's executable on a unix socket: {@code POST /cni} with {@code {"env": {NAME: TEXT}, "stdin": TEXT}}, which
 * is what the runtime gave it. Status 200 and what it is to print, or 400 and the error it is to print before it fails.
 */
final class CniServer {

    private static final Logger LOG = LoggerFactory.getLogger(CniServer.class);

    /** A list with hundreds of valid attachments, or of port mappings, is below this. */
    private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

    private static final Fields NOTHING = new Fields("CNI", Map.of());

    private final UnixServers servers;
    private final CniAttachments attachments;
    private final CallStatistics statistics;

    CniServer(Vertx vertx, CniAttachments attachments, CallStatistics statistics) {
        this.servers = new UnixServers(vertx);
        this.attachments = attachments;
        this.statistics = statistics;
    }

    Future<Void> listen(Path socket) {
        return servers.listen("CNI socket", socket, this::receive);
    }

    Future<Void> close() {
        return servers.close();
    }

    private void receive(HttpServerRequest request) {
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= MAX_BODY_BYTES) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> {
            if ("POST /cni".equals(request.method() + " " + request.path())) {
                answer(request, body);
            } else {
                request.response().setStatusCode(404).end();
            }
        });
    }

    private void answer(HttpServerRequest request, Buffer body) {
        long start = System.nanoTime();
        Fields config = NOTHING;
        String method = "CNI";
        Future<Map<String, Object>> answer;
        try {
            JsonObject asked = json("the request of weave-net", body);
            Map<String, String> environment = environment(asked);
            config = new Fields(
                    "CNI",
                    json("standard input", Buffer.buffer(asked.getString("stdin", "")))
                            .getMap());
            CniCall call = CniCall.of(environment, config);
            method = "CNI." + call.operation();
            answer = attachments.handle(call);
        } catch (CniException e) {
            answer = Future.failedFuture(e);
        } catch (IllegalArgumentException e) {
            answer = Future.failedFuture(new CniException(Code.INVALID_CONFIGURATION, String.valueOf(e.getMessage())));
        }
        end(request, method, config, start, answer);
    }

    private void end(
            HttpServerRequest request, String method, Fields config, long start, Future<Map<String, Object>> answer) {
        answer.onComplete(done -> {
            long micros = (System.nanoTime() - start) / 1_000;
            statistics.record(method, micros, done.failed());
            if (done.succeeded()) {
                LOG.debug("Answered a CNI call. method={} micros={}", method, micros);
                send(request, 200, done.result());
            } else {
                CniException error = error(method, micros, done.cause());
                send(request, 400, CniResult.error(config, error));
            }
        });
    }

    private static CniException error(String method, long micros, Throwable cause) {
        if (cause instanceof CniException known) {
            LOG.info(
                    "Refused a CNI call. method={} micros={} code={} reason=\"{}\" details=\"{}\"",
                    method,
                    micros,
                    known.code().number(),
                    known.getMessage(),
                    known.details());
            return known;
        }
        LOG.error("A CNI call failed unexpectedly. method={} micros={}", method, micros, cause);
        return new CniException(Code.FAILED, method + " failed unexpectedly (see: weave logs)");
    }

    /** Operations without a result print nothing. */
    private static void send(HttpServerRequest request, int status, Map<String, Object> body) {
        request.response().setStatusCode(status).putHeader("Content-Type", "application/json");
        if (body.isEmpty()) {
            request.response().end();
        } else {
            request.response().end(new JsonObject(body).toBuffer());
        }
    }

    private static Map<String, String> environment(JsonObject asked) {
        Map<String, String> environment = new LinkedHashMap<>();
        if (!(asked.getValue("env") instanceof JsonObject variables)) {
            throw new CniException(Code.INVALID_ENVIRONMENT, "the request of weave-net has no object 'env'");
        }
        variables.forEach(entry -> environment.put(entry.getKey(), String.valueOf(entry.getValue())));
        return environment;
    }

    private static JsonObject json(String what, Buffer text) {
        if (text.length() > MAX_BODY_BYTES) {
            throw new CniException(Code.UNDECODABLE, what + " is longer than " + MAX_BODY_BYTES + " bytes");
        }
        try {
            return new JsonObject(text);
        } catch (DecodeException e) {
            throw new CniException(Code.UNDECODABLE, what + " is not a JSON object", String.valueOf(e.getMessage()));
        }
    }
}
