package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest;

/** {@code /connect}, {@code /forget} and {@code /peer…}: who is reached, who leaves and who is gone. */
final class PeerRoutes {

    private final LocalServices services;

    PeerRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.post("/connect").handler(this::connect);
        routes.post("/forget").handler(this::forget);
        routes.delete("/peer").handler(this::handOver);
        routes.delete("/peer/:id").handler(this::remove);
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

    private void handOver(RoutingContext context) {
        services.ipamPatiently(new IpamRequest.HandOver())
                .compose(given -> endDataPath(services.self(), given))
                .onSuccess(given -> Answers.text(
                        context,
                        200,
                        given.heir()
                                .map(heir -> given.addresses() + " IPs handed over to " + heir)
                                .orElse("no other peer is here to take the IPs of this one")))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private void remove(RoutingContext context) {
        services.ipamPatiently(new IpamRequest.RemovePeer(Answers.part(context, "id")))
                .compose(taken -> endDataPath(taken.peer(), taken))
                .onSuccess(
                        taken -> Answers.text(context, 200, taken.addresses() + " IPs taken over from " + taken.peer()))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    /** After its addresses: who still holds some is not gone. */
    private <T> Future<T> endDataPath(PeerName peer, T answer) {
        return services.router(new RouterRequest.GiveUpPeer(peer)).map(answer);
    }
}
