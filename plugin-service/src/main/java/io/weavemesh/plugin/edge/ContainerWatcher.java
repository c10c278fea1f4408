package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.AddressLeaks;
import io.weavemesh.plugin.ContainerNames;
import io.weavemesh.plugin.Endpoint;
import io.weavemesh.plugin.EndpointBook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows Docker's containers and registers their names: at every event, and in full at the start of each event stream and
 * every half minute, so that a missed event costs half a minute at most. Runs on the plugin's context.
 */
final class ContainerWatcher {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerWatcher.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final long FULL_SYNC_MILLIS = 30_000;
    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 5_000;
    private static final int NOT_FOUND = 404;

    /** For a host that is slow at its start; after that, the full comparison goes on trying. */
    private static final int NETWORK_ATTEMPTS = 10;

    private static final long NETWORK_RETRY_MILLIS = 1_000;

    private static final String EVENTS = new JsonObject()
            .put("type", new JsonArray().add("container").add("network"))
            .put("event", new JsonArray().add("start").add("connect"))
            .encode();

    private final Vertx vertx;
    private final Bus bus;
    private final DockerClient docker;
    private final EndpointBook book;
    private final Fqdn domain;
    private final DefaultNetwork defaultNetwork;
    private final Map<EndpointId, AttachedContainer> attached = new TreeMap<>();
    private String engine = "not reached yet";
    private long retryMillis = FIRST_RETRY_MILLIS;
    private final Promise<Void> firstContact = Promise.promise();
    private boolean stopped;

    ContainerWatcher(
            Vertx vertx, Bus bus, DockerClient docker, EndpointBook book, Fqdn domain, DefaultNetwork defaultNetwork) {
        this.vertx = vertx;
        this.bus = bus;
        this.docker = docker;
        this.book = book;
        this.domain = domain;
        this.defaultNetwork = defaultNetwork;
    }

    void start() {
        follow();
        vertx.setPeriodic(FULL_SYNC_MILLIS, timer -> {
            if (!stopped && engine.startsWith("Docker")) {
                syncAll();
            }
        });
    }

    /** Completes when Docker was reached and the default network is there, or when either could not be had. */
    Future<Void> firstContact() {
        return firstContact.future();
    }

    void stop() {
        stopped = true;
    }

    String engine() {
        return engine;
    }

    List<AttachedContainer> attached() {
        attached.keySet().removeIf(endpoint -> book.endpoint(endpoint).isEmpty());
        return List.copyOf(attached.values());
    }

    private void follow() {
        docker.get("/version")
                .compose(version -> {
                    if (!version.ok()) {
                        return Future.failedFuture("docker answers " + version.status());
                    }
                    engine = "Docker " + ((JsonObject) version.json()).getString("Version", "of unknown version");
                    return docker.events(EVENTS, this::listening, event -> heard((JsonObject) event));
                })
                .onComplete(ended -> {
                    if (stopped) {
                        return;
                    }
                    firstContact.tryComplete();
                    String reason =
                            ended.failed() ? String.valueOf(ended.cause().getMessage()) : "the event stream ended";
                    if (engine.startsWith("Docker")) {
                        LOG.info("Docker is away; trying again. reason=\"{}\"", reason);
                    }
                    engine = "not reached: " + reason;
                    vertx.setTimer(retryMillis, timer -> follow());
                    retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
                });
    }

    private void listening() {
        retryMillis = FIRST_RETRY_MILLIS;
        LOG.info("Docker is there. engine=\"{}\"", engine);
        makeNetwork(NETWORK_ATTEMPTS);
        syncAll();
    }

    private void makeNetwork(int attempts) {
        defaultNetwork.ensure().onSuccess(made -> firstContact.tryComplete()).onFailure(cause -> {
            LOG.warn("The default network could not be made; trying again. reason=\"{}\"", cause.getMessage());
            if (attempts > 1 && !stopped) {
                vertx.setTimer(NETWORK_RETRY_MILLIS, timer -> makeNetwork(attempts - 1));
            } else {
                firstContact.tryComplete();
            }
        });
    }

    private void heard(JsonObject event) {
        JsonObject actor = event.getJsonObject("Actor", new JsonObject());
        String container = event.getString("Type", "").equals("network")
                ? actor.getJsonObject("Attributes", new JsonObject()).getString("container", "")
                : actor.getString("ID", "");
        if (!container.isEmpty()) {
            sync(container)
                    .onFailure(cause -> LOG.warn(
                            "A container's names could not be registered; the next full comparison repeats it."
                                    + " container={} reason=\"{}\"",
                            container,
                            cause.getMessage()));
        }
    }

    private void syncAll() {
        Set<EndpointId> known = new HashSet<>();
        book.endpoints().forEach(endpoint -> known.add(endpoint.id()));
        (defaultNetwork.present() ? Future.<Void>succeededFuture() : defaultNetwork.ensure())
                .compose(done -> docker.get("/containers/json"))
                .compose(running -> {
                    if (!running.ok()) {
                        return Future.failedFuture("docker does not list containers: " + running.json());
                    }
                    Future<Void> all = Future.succeededFuture();
                    for (Object container : (JsonArray) running.json()) {
                        String id = ((JsonObject) container).getString("Id");
                        all = all.compose(before -> sync(id));
                    }
                    Set<IpAddress> inUse = addresses((JsonArray) running.json());
                    return all.compose(before -> releaseLeaks(inUse));
                })
                .compose(done -> bus.request(Service.DNS, new RetainNames(retained(known)), DEADLINE))
                .onFailure(cause -> LOG.info(
                        "Names could not be compared with Docker's containers; trying again. reason=\"{}\"",
                        cause.getMessage()));
    }

    /** Gives back what neither Docker's containers nor our endpoints use; see {@link AddressLeaks}. */
    private Future<Void> releaseLeaks(Set<IpAddress> inUse) {
        return bus.request(Service.IPAM, new ListAllocations(), DEADLINE).compose(given -> {
            book.endpoints().forEach(endpoint -> endpoint.addresses().forEach(own -> inUse.add(own.address())));
            List<Future<?>> releases = new ArrayList<>();
            for (Allocation leak : AddressLeaks.find(given.allocations(), inUse, Instant.now())) {
                LOG.info(
                        "An address was given and nobody uses it; it is free again. address={} owner=\"{}\"",
                        leak.address(),
                        leak.owner());
                releases.add(release(leak));
            }
            return Future.all(releases).mapEmpty();
        });
    }

    private Future<?> release(Allocation leak) {
        Cidr subnet = leak.address().subnet();
        return bus.request(
                        Service.IPAM,
                        new RequestPool(
                                Optional.of(subnet),
                                Optional.empty(),
                                !subnet.address().isIpv4()),
                        DEADLINE)
                .compose(pool -> bus.request(
                        Service.IPAM,
                        new ReleaseAddress(pool.pool(), leak.address().address()),
                        DEADLINE));
    }

    private static Set<IpAddress> addresses(JsonArray containers) {
        Set<IpAddress> addresses = new HashSet<>();
        for (Object container : containers) {
            JsonObject networks = ((JsonObject) container)
                    .getJsonObject("NetworkSettings", new JsonObject())
                    .getJsonObject("Networks", new JsonObject());
            for (String network : networks.fieldNames()) {
                JsonObject settings = networks.getJsonObject(network);
                for (String field : List.of("IPAddress", "GlobalIPv6Address")) {
                    String address = settings.getString(field, "");
                    if (!address.isEmpty()) {
                        addresses.add(IpAddress.parse(address));
                    }
                }
            }
        }
        return addresses;
    }

    /** Whatever is in the book lives: it leaves the book with {@code DeleteEndpoint}. */
    private Set<EndpointId> retained(Set<EndpointId> known) {
        Set<EndpointId> retained = new HashSet<>(known);
        retained.removeIf(endpoint -> book.endpoint(endpoint).isEmpty());
        book.endpoints().forEach(endpoint -> retained.add(endpoint.id()));
        return retained;
    }

    private Future<Void> sync(String container) {
        return docker.get("/containers/" + container + "/json").compose(inspected -> {
            if (inspected.status() == NOT_FOUND) {
                return Future.succeededFuture();
            }
            if (!inspected.ok()) {
                return Future.failedFuture("docker does not show container " + container + ": " + inspected.json());
            }
            return register((JsonObject) inspected.json());
        });
    }

    private Future<Void> register(JsonObject container) {
        ContainerId id = ContainerId.parse(container.getString("Id"));
        String name = container.getString("Name", "");
        JsonObject config = container.getJsonObject("Config", new JsonObject());
        JsonObject networks = container
                .getJsonObject("NetworkSettings", new JsonObject())
                .getJsonObject("Networks", new JsonObject());
        List<Future<?>> registrations = new ArrayList<>();
        for (String network : networks.fieldNames()) {
            JsonObject settings = networks.getJsonObject(network);
            endpoint(settings).ifPresent(endpoint -> {
                List<Fqdn> names = ContainerNames.of(
                        id,
                        name,
                        config.getString("Hostname", ""),
                        config.getString("Domainname", ""),
                        aliases(settings),
                        domain);
                attached.put(
                        endpoint.id(),
                        new AttachedContainer(
                                id,
                                name.startsWith("/") ? name.substring(1) : name,
                                endpoint.id(),
                                endpoint.mac(),
                                endpoint.addresses()));
                registrations.add(bus.request(
                        Service.DNS,
                        new RegisterName(endpoint.id(), id, names, endpoint.addresses(), List.of(), List.of(), true),
                        DEADLINE));
            });
        }
        return Future.all(registrations).mapEmpty();
    }

    private Optional<Endpoint> endpoint(JsonObject settings) {
        String network = settings.getString("NetworkID", "");
        String endpoint = settings.getString("EndpointID", "");
        return network.isEmpty()
                        || endpoint.isEmpty()
                        || book.network(NetworkId.parse(network)).isEmpty()
                ? Optional.empty()
                : book.endpoint(EndpointId.parse(endpoint));
    }

    private static List<String> aliases(JsonObject settings) {
        JsonArray aliases = settings.getJsonArray("Aliases");
        return aliases == null
                ? List.of()
                : aliases.stream().map(Object::toString).toList();
    }
}
