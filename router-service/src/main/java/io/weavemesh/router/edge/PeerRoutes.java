package io.weavemesh.router.edge;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.RouterRequest;

/** {@code /connect} and {@code /forget}. */
final class PeerRoutes {

    private final LocalServices services;

    PeerRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.post("/connect").handler(this::connect);
        routes.post("/forget").handler(this::forget);
    }

    private void connect(RoutingContext context) {
        boolean replace = "true".equals(context.request().getParam("replace"));
        services.router(new RouterRequest.Connect(context.request().params().getAll("peer"), replace))
                .onSuccess(_ -> Answers.text(context, 200, ""))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private void forget(RoutingContext context) {
        services.router(new RouterRequest.Forget(context.request().params().getAll("peer")))
                .onSuccess(_ -> Answers.text(context, 200, ""))
                .onFailure(cause -> Answers.error(context, "", cause));
    }
}
