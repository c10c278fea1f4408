package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.weavemesh.cluster.Health;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.router.ListenAddress;
import io.weavemesh.router.RouterSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * The HTTP servers: the control API, and its read-only part on a port of its own. Loopback only; what a browser sends on
 * behalf of some page is refused.
 */
final class ControlApi {

    /** Nothing anybody sends us is longer than a list of peers. */
    private static final long BODY_LIMIT = 64 * 1024L;

    private final Vertx vertx;
    private final RouterSettings settings;
    private final Router everything;
    private final Router readOnly;
    private final List<HttpServer> servers = new ArrayList<>();

    ControlApi(Vertx vertx, Health health, LocalServices services, RouterFacts facts, RouterSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
        StatusRoutes status = new StatusRoutes(health, services, facts);
        this.everything = guarded();
        this.readOnly = guarded();
        status.addTo(readOnly);
        status.addTo(everything);
        new PeerRoutes(services).addTo(everything);
        new IpRoutes(vertx, services).addTo(everything);
        new NameRoutes(services).addTo(everything);
        new ExposeRoutes(services, facts).addTo(everything);
        new AttachRoutes(services).addTo(everything);
        new NetworkRoutes(services).addTo(everything);
    }

    Future<?> listen() {
        return listen(everything, settings.control()).compose(_ -> listen(readOnly, settings.status()));
    }

    int controlPort() {
        return servers.get(0).actualPort();
    }

    int statusPort() {
        return servers.get(1).actualPort();
    }

    Future<?> close() {
        return Future.join(servers.stream().map(HttpServer::close).toList());
    }

    private Router guarded() {
        Router router = Router.router(vertx);
        router.route().handler(new LoopbackGuard()).failureHandler(Answers::failed);
        router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
        router.errorHandler(404, Answers::notFound);
        router.errorHandler(405, context -> Answers.text(context, 405, "method not allowed\n"));
        return router;
    }

    private Future<HttpServer> listen(Router router, ListenAddress address) {
        if (!address.address().toInetAddress().isLoopbackAddress()) {
            return Future.failedFuture(new FailureException(
                    Failure.Code.INVALID,
                    "the control API listens on loopback only, not on " + address
                            + ": whoever reaches it controls this host's network"));
        }
        HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(address.address().toString())
                        .setPort(address.port()))
                .requestHandler(router);
        return server.listen()
                .onSuccess(servers::add)
                .recover(cause -> vertx.executeBlocking(() -> PortOwner.describe(address.port()))
                        .otherwise("")
                        .compose(owner -> Future.failedFuture(new FailureException(
                                Failure.Code.CONFLICT,
                                "cannot listen on " + address + " (control API): " + cause.getMessage() + owner
                                        + "; stop it, or choose another address"))));
    }
}
