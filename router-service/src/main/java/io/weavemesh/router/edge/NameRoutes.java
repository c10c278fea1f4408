package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.DnsReply.Names;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PluginReply.ContainerFound;
import io.weavemesh.contract.PluginRequest.FindContainer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Names by hand: {@code /name…}, {@code /domain} and {@code /dns-address…} in the forerunner's forms, and two it had not:
 * {@code GET /name/FQDN} and {@code GET /container/REFERENCE}.
 */
final class NameRoutes {

    private static final int NOT_FOUND = 404;

    private final LocalServices services;

    NameRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.get("/domain")
                .handler(context ->
                        show(context, status -> Optional.of(status.domain().toString())));
        routes.get("/dns-address-port").handler(context -> show(context, NameRoutes::listening));
        routes.get("/dns-address")
                .handler(context -> show(
                        context,
                        status -> listening(status).map(address -> address.substring(0, address.lastIndexOf(':')))));
        routes.get("/name").handler(this::list);
        routes.get("/name/:fqdn").handler(this::lookUp);
        routes.put("/name/:container/:ip").handler(this::add);
        routes.delete("/name/:container/:ip")
                .handler(context -> remove(context, Optional.of(container(context)), Optional.of(address(context))));
        routes.delete("/name/:container")
                .handler(context -> remove(context, Optional.of(container(context)), Optional.empty()));
        routes.delete("/name").handler(context -> remove(context, Optional.empty(), Optional.empty()));
        routes.get("/container/:reference").handler(this::find);
    }

    private void show(RoutingContext context, Function<DnsStatus, Optional<String>> what) {
        services.dns(new DnsRequest.DnsStatusQuery())
                .onSuccess(status -> what.apply(status)
                        .ifPresentOrElse(
                                text -> Answers.text(context, 200, text),
                                () -> Answers.text(context, NOT_FOUND, "names are not served on this host\n")))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    /** Nothing with {@code --no-dns}, or while there is no address to listen on. */
    private static Optional<String> listening(DnsStatus status) {
        return status.listening().stream().findFirst();
    }

    private void list(RoutingContext context) {
        names().onSuccess(names -> json(context, names)).onFailure(cause -> Answers.error(context, "", cause));
    }

    /** The addresses of one name, one a line, or its entries for who accepts JSON; 404 if there are none. */
    private void lookUp(RoutingContext context) {
        Fqdn name = Fqdn.parse(Answers.part(context, "fqdn"));
        boolean json = String.valueOf(context.request().getHeader("Accept")).contains("application/json");
        names().onSuccess(all -> {
                    List<Name> found = all.stream()
                            .filter(entry -> entry.row().name().equals(name))
                            .toList();
                    if (found.isEmpty()) {
                        Answers.text(context, NOT_FOUND, "there is no name " + name + "\n");
                    } else if (json) {
                        json(context, found);
                    } else {
                        Answers.text(
                                context,
                                200,
                                found.stream()
                                        .map(entry -> entry.row().address() + "\n")
                                        .distinct()
                                        .collect(Collectors.joining()));
                    }
                })
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private Future<List<Name>> names() {
        return services.dns(new DnsRequest.ListNames()).map(Names::names);
    }

    private static void json(RoutingContext context, List<Name> names) {
        JsonArray entries = new JsonArray(names.stream().map(NameRoutes::json).toList());
        Answers.json(context, 200, entries.encode());
    }

    private static JsonObject json(Name name) {
        return new JsonObject()
                .put("ContainerID", name.row().container().value())
                .put("Origin", name.origin().toString())
                .put("Addr", name.row().address().toString())
                .put("Hostname", name.row().name().toString())
                .put("Healthy", name.row().healthy())
                .put(
                        "Ports",
                        new JsonArray(name.row().ports().stream()
                                .map(Object::toString)
                                .toList()));
    }

    /** With {@code check-alive=true} nothing is added for a container that does not run, and that is no failure. */
    private void add(RoutingContext context) {
        ContainerId container = container(context);
        IpAddress address = address(context);
        Fqdn name = fqdn(context)
                .orElseThrow(() -> new IllegalArgumentException("the name is missing (expected a form field fqdn)"));
        boolean check = context.request().getParam("check-alive", "").equals("true");
        (check ? runs(container) : Future.succeededFuture(true))
                .compose(wanted -> wanted
                        ? services.dns(new DnsRequest.AddName(name, address, container))
                                .mapEmpty()
                        : Future.succeededFuture())
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private Future<Boolean> runs(ContainerId container) {
        return services.plugin(new FindContainer(container.value()))
                .map(ContainerFound::running)
                .recover(cause ->
                        Answers.isNotFound(cause) ? Future.succeededFuture(false) : Future.failedFuture(cause));
    }

    /** Removes those names of this host that match, or only one name of them. */
    private void remove(RoutingContext context, Optional<ContainerId> container, Optional<IpAddress> address) {
        services.dns(new DnsRequest.RemoveNames(container, address, fqdn(context)))
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    /** A container of this host by its name or identifier: what {@code dns-add} needs to know of it. */
    private void find(RoutingContext context) {
        services.plugin(new FindContainer(Answers.part(context, "reference")))
                .onSuccess(found -> Answers.json(
                        context,
                        200,
                        new JsonObject()
                                .put("ContainerID", found.container().value())
                                .put(
                                        "Hostname",
                                        found.name().map(Fqdn::toString).orElse(""))
                                .put("Running", found.running())
                                .put(
                                        "Addrs",
                                        new JsonArray(found.addresses().stream()
                                                .map(IpAddress::toString)
                                                .toList()))
                                .encode()))
                .onFailure(cause -> Answers.errorOrNotFound(context, cause));
    }

    private static ContainerId container(RoutingContext context) {
        return new ContainerId(Answers.part(context, "container"));
    }

    private static IpAddress address(RoutingContext context) {
        return IpAddress.parse(Answers.part(context, "ip"));
    }

    private static Optional<Fqdn> fqdn(RoutingContext context) {
        String text = context.request().getParam("fqdn", "");
        return text.isEmpty() ? Optional.empty() : Optional.of(Fqdn.parse(text));
    }
}
