package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.PluginRequest.LeaveNetworks;
import io.weavemesh.contract.PluginRequest.ListNetworks;
import io.weavemesh.contract.PluginRequest.UndefineNetwork;
import io.weavemesh.router.NetworksText;
import java.util.Optional;

/**
 * Networks of all hosts: {@code POST /network/NAME} with a parameter {@code subnet} for each subnet, {@code opt} for each
 * option and perhaps {@code ipv6=true}; {@code DELETE /network/NAME}; {@code GET /network} and {@code GET /network/NAME}, with
 * {@code ?wait=SECONDS} as soon as all hosts have dealt with it. All answer JSON, but {@code GET /network} is a table unless
 * JSON is asked for. {@code DELETE /network} makes this host leave them.
 */
final class NetworkRoutes {

    private final LocalServices services;

    NetworkRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.get("/network").handler(this::list);
        routes.get("/network/:name").handler(this::await);
        routes.post("/network/:name").handler(this::define);
        routes.delete("/network/:name")
                .handler(context ->
                        answer(context, services.pluginPatiently(new UndefineNetwork(Answers.part(context, "name")))));
        routes.delete("/network")
                .handler(context -> services.plugin(new LeaveNetworks())
                        .onSuccess(_ -> Answers.nothing(context))
                        .onFailure(cause -> Answers.error(context, "", cause)));
    }

    private void list(RoutingContext context) {
        services.plugin(new ListNetworks())
                .onSuccess(networks -> {
                    if (StatusRoutes.wantsJson(context)) {
                        Answers.json(context, 200, NetworksText.json(networks));
                    } else {
                        Answers.text(context, 200, NetworksText.table(networks));
                    }
                })
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private void await(RoutingContext context) {
        String name = Answers.part(context, "name");
        String seconds = Optional.ofNullable(context.request().getParam("wait")).orElse("0");
        Check.argument(seconds.matches("[0-7]"), "wait=%s: expected 0 to 7 seconds", seconds);
        Future<Networks> found = services.pluginPatiently(new AwaitNetwork(name, Integer.parseInt(seconds)));
        answer(
                context,
                found.compose(networks -> networks.networks().isEmpty()
                        ? Future.failedFuture(new FailureException(
                                Failure.Code.NOT_FOUND, "no network '" + name + "' is defined for all hosts"))
                        : found));
    }

    private void define(RoutingContext context) {
        answer(
                context,
                services.pluginPatiently(new DefineNetwork(
                        Answers.part(context, "name"),
                        context.request().params().getAll("subnet").stream()
                                .map(Cidr::parseSubnet)
                                .toList(),
                        context.request().params().getAll("opt"),
                        "true".equals(context.request().getParam("ipv6")))));
    }

    private static void answer(RoutingContext context, Future<Networks> networks) {
        networks.onSuccess(known -> Answers.json(context, 200, NetworksText.json(known)))
                .onFailure(cause -> Answers.errorOrNotFound(context, cause));
    }
}
