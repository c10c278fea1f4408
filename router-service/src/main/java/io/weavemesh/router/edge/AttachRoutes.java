package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PluginReply.AttachedAddresses;
import io.weavemesh.contract.PluginRequest.Attach;
import io.weavemesh.contract.PluginRequest.Detach;
import io.weavemesh.contract.PluginRequest.DetachAll;
import java.util.stream.Collectors;

/**
 * {@code POST /attach/CONTAINER} and {@code DELETE /attach/CONTAINER}, with a parameter {@code address} for each address, in
 * the forms of {@code weave attach}; the addresses, with spaces between them. {@code DELETE /attach} detaches all. The forerunner did this in its script.
 */
final class AttachRoutes {

    private final LocalServices services;

    AttachRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.post("/attach/:container")
                .handler(context -> answer(
                        context,
                        services.pluginPatiently(new Attach(
                                Answers.part(context, "container"),
                                context.request().params().getAll("address"),
                                !"false".equals(context.request().getParam("names")),
                                !"false".equals(context.request().getParam("multicast"))))));
        routes.delete("/attach")
                .handler(context -> services.pluginPatiently(new DetachAll())
                        .onSuccess(_ -> Answers.nothing(context))
                        .onFailure(cause -> Answers.error(context, "", cause)));
        routes.delete("/attach/:container")
                .handler(context -> answer(
                        context,
                        services.pluginPatiently(new Detach(
                                Answers.part(context, "container"),
                                context.request().params().getAll("address")))));
    }

    private static void answer(RoutingContext context, Future<AttachedAddresses> done) {
        done.onSuccess(reply -> Answers.text(
                        context,
                        200,
                        reply.addresses().stream().map(Cidr::toString).collect(Collectors.joining(" "))))
                .onFailure(cause -> Answers.errorOrNotFound(context, cause));
    }
}
