package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PluginReply.ContainerFound;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.ContainerBook;
import io.weavemesh.plugin.ContainerFacts;
import io.weavemesh.plugin.DockerEvent;
import io.weavemesh.plugin.Fields;
import io.weavemesh.plugin.GatewayBridge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at Docker's containers and tells dns-service what {@link ContainerBook} makes of them. Never while a driver call is
 * being answered. Runs on the plugin's context.
 */
final class Containers {

    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final int NOT_FOUND = 404;

    /** A container's name or identifier, or the start of that; nothing that would change the meaning of a path. */
    private static final Pattern REFERENCE = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}");

    private final Bus bus;
    private final DockerClient docker;
    private final ContainerBook book;
    private final OneAtATime<ContainerId, Void> looks = new OneAtATime<>(this::lookNow);
    private final OneAtATime<String, Void> gatewayLooks = new OneAtATime<>(this::lookAtNow);
    private final Ends ends;
    private Map<ContainerId, List<IpAddress>> gateways = Map.of();

    /** Who wants to know which containers run no more. */
    interface Ends {

        /** This one does not. */
        Future<Void> ended(ContainerId container);

        /** All but these do not. */
        Future<Void> retain(List<ContainerId> running);
    }

    Containers(Bus bus, DockerClient docker, ContainerBook book, Ends ends) {
        this.bus = bus;
        this.docker = docker;
        this.book = book;
        this.ends = ends;
    }

    /** Looks at one container. */
    Future<Void> look(ContainerId container) {
        return looks.run(container);
    }

    /** Looks at the container of an event. */
    Future<Void> look(DockerEvent event) {
        Future<Void> gateway = event.gatewayToo() ? lookAtGateway() : Future.succeededFuture();
        return gateway.compose(done -> looks.run(event.container()));
    }

    /** Looks at every container that runs. */
    Future<Void> lookAtAll() {
        return lookAtGateway()
                .compose(done -> {
                    book.beginComparison();
                    return docker.get("/containers/json");
                })
                .compose(running -> {
                    if (!running.ok()) {
                        return Future.failedFuture("docker does not list containers: " + running.json());
                    }
                    List<ContainerId> ids = ((JsonArray) running.json())
                            .stream()
                                    .map(container -> ContainerId.parse(((JsonObject) container).getString("Id")))
                                    .toList();
                    Future<Void> all = ends.retain(ids);
                    for (ContainerId id : ids) {
                        all = all.compose(before -> looks.run(id));
                    }
                    return all.compose(done -> tell(book.endComparison()));
                });
    }

    /** The container somebody names or identifies. */
    Future<ContainerFound> find(String reference) {
        return inspect(docker, reference).map(ContainerFacts::of).map(book::describe);
    }

    /** What Docker shows of the container somebody names or identifies; fails in one sentence for them. */
    static Future<Fields> inspect(DockerClient docker, String reference) {
        if (!REFERENCE.matcher(reference).matches()) {
            return Future.failedFuture(new FailureException(
                    Failure.Code.INVALID, "'" + reference + "' is not the name or identifier of a container"));
        }
        return docker.get("/containers/" + reference + "/json")
                .recover(cause -> Future.failedFuture(new FailureException(
                        Failure.Code.NOT_READY,
                        "Docker cannot be asked for '" + reference + "': " + cause.getMessage())))
                .compose(inspected -> {
                    if (inspected.status() == NOT_FOUND) {
                        return Future.failedFuture(new FailureException(
                                Failure.Code.NOT_FOUND, "there is no container '" + reference + "' (see: docker ps)"));
                    }
                    return inspected.ok()
                            ? Future.succeededFuture(fields("container " + reference, inspected))
                            : Future.failedFuture(
                                    "docker does not show container " + reference + ": " + inspected.json());
                });
    }

    /** Names matter more than who asks for them: without an answer, the addresses known before stay. */
    private Future<Void> lookAtGateway() {
        return gatewayLooks.run(GatewayBridge.NAME).otherwise(cause -> {
            LOG.info(
                    "Where containers ask from could not be seen. network={} reason=\"{}\"",
                    GatewayBridge.NAME,
                    cause.getMessage());
            return null;
        });
    }

    private Future<Void> lookNow(ContainerId container) {
        return docker.get("/containers/" + container + "/json").compose(inspected -> {
            if (inspected.status() == NOT_FOUND) {
                return ends.ended(container).compose(_ -> tellAll(book.gone(container)));
            }
            return facts(container.value(), inspected)
                    .compose(facts -> (facts.running() ? Future.<Void>succeededFuture() : ends.ended(container))
                            .compose(
                                    _ -> tellAll(book.inspected(facts, gateways.getOrDefault(facts.id(), List.of())))));
        });
    }

    private Future<Void> lookAtNow(String network) {
        return docker.get("/networks/" + network).compose(inspected -> {
            if (inspected.status() == NOT_FOUND) {
                gateways = Map.of(); // Docker makes it for the first container that needs it.
                return Future.succeededFuture();
            }
            if (!inspected.ok()) {
                return Future.failedFuture("docker does not show network " + network + ": " + inspected.json());
            }
            gateways = GatewayBridge.addresses(fields("network " + network, inspected));
            return Future.succeededFuture();
        });
    }

    private static Future<ContainerFacts> facts(String container, DockerClient.Answer inspected) {
        return inspected.ok()
                ? Future.succeededFuture(ContainerFacts.of(fields("container " + container, inspected)))
                : Future.failedFuture("docker does not show container " + container + ": " + inspected.json());
    }

    private static Fields fields(String what, DockerClient.Answer answer) {
        return new Fields(what, ((JsonObject) answer.json()).getMap());
    }

    private Future<Void> tellAll(List<DnsRequest<Done>> news) {
        Future<Void> all = Future.succeededFuture();
        for (DnsRequest<Done> request : news) {
            all = all.compose(before -> tell(request));
        }
        return all;
    }

    private Future<Void> tell(DnsRequest<Done> request) {
        return bus.request(Service.DNS, request, DEADLINE).mapEmpty();
    }
}
