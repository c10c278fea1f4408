package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.IpamReply.Allocations;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.router.Exposure;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * This host's own addresses in networks: {@code POST /expose/IP/LENGTH[?skipNAT=true]} in the forerunner's form, and two it
 * had not: {@code GET /expose} and {@code DELETE /expose/IP/LENGTH}, which undoes all that belongs to an exposed address.
 */
final class ExposeRoutes {

    private final LocalServices services;
    private final RouterFacts router;

    ExposeRoutes(LocalServices services, RouterFacts router) {
        this.services = services;
        this.router = router;
    }

    void addTo(Router routes) {
        routes.get("/expose")
                .handler(context -> Answers.text(
                        context,
                        200,
                        router.exposures().stream()
                                .map(exposure -> exposure.address().toString())
                                .collect(Collectors.joining(" "))));
        routes.post("/expose/:ip/:length").handler(this::expose);
        routes.delete("/expose/:ip/:length").handler(this::hide);
    }

    private void expose(RoutingContext context) {
        boolean masquerade = !"true".equals(context.request().getParam("skipNAT"));
        answer(context, services.router(new RouterRequest.Expose(address(context), masquerade)));
    }

    /** The address leaves the host before anybody else may get it, and its names before it does. */
    private void hide(RoutingContext context) {
        Cidr address = address(context);
        Future<Done> hidden = services.dns(new DnsRequest.RemoveNames(
                        Optional.of(new ContainerId(Exposure.OWNER)), Optional.of(address.address()), Optional.empty()))
                .compose(_ -> services.router(new RouterRequest.Hide(address)))
                .compose(_ -> release(address));
        answer(context, hidden);
    }

    /** Asks for no pool unless the address is held, so that hiding works before addresses are divided. */
    private Future<Done> release(Cidr address) {
        return services.ipam(new IpamRequest.ListAllocations())
                .map(Allocations::allocations)
                .compose(all -> all.stream()
                                .anyMatch(held -> held.owner().id().equals(Exposure.OWNER)
                                        && held.address().equals(address))
                        ? services.ipam(new IpamRequest.RequestPool(
                                        Optional.of(address.subnet()),
                                        Optional.empty(),
                                        !address.address().isIpv4()))
                                .map(PoolGranted::pool)
                                .compose(pool -> services.ipam(new IpamRequest.ReleaseAddress(pool, address.address())))
                        : Future.succeededFuture(new Done()));
    }

    private static Cidr address(RoutingContext context) {
        return Cidr.parse(Answers.part(context, "ip") + "/" + Answers.part(context, "length"));
    }

    private static void answer(RoutingContext context, Future<Done> done) {
        done.onSuccess(_ -> Answers.nothing(context)).onFailure(cause -> Answers.error(context, "", cause));
    }
}
