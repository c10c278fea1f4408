package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.plugin.CallStatistics;
import io.weavemesh.plugin.Fields;
import io.weavemesh.plugin.IpamDriver;
import io.weavemesh.plugin.NetworkDriver;
import io.weavemesh.plugin.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves Docker's plugin protocol on unix sockets (docs/extend/plugin_api.md): POST of JSON without a content type, status
 * 200 and a JSON object, or another status and the error under both keys Docker reads.
 */
final class PluginServer {

    private static final Logger LOG = LoggerFactory.getLogger(PluginServer.class);

    /** A call with ten thousand published ports is below this. */
    private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

    private static final Map<String, Object> ACTIVATION = Map.of("Implements", List.of("NetworkDriver", "IpamDriver"));

    private final IpamDriver ipam;
    private final StepRunner runner;
    private final CallStatistics statistics;
    private Runnable endpointMade = () -> {};
    private final UnixServers servers;

    PluginServer(Vertx vertx, IpamDriver ipam, StepRunner runner, CallStatistics statistics) {
        this.servers = new UnixServers(vertx);
        this.ipam = ipam;
        this.runner = runner;
        this.statistics = statistics;
    }

    /** What to do whenever Docker has been told that an endpoint is there. */
    void onEndpointMade(Runnable action) {
        endpointMade = action;
    }

    /** Opens a driver's socket. */
    Future<Void> listen(Path socket, NetworkDriver network) {
        return servers.listen("plugin socket", socket, request -> receive(request, network));
    }

    Future<Void> close() {
        return servers.close();
    }

    private void receive(HttpServerRequest request, NetworkDriver network) {
        String path = String.valueOf(request.path());
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() <= MAX_BODY_BYTES) {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(end -> answer(request, network, path.substring(1), body));
    }

    private void answer(HttpServerRequest request, NetworkDriver network, String method, Buffer body) {
        long start = System.nanoTime();
        Future<Step> result;
        try {
            result = handle(network, method, body);
        } catch (IllegalArgumentException e) {
            result = Future.failedFuture(new FailureException(Failure.Code.INVALID, String.valueOf(e.getMessage())));
        }
        result.onComplete(done -> {
            long micros = (System.nanoTime() - start) / 1_000;
            boolean failed = done.failed() || done.result() instanceof Step.Refuse;
            statistics.record(method, micros, failed);
            if (done.failed()) {
                refuse(request, method, micros, done.cause());
            } else {
                send(request, method, micros, done.result());
                if (!failed && method.equals("NetworkDriver.CreateEndpoint")) {
                    endpointMade.run();
                }
            }
        });
    }

    private Future<Step> handle(NetworkDriver network, String method, Buffer body) {
        return switch (method) {
            case "Plugin.Activate" -> constant(ACTIVATION);
            case "NetworkDriver.GetCapabilities" -> constant(network.capabilities());
            case "IpamDriver.GetCapabilities" -> constant(IpamDriver.CAPABILITIES);
            case "IpamDriver.GetDefaultAddressSpaces" -> constant(IpamDriver.ADDRESS_SPACES);
            default -> {
                int dot = method.indexOf('.');
                String driver = dot < 0 ? method : method.substring(0, dot);
                String name = dot < 0 ? "" : method.substring(dot + 1);
                yield switch (driver) {
                    case "NetworkDriver" -> runner.run(method, () -> network.handle(name, fields(method, body)));
                    case "IpamDriver" -> runner.run(method, () -> ipam.handle(name, fields(method, body)));
                    default -> Future.succeededFuture(new Step.NotImplemented());
                };
            }
        };
    }

    private static Future<Step> constant(Map<String, Object> body) {
        return Future.succeededFuture(new Step.Answer(body));
    }

    /** An empty body where one is needed is a repeated call whose body got lost, never a call with defaults. */
    private static Fields fields(String method, Buffer body) {
        if (body.length() == 0) {
            throw new IllegalArgumentException(method + ": the request has no body");
        }
        if (body.length() > MAX_BODY_BYTES) {
            throw new IllegalArgumentException(method + ": the request is longer than " + MAX_BODY_BYTES + " bytes");
        }
        try {
            return new Fields(method, plain(new JsonObject(body)));
        } catch (io.vertx.core.json.DecodeException e) {
            // Not what it is instead: Docker logs our errors, and requests may hold what is nobody's business.
            throw new IllegalArgumentException(method + ": the request is not a JSON object", e);
        }
    }

    private static Map<String, Object> plain(JsonObject object) {
        return object.getMap();
    }

    private static void send(HttpServerRequest request, String method, long micros, Step step) {
        switch (step) {
            case Step.Answer answer -> {
                LOG.debug("Answered a driver call. method={} micros={}", method, micros);
                request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(new JsonObject(answer.body()).toBuffer());
            }
            case Step.NotImplemented missing -> error(request, 404, method + " is not implemented");
            case Step.Refuse refusal -> refuse(request, method, micros, new FailureException(refusal.failure()));
            default -> throw new IllegalStateException("a call of " + method + " ended with " + step);
        }
    }

    private static void refuse(HttpServerRequest request, String method, long micros, Throwable cause) {
        if (cause instanceof FailureException failure) {
            LOG.info("Refused a driver call. method={} micros={} reason=\"{}\"", method, micros, failure.getMessage());
            error(request, 500, String.valueOf(failure.getMessage()));
        } else {
            LOG.error("A driver call failed unexpectedly. method={} micros={}", method, micros, cause);
            error(request, 500, method + " failed unexpectedly (see: weave logs)");
        }
    }

    /** Docker reads {@code Err} of network drivers and {@code Error} of IPAM drivers. */
    private static void error(HttpServerRequest request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject(Map.of("Err", text, "Error", text)).toBuffer());
    }
}
