package io.weavemesh.router.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginRequest;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterBroadcast;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.RouterReply.Endpoints;
import io.weavemesh.contract.RouterReply.RouterStatus;
import io.weavemesh.contract.RouterReply.SandboxJoined;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableRequest;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.router.Exposure;
import io.weavemesh.router.Input;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.LocalNetwork;
import io.weavemesh.router.MetricsText.RouterCounters;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.RouterNotes;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.Segment;
import io.weavemesh.router.ToldMtus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * router-service: takes requests and news from the bus, follows the peers, and serves the control API. What it does about
 * them is the {@link DataPath}'s and the core's business.
 */
public final class RouterVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(RouterVerticle.class);

    private record Beginning(
            Kernel kernel,
            Collection<LocalNetwork> networks,
            Collection<LocalEndpoint> endpoints,
            Collection<Exposure> exposures) {}

    private final Bus bus;
    private final Membership membership;
    private final Journal journal;
    private final Health health;
    private final RouterSettings settings;
    private final Supplier<Kernel> kernels;
    private final Supplier<SharedTable<EndpointRow>> tables;
    private final Duration patience;
    private Optional<PatientMembership> patient = Optional.empty();
    private final ToldMtus toldMtus = new ToldMtus();
    private Optional<Running> running = Optional.empty();
    private Optional<ControlApi> api = Optional.empty();

    /** What there is once the start is complete. */
    private record Running(
            Overlay overlay,
            DataPath dataPath,
            SharedTable<EndpointRow> table,
            Forwarding forwarding,
            Firewall firewall,
            PathProber paths) {}

    /** The service of this host, in the kernel of the namespace this process is in. */
    public RouterVerticle(Bus bus, Membership membership, Store store, Health health, RouterSettings settings) {
        this.bus = bus;
        this.membership = membership;
        this.journal = new Journal(store);
        this.health = health;
        this.settings = settings;
        this.kernels = NetlinkKernel::open;
        this.tables = () -> SharedTable.create(vertx, bus, patient(), Service.ROUTER, EndpointRow.class);
        this.patience = PatientMembership.PATIENCE;
    }

    RouterVerticle(
            Bus bus,
            Membership membership,
            Store store,
            Health health,
            RouterSettings settings,
            Supplier<Kernel> kernels,
            Supplier<SharedTable<EndpointRow>> tables,
            Duration patience) {
        this.bus = bus;
        this.membership = membership;
        this.journal = new Journal(store);
        this.health = health;
        this.settings = settings;
        this.kernels = kernels;
        this.tables = tables;
        this.patience = patience;
    }

    /** The peers we were last told to search for, for a launch that resumes. Blocks. */
    public static List<String> savedTargets(Store store) {
        return new Journal(store).targets();
    }

    @Override
    public Future<?> start() {
        health.register("router", this::check);
        LocalServices services = new LocalServices(bus);
        ControlApi control = new ControlApi(vertx, health, services, new Facts(), settings);
        api = Optional.of(control);
        return control.listen()
                .compose(_ -> vertx.executeBlocking(this::begin))
                .compose(beginning -> run(Objects.requireNonNull(beginning)))
                .compose(_ -> bus.serve(Service.ROUTER, this::handle, this::hear))
                .compose(_ -> journal.saveTargets(membership.targets()))
                .onSuccess(_ -> LOG.info(
                        "The router is ready. peer={} vtep={} mtu={} control={}",
                        bus.self(),
                        settings.vtep(),
                        settings.ownMtu(),
                        settings.control()));
    }

    @Override
    public Future<?> stop() {
        Future<?> closed = api.map(ControlApi::close).orElseGet(Future::succeededFuture);
        running.ifPresent(parts -> parts.paths().close());
        return closed.eventually(
                () -> running.map(parts -> parts.dataPath().thread().close()).orElseGet(Future::succeededFuture));
    }

    /** Where the control API was bound; the ports differ from the settings if those were 0. */
    int controlPort() {
        return api.orElseThrow().controlPort();
    }

    int statusPort() {
        return api.orElseThrow().statusPort();
    }

    private Beginning begin() {
        try {
            return new Beginning(kernels.get(), journal.networks(), journal.endpoints(), journal.exposures());
        } catch (NetlinkException e) {
            String text = e.notPermitted()
                    ? "router-service makes network devices and so needs root or CAP_NET_ADMIN: " + e.getMessage()
                    : "router-service cannot reach the kernel: " + e.getMessage();
            throw new FailureException(Failure.Code.UNAVAILABLE, text);
        }
    }

    private Future<Void> run(Beginning beginning) {
        SharedTable<EndpointRow> table = tables.get();
        Overlay overlay =
                new Overlay(bus.self(), settings, beginning.networks(), beginning.endpoints(), beginning.exposures());
        DataPath dataPath = new DataPath(vertx, bus.self(), beginning.kernel(), journal, overlay, table);
        Forwarding forwarding = new Forwarding(vertx, dataPath.thread(), beginning.kernel(), overlay);
        Firewall firewall = new Firewall(
                vertx, dataPath.thread(), beginning.kernel(), overlay, settings, dataPath::observe, forwarding::look);
        dataPath.beforeChanges(firewall::refresh);
        Context context = vertx.getOrCreateContext();
        UnderlayWatch underlay = new UnderlayWatch(
                vertx, dataPath.thread(), beginning.kernel(), overlay, dataPath, settings, this::tellMtu);
        PathProber paths = new PathProber(vertx, overlay, settings);
        beginning
                .kernel()
                .watchUnderlay(() -> context.runOnContext(_ -> {
                    underlay.observe();
                    firewall.observeDevices();
                }));
        beginning.kernel().watch(event -> context.runOnContext(_ -> dataPath.observe(event)));
        beginning.kernel().watchFirewall(changed -> context.runOnContext(_ -> firewall.observe(changed)));
        firewall.refresh();
        return dataPath.start(settings.settleTime()).map(_ -> {
            patient()
                    .listen(event -> context.runOnContext(_ -> {
                        follow(dataPath, event);
                        paths.follow();
                    }));
            membership.listen(event -> context.runOnContext(_ -> noteDeparture(event)));
            forwarding.start();
            firewall.start();
            paths.start();
            running = Optional.of(new Running(overlay, dataPath, table, forwarding, firewall, paths));
            return null;
        });
    }

    /** One for all who listen, so that a peer's removal reaches them all. */
    private PatientMembership patient() {
        PatientMembership one = patient.orElseGet(() -> new PatientMembership(vertx, membership, patience));
        patient = Optional.of(one);
        return one;
    }

    private void noteDeparture(Membership.PeerEvent event) {
        if (event instanceof Membership.PeerDown(var peer)) {
            LOG.info("A peer is down; its containers are still reached. peer={}", peer);
            toldMtus.forget(peer);
        }
    }

    private void follow(DataPath dataPath, Membership.PeerEvent event) {
        switch (event) {
            case Membership.PeerUp(var peer) -> {
                LOG.info("A peer is up. peer={} vtep={} mtu={}", peer.label(), peer.vtep(), peer.mtu());
                dataPath.take(new Input.PeerPresent(toldMtus.current(peer)));
                running.map(parts -> parts.overlay().ownMtu())
                        .filter(mtu -> mtu != membership.self().mtu())
                        .ifPresent(this::tellMtu);
            }
            case Membership.PeerDown(var peer) -> {
                LOG.info("A peer is removed, or away for long; its containers are reached no longer. peer={}", peer);
                dataPath.take(new Input.PeerGone(peer));
            }
            case Membership.PeerRefused(var peer, var reason) -> {
                LOG.warn("A peer is refused. peer={} reason={}", peer.label(), reason);
                dataPath.take(new Input.PeerGone(peer.name()));
            }
        }
    }

    private Future<? extends Reply> handle(PeerName from, Request<?> request) {
        long started = System.nanoTime();
        Future<? extends Reply> answer = switch (request) {
            case RouterRequest<?> asked -> handleOwn(from, asked);
            case TableRequest.PullTable pull ->
                running.<Future<? extends Reply>>map(parts -> parts.table().answer(pull))
                        .orElseGet(RouterVerticle::notReady);
            case DnsRequest<?> _, IpamRequest<?> _, PluginRequest<?> _ ->
                Future.failedFuture(new FailureException(
                        Failure.Code.INVALID, request.getClass().getSimpleName() + " is not for router-service"));
        };
        if (LOG.isDebugEnabled()) {
            answer.onComplete(done -> LOG.debug(
                    "Request answered. request={} from={} micros={} result={}",
                    request,
                    from,
                    TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - started),
                    done.succeeded() ? done.result() : done.cause().getMessage()));
        }
        return answer;
    }

    private Future<? extends Reply> handleOwn(PeerName from, RouterRequest<?> request) {
        if (running.isEmpty()) {
            return notReady();
        }
        Running parts = running.get();
        boolean asks =
                request instanceof RouterRequest.RouterStatusQuery || request instanceof RouterRequest.ListEndpoints;
        if (!from.equals(bus.self()) && !asks) {
            return Future.failedFuture(new FailureException(
                    Failure.Code.REFUSED,
                    request.getClass().getSimpleName() + " from peer " + from + ": only this host may ask for it"));
        }
        return switch (request) {
            case RouterRequest.CreateNetwork create ->
                parts.dataPath()
                        .ask(new Input.NetworkAsked(create))
                        .onSuccess(_ -> parts.forwarding().look());
            case RouterRequest.DeleteNetwork delete ->
                parts.dataPath()
                        .ask(new Input.NetworkGivenUp(delete))
                        .onSuccess(_ -> parts.forwarding().look());
            case RouterRequest.CreateEndpoint create -> parts.dataPath().ask(new Input.EndpointAsked(create));
            case RouterRequest.DeleteEndpoint delete -> parts.dataPath().ask(new Input.EndpointGivenUp(delete));
            case RouterRequest.JoinSandbox join ->
                parts.dataPath()
                        .ask(new Input.AddressesAsked(join.endpoint(), join.addresses()))
                        .compose(_ -> parts.overlay()
                                .endpoint(join.endpoint())
                                .map(endpoint -> parts.dataPath()
                                        .thread()
                                        .run(() -> Sandbox.of(join.sandboxes(), endpoint)
                                                .join(join.multicast())))
                                .orElseGet(() -> Future.failedFuture("it was taken back meanwhile")))
                        .map(SandboxJoined::new);
            case RouterRequest.EnterSandbox enter ->
                parts.overlay()
                        .endpoint(enter.endpoint())
                        .map(endpoint -> parts.dataPath()
                                .thread()
                                .run(() -> new GivenSandbox(Path.of(enter.sandbox()))
                                        .enter(enter, endpoint, parts.overlay().bridgeMac())))
                        .orElseGet(() -> Future.failedFuture(new FailureException(
                                Failure.Code.NOT_FOUND, "there is no endpoint " + enter.endpoint())));
            case RouterRequest.InspectSandbox look ->
                parts.dataPath().thread().run(() -> new GivenSandbox(Path.of(look.sandbox())).inspect(look));
            case RouterRequest.Expose expose ->
                parts.dataPath()
                        .ask(new Input.ExposeAsked(expose))
                        .onSuccess(_ -> parts.forwarding().look());
            case RouterRequest.Hide hide ->
                parts.dataPath()
                        .ask(new Input.HideAsked(hide))
                        .onSuccess(_ -> parts.forwarding().look());
            case RouterRequest.ListEndpoints _ ->
                Future.succeededFuture(new Endpoints(parts.overlay().endpointRows()));
            case RouterRequest.Connect connect -> new Targets(membership, journal).connect(connect);
            case RouterRequest.Forget forget -> new Targets(membership, journal).forget(forget);
            case RouterRequest.GiveUpPeer(var peer) -> {
                bus.publish(Service.ROUTER, new RouterBroadcast.PeerRemoved(peer));
                remove(peer);
                yield Future.succeededFuture(new Done());
            }
            case RouterRequest.RouterStatusQuery _ -> Future.succeededFuture(status());
        };
    }

    private void hear(PeerName from, Broadcast message) {
        switch (message) {
            case TableBroadcast news -> running.ifPresent(parts -> parts.table().receive(from, news));
            case RouterBroadcast.TargetsAdded(var targets) -> membership.connect(targets);
            case RouterBroadcast.MtuChanged(int mtu) -> hearMtu(from, mtu);
            case RouterBroadcast.PeerRemoved(var peer) -> remove(peer);
            case IpamBroadcast _ -> LOG.debug("A broadcast for ipam came to the router. from={}", from);
        }
    }

    private void remove(PeerName peer) {
        if (running.isPresent() && !peer.equals(bus.self())) {
            LOG.info("A peer is gone for good. peer={}", peer);
            patient().remove(peer);
        }
    }

    private void tellMtu(int mtu) {
        bus.publish(Service.ROUTER, new RouterBroadcast.MtuChanged(mtu));
    }

    private void hearMtu(PeerName from, int mtu) {
        PeerDescription peer = membership.peers().get(from);
        if (peer == null || running.isEmpty() || toldMtus.current(peer).mtu() == mtu) {
            return;
        }
        LOG.info("A peer's overlay carries other packets now. peer={} mtu={}", peer.label(), mtu);
        running.get().dataPath().take(new Input.PeerPresent(toldMtus.tell(peer, mtu)));
    }

    private RouterStatus status() {
        PeerDescription self = membership.self();
        List<PeerDescription> peers =
                membership.peers().values().stream().map(toldMtus::current).toList();
        List<Connection> connections = membership.connections().stream()
                .map(found -> new Connection(
                        found.address(),
                        found.outbound(),
                        found.state(),
                        found.peer().map(toldMtus::current),
                        found.info()))
                .toList();
        return new RouterStatus(
                running.map(parts -> self.withMtu(parts.overlay().ownMtu())).orElse(self),
                peers,
                connections,
                membership.targets(),
                membership.discovers());
    }

    private Health.Result check() {
        return running.isPresent() ? Health.Result.healthy("ready") : Health.Result.unhealthy("starting");
    }

    private static <T> Future<T> notReady() {
        return Future.failedFuture(new FailureException(Failure.Code.NOT_READY, "router-service is starting"));
    }

    /** What the control API may know of us. */
    private final class Facts implements RouterFacts {
        @Override
        public boolean ready() {
            return running.isPresent();
        }

        @Override
        public RouterStatus status() {
            return RouterVerticle.this.status();
        }

        @Override
        public List<Segment> segments() {
            return running.map(parts -> parts.overlay().segments()).orElse(List.of());
        }

        @Override
        public List<EndpointRow> endpoints() {
            return running.map(parts -> parts.overlay().endpointRows()).orElse(List.of());
        }

        @Override
        public List<Exposure> exposures() {
            return running.map(parts -> parts.overlay().exposures()).orElse(List.of());
        }

        @Override
        public RouterCounters counters() {
            return running.map(parts -> new RouterCounters(
                            parts.overlay().networks().size(),
                            parts.overlay().endpoints().size(),
                            parts.overlay().knownEndpoints(),
                            parts.dataPath().repairs(),
                            parts.dataPath().failures()))
                    .orElse(new RouterCounters(0, 0, 0, 0, 0));
        }

        @Override
        public RouterNotes notes() {
            return running.map(parts -> RouterNotes.of(
                            new TreeMap<>(parts.firewall().dropped()),
                            parts.firewall().repairs(),
                            parts.overlay().mtus(),
                            parts.paths().verdicts(),
                            parts.overlay().peers()))
                    .orElse(RouterNotes.NONE);
        }
    }
}
