package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.DnsReply.Names;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names by hand: {@code /name…}, {@code /domain} and {@code /dns-address…}, in the forerunner's forms.
 *
 * <p>A name added here belongs to an endpoint of its own, {@code name:CONTAINER:ADDRESS}, since dns-service gives an
 * endpoint all of its names at once.
 */
final class NameRoutes {

    private static final String MANUAL = "name:";

    private final LocalServices services;

    NameRoutes(LocalServices services) {
        this.services = services;
    }

    void addTo(Router routes) {
        routes.get("/domain")
                .handler(context -> show(context, status -> status.domain().toString()));
        routes.get("/dns-address-port").handler(context -> show(context, NameRoutes::listening));
        routes.get("/dns-address")
                .handler(context -> show(context, status -> {
                    String address = listening(status);
                    int colon = address.lastIndexOf(':');
                    return colon < 0 ? address : address.substring(0, colon);
                }));
        routes.get("/name").handler(this::list);
        routes.put("/name/:container/:ip").handler(this::add);
        routes.delete("/name/:container/:ip").handler(context -> {
            String container = Answers.part(context, "container");
            IpAddress address = IpAddress.parse(Answers.part(context, "ip"));
            remove(
                    context,
                    row -> row.container().value().equals(container)
                            && row.address().equals(address));
        });
        routes.delete("/name/:container").handler(context -> {
            String container = Answers.part(context, "container");
            remove(context, row -> row.container().value().equals(container));
        });
        routes.delete("/name").handler(context -> remove(context, _ -> true));
    }

    private void show(RoutingContext context, Function<DnsStatus, String> what) {
        services.dns(new DnsRequest.DnsStatusQuery())
                .onSuccess(status -> Answers.text(context, 200, what.apply(status)))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private static String listening(DnsStatus status) {
        return status.listening().stream().findFirst().orElse("");
    }

    private void list(RoutingContext context) {
        services.dns(new DnsRequest.ListNames())
                .map(names -> new JsonArray(
                        names.names().stream().map(NameRoutes::json).toList()))
                .onSuccess(json -> Answers.json(context, 200, json.encode()))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private static JsonObject json(Name name) {
        return new JsonObject()
                .put("ContainerID", name.row().container().value())
                .put("Origin", name.origin().toString())
                .put("Addr", name.row().address().toString())
                .put("Hostname", name.row().name().toString());
    }

    private void add(RoutingContext context) {
        ContainerId container = new ContainerId(Answers.part(context, "container"));
        IpAddress address = IpAddress.parse(Answers.part(context, "ip"));
        String given = context.request().getParam("fqdn", "");
        Check.argument(!given.isEmpty(), "the name is missing (expected a form field fqdn)");
        Fqdn name = Fqdn.parse(given);
        EndpointId endpoint = new EndpointId(MANUAL + container + ":" + address);
        own(row -> row.endpoint().equals(endpoint))
                .compose(present -> {
                    List<Fqdn> names = Stream.concat(present.stream().map(NameRow::name), Stream.of(name))
                            .distinct()
                            .toList();
                    return services.dns(byHand(endpoint, container, names, List.of(address)));
                })
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    /** Removes those rows of this host that match, or only one name of them. */
    private void remove(RoutingContext context, Predicate<NameRow> matches) {
        Optional<Fqdn> only = Optional.of(context.request().getParam("fqdn", ""))
                .filter(text -> !text.isEmpty())
                .map(Fqdn::parse);
        Predicate<NameRow> goes =
                row -> matches.test(row) && only.map(row.name()::equals).orElse(true);
        own(_ -> true)
                .compose(rows -> {
                    Map<EndpointId, List<NameRow>> byEndpoint = rows.stream()
                            .collect(Collectors.groupingBy(NameRow::endpoint, TreeMap::new, Collectors.toList()));
                    List<Future<Done>> steps = new ArrayList<>();
                    byEndpoint.forEach((endpoint, all) -> {
                        List<NameRow> left = all.stream().filter(goes.negate()).toList();
                        if (left.size() < all.size()) {
                            steps.add(keep(endpoint, left));
                        }
                    });
                    return Future.all(steps);
                })
                .onSuccess(_ -> Answers.nothing(context))
                .onFailure(cause -> Answers.error(context, "", cause));
    }

    private Future<Done> keep(EndpointId endpoint, List<NameRow> left) {
        if (left.isEmpty()) {
            return services.dns(new DnsRequest.DeregisterName(endpoint));
        }
        return services.dns(byHand(
                endpoint,
                left.getFirst().container(),
                left.stream().map(NameRow::name).distinct().toList(),
                left.stream().map(NameRow::address).distinct().toList()));
    }

    private static DnsRequest.RegisterName byHand(
            EndpointId endpoint, ContainerId container, List<Fqdn> names, List<IpAddress> addresses) {
        return new DnsRequest.RegisterName(
                endpoint, container, names, addresses.stream().map(Cidr::alone).toList(), List.of(), List.of(), true);
    }

    private Future<List<NameRow>> own(Predicate<NameRow> matches) {
        return services.dns(new DnsRequest.ListNames())
                .map(Names::names)
                .map(names -> names.stream()
                        .filter(name -> name.origin().equals(services.self()))
                        .map(Name::row)
                        .filter(matches)
                        .toList());
    }
}
