package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest.BindAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.ListEndpoints;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.AttachmentBook;
import io.weavemesh.plugin.CniBook;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.Fields;
import io.weavemesh.plugin.Network;
import io.weavemesh.plugin.NetworkDriver;
import io.weavemesh.plugin.Reconciler;
import io.weavemesh.plugin.Reconciler.Attached;
import io.weavemesh.plugin.Reconciler.Repair;
import io.weavemesh.plugin.Reconciler.Seen;
import io.weavemesh.plugin.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Docker, the router and ipam-service what is there and puts right what the {@link Reconciler} says: at the start, once
 * more as soon as it may believe what it saw then, and every half minute. Runs on the plugin's context.
 */
final class DockerComparison {

    private static final Logger LOG = LoggerFactory.getLogger(DockerComparison.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final long PERIOD_MILLIS = 30_000;

    /** A little more than what the reconciler waits before it believes that something is missing. */
    private static final long SECOND_LOOK_MILLIS = 21_000;

    private static final long FIRST_RETRY_MILLIS = 1_000;
    private static final int NOT_FOUND = 404;

    private final Vertx vertx;
    private final Bus bus;
    private final DockerClient docker;
    private final EndpointBook book;
    private final AttachmentBook attached;
    private final CniBook cni;
    private final NetworkDriver driver;
    private final StepRunner runner;
    private final Reconciler reconciler;
    private long pauseMillis = FIRST_RETRY_MILLIS;
    private boolean compared;
    private boolean failing;
    private boolean stopped;

    /** What Docker has said so far. */
    private record Answers(Set<NetworkId> networks, Map<EndpointId, Attached> endpoints, Set<IpAddress> running) {
        Seen seen() {
            return new Seen(networks, endpoints, running);
        }
    }

    DockerComparison(
            Vertx vertx,
            Bus bus,
            DockerClient docker,
            EndpointBook book,
            AttachmentBook attached,
            CniBook cni,
            NetworkDriver driver,
            StepRunner runner) {
        this.vertx = vertx;
        this.bus = bus;
        this.docker = docker;
        this.book = book;
        this.attached = attached;
        this.cni = cni;
        this.driver = driver;
        this.runner = runner;
        this.reconciler = new Reconciler(book);
    }

    void start() {
        compare().onComplete(done -> {
            if (stopped) {
                return;
            }
            if (done.succeeded()) {
                pauseMillis = compared ? PERIOD_MILLIS : SECOND_LOOK_MILLIS;
                compared = true;
            } else {
                if (!failing) {
                    LOG.info(
                            "What is there could not be compared with Docker; trying again. reason=\"{}\"",
                            done.cause().getMessage());
                }
                pauseMillis = compared ? PERIOD_MILLIS : Math.min(PERIOD_MILLIS, 2 * pauseMillis);
            }
            failing = done.failed();
            vertx.setTimer(pauseMillis, timer -> start());
        });
    }

    void stop() {
        stopped = true;
    }

    private Future<Void> compare() {
        Answers answers = new Answers(new HashSet<>(), new HashMap<>(), new HashSet<>());
        return docker.get("/containers/json")
                .compose(running -> running.ok()
                        ? askForNetworks((JsonArray) running.json(), answers)
                        : Future.failedFuture("docker does not list containers: " + running.json()))
                .compose(asked -> bus.request(Service.ROUTER, new ListEndpoints(), DEADLINE))
                .compose(routed -> bus.request(Service.IPAM, new ListAllocations(), DEADLINE)
                        .compose(given -> {
                            Duration uptime = Duration.ofNanos(System.nanoTime());
                            List<Repair> repairs = reconciler.compare(
                                    answers.seen(),
                                    dockers(routed.endpoints()),
                                    given.allocations(),
                                    uptime,
                                    Instant.now());
                            Future<Void> all = Future.succeededFuture();
                            for (Repair repair : stopped ? List.<Repair>of() : repairs) {
                                all = all.compose(before -> carryOut(repair));
                            }
                            return all;
                        }));
    }

    /** Of what was attached by command or by CNI Docker knows nothing, and that is right. */
    private List<EndpointRow> dockers(List<EndpointRow> routed) {
        return routed.stream()
                .filter(row -> !attached.has(row.endpoint()) && !cni.has(row.endpoint()))
                .toList();
    }

    private Future<Void> askForNetworks(JsonArray containers, Answers answers) {
        for (Object container : containers) {
            JsonObject networks = ((JsonObject) container)
                    .getJsonObject("NetworkSettings", new JsonObject())
                    .getJsonObject("Networks", new JsonObject());
            for (String name : networks.fieldNames()) {
                JsonObject settings = networks.getJsonObject(name);
                text(settings, "IPAddress").map(IpAddress::parse).ifPresent(answers.running()::add);
                text(settings, "GlobalIPv6Address").map(IpAddress::parse).ifPresent(answers.running()::add);
                text(settings, "EndpointID")
                        .ifPresent(endpoint -> answers.endpoints()
                                .put(EndpointId.parse(endpoint), new Attached(Optional.empty(), List.of())));
            }
        }
        Future<Void> all = Future.succeededFuture();
        for (Network network : book.networks()) {
            all = all.compose(before -> docker.get("/networks/" + network.id().value())
                    .compose(shown -> {
                        if (shown.status() == NOT_FOUND) {
                            return Future.succeededFuture();
                        }
                        if (!shown.ok()) {
                            return Future.failedFuture(
                                    "docker does not show network " + network.id() + ": " + shown.json());
                        }
                        answers.networks().add(network.id());
                        JsonObject json = (JsonObject) shown.json();
                        JsonObject endpoints = json.getJsonObject("Containers");
                        if (endpoints != null
                                && !"global".equals(json.getString("Scope"))) { // A global one shows all hosts'.
                            endpoints.forEach(entry -> note((JsonObject) entry.getValue(), answers));
                        }
                        return Future.succeededFuture();
                    }));
        }
        return all;
    }

    private static void note(JsonObject endpoint, Answers answers) {
        List<Cidr> addresses = List.of("IPv4Address", "IPv6Address").stream()
                .flatMap(field -> text(endpoint, field).stream())
                .map(Cidr::parse)
                .toList();
        text(endpoint, "EndpointID")
                .ifPresent(id ->
                        answers.endpoints().put(EndpointId.parse(id), new Attached(text(endpoint, "Name"), addresses)));
    }

    private static Optional<String> text(JsonObject json, String field) {
        return Optional.ofNullable(json.getString(field)).filter(text -> !text.isEmpty());
    }

    /** One repair that fails is no reason to leave the others; the next comparison finds it again. */
    private Future<Void> carryOut(Repair repair) {
        Future<?> done = switch (repair) {
            case Repair.DropEndpoint(NetworkId network, EndpointId endpoint) -> {
                LOG.info("Docker does not know an endpoint; it is removed. endpoint={}", endpoint);
                yield call("DeleteEndpoint", Map.of("NetworkID", network.value(), "EndpointID", endpoint.value()));
            }
            case Repair.DropNetwork(NetworkId network) -> {
                LOG.info("Docker does not know a network; it is removed. network={}", network);
                yield call("DeleteNetwork", Map.of("NetworkID", network.value()));
            }
            case Repair.MakeNetwork(Network network) ->
                bus.request(
                        Service.ROUTER, new CreateNetwork(network.id(), network.subnets(), network.mtu()), DEADLINE);
            case Repair.Claim(Cidr address, Owner owner) -> {
                LOG.warn("An address is in use and nobody gave it. address={} owner=\"{}\"", address, owner);
                yield pool(address)
                        .compose(pool -> bus.request(
                                Service.IPAM, new ClaimAddress(pool.pool(), address.address(), owner), DEADLINE));
            }
            case Repair.Bind(Cidr address, Owner owner) ->
                bus.request(Service.IPAM, new BindAddress(address.subnet(), address.address(), owner), DEADLINE);
            case Repair.Release(var leak) -> {
                LOG.info(
                        "An address was given and nobody uses it; it is free again. address={} owner=\"{}\"",
                        leak.address(),
                        leak.owner());
                yield pool(leak.address())
                        .compose(pool -> bus.request(
                                Service.IPAM,
                                new ReleaseAddress(pool.pool(), leak.address().address()),
                                DEADLINE));
            }
        };
        return done.<Void>mapEmpty().recover(cause -> {
            LOG.warn(
                    "A repair failed; the next comparison repeats it. repair={} reason=\"{}\"",
                    repair,
                    cause.getMessage());
            return Future.succeededFuture();
        });
    }

    private Future<PoolGranted> pool(Cidr address) {
        Cidr subnet = address.subnet();
        return bus.request(
                Service.IPAM,
                new RequestPool(
                        Optional.of(subnet), Optional.empty(), !subnet.address().isIpv4()),
                DEADLINE);
    }

    private Future<Step> call(String method, Map<String, String> fields) {
        return runner.run(method, () -> driver.handle(method, new Fields(method, fields)));
    }
}
