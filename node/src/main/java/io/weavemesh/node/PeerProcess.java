package io.weavemesh.node;

import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.ClusterOptions;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.HealthEndpoint;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Service;
import io.weavemesh.dns.edge.DnsVerticle;
import io.weavemesh.ipam.edge.IpamVerticle;
import io.weavemesh.plugin.edge.PluginVerticle;
import io.weavemesh.router.edge.RouterVerticle;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running peer, or one service of it: what is started in which order, and stopped in the reverse one.
 *
 * <p>Docker's sockets come first, because dockerd must be answered within a second; then the cluster; then the services
 * that need it. Runs on the main thread, which ends when the process is told to.
 */
final class PeerProcess {

    /** Where the log goes: a file for a host, standard output for a container. */
    enum LogTo {
        FILE,
        STANDARD_OUTPUT
    }

    private static final Logger LOG = LoggerFactory.getLogger(PeerProcess.class);

    /** Starting takes a second or two; whatever takes longer than this will not come any more. */
    private static final long START_SECONDS = 30;

    /** Bounds each step of stopping; there are about ten, most take no time at all. */
    private static final long STOP_SECONDS = 4;

    /** How often we look whether this host still has the address the peers know. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** A client of DHCP may take an address away and give it back at once. */
    private static final int MISSED_LOOKS = 2;

    /** An exit status no caller sees: the host's address is another one, and everything has to start anew with it. */
    private static final int MOVED = -1;

    private final PeerSettings settings;
    private final ServiceSettings services;
    private final Launcher launcher;
    private final Supervision supervision;
    private final Health health = new Health();
    private final Deque<Step> started = new ArrayDeque<>();

    /** Done first when the peer is told to stop, while everything still runs: dockerd calls back while it works. */
    private Stop beforeStop = () -> {};

    private final ServiceManager manager = ServiceManager.fromEnvironment(System.getenv());
    private Optional<PluginVerticle> plugin = Optional.empty();
    private Future<Void> dockerReached = Future.succeededFuture();

    private PeerProcess(PeerSettings settings, Launcher launcher, Supervision supervision) {
        this.settings = settings;
        this.services = new ServiceSettings(settings);
        this.launcher = launcher;
        this.supervision = supervision;
    }

    /** Something that was started, and how it is stopped. */
    private record Step(String name, Stop stop) {}

    @FunctionalInterface
    private interface Stop {
        void run() throws Exception;
    }

    /** Runs until the process is told to end; returns its exit status. */
    static int run(PeerOptions options, List<String> peers, Set<Service> services, LogTo logTo)
            throws InterruptedException {
        Launcher launcher = Launcher.ofThisProcess();
        PeerProcess process;
        PidFile pid;
        Supervision supervision;
        try {
            options.check();
            PeerOptions.checkPeers(peers);
            options.checkInit();
            HostPaths paths = HostPaths.fromEnvironment(System.getenv());
            switch (logTo) {
                case FILE -> LogFile.toFile(paths.logFile(), options.logLevel());
                case STANDARD_OUTPUT -> LogFile.toStandardOutput(options.logLevel());
            }
            RunningServices.refuseSecondPeer(paths, services);
            pid = PidFile.take(
                    services.size() == 1 ? paths.pidFile(services.iterator().next()) : paths.pidFile());
            supervision = Supervision.begin(paths, System.getenv());
            process = new PeerProcess(PeerSettings.resolve(options, peers, services, paths), launcher, supervision);
        } catch (UserError | IllegalStateException e) {
            launcher.failed(String.valueOf(e.getMessage()));
            return 1;
        }
        EndOfProcess end = EndOfProcess.watch();
        try (pid) {
            int status = process.runUntilTold(end);
            while (status == MOVED) {
                status = moved(process.settings, end)
                        .map(settings -> new PeerProcess(settings, launcher, supervision))
                        .map(again -> again.runAgain(end))
                        .orElse(0);
            }
            supervision.end();
            return status;
        } finally {
            end.allow();
        }
    }

    private int runAgain(EndOfProcess end) {
        try {
            return runUntilTold(end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** The settings for where this host is now, as soon as it is anywhere; nothing if the process is told to end before. */
    private static Optional<PeerSettings> moved(PeerSettings before, EndOfProcess end) throws InterruptedException {
        do {
            try {
                return Optional.of(
                        PeerSettings.resolve(before.options(), targets(before), before.services(), before.paths()));
            } catch (UserError | IllegalStateException e) {
                LOG.warn("This host has no address to use; trying again. reason=\"{}\"", e.getMessage());
            }
        } while (!end.isTold(LOOK));
        return Optional.empty();
    }

    /** What was connected to and forgotten since the launch counts. */
    private static List<String> targets(PeerSettings before) {
        if (!before.services().contains(Service.ROUTER)) {
            return before.targets();
        }
        try (Store store = Store.open(before.paths().store(Service.ROUTER.label()))) {
            return RouterVerticle.savedTargets(store);
        }
    }

    /** What is done with a peer that was started for it. */
    @FunctionalInterface
    interface Rehearsal {
        void with(ClusterNode cluster) throws Exception;
    }

    /** Starts a peer, does something with it, and stops it again. */
    static void rehearse(PeerSettings settings, Rehearsal rehearsal) throws Exception {
        PeerProcess process =
                new PeerProcess(settings, Launcher.absent(System.out), Supervision.none(settings.paths()));
        try {
            rehearsal.with(process.start());
        } finally {
            process.stop();
        }
    }

    private int runUntilTold(EndOfProcess end) throws InterruptedException {
        try {
            ClusterNode cluster = start();
            LOG.info(
                    "Peer is ready. name={} nickname={} version={} address={} services={}",
                    settings.self().name(),
                    settings.self().nickname(),
                    settings.self().version(),
                    settings.self().vtep(),
                    settings.services());
            supervision.ready();
            manager.status("Ready");
            HowToGoOn.lines(
                            settings.options(),
                            settings.services(),
                            Files.exists(settings.paths().dockerDnsNote()),
                            Preflight.dockerRuns(settings.options().dockerSocket()))
                    .forEach(launcher::say);
            launcher.ready();
            int missed = 0;
            while (!end.isTold(LOOK)) {
                supervision.look();
                if (plugin.isEmpty() || plugin.get().isAlive(LOOK)) {
                    manager.alive();
                }
                missed = hasAddress() ? 0 : missed + 1;
                if (missed == MISSED_LOOKS) {
                    LOG.warn(
                            "This host has its address no more; starting anew. address={}",
                            settings.self().vtep());
                    beforeStop = () -> {}; // Docker and the containers are to notice nothing.
                    cluster.abandon();
                    return MOVED;
                }
            }
            manager.stopping();
            return 0;
        } catch (ExecutionException e) {
            return failed(
                    String.valueOf(
                            e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
                    e);
        } catch (IllegalStateException | UserError e) {
            return failed(String.valueOf(e.getMessage()), e);
        } catch (TimeoutException e) {
            return failed("the peer was not ready within " + START_SECONDS + " s (see: weave logs)", e);
        } finally {
            stop();
        }
    }

    private boolean hasAddress() {
        try {
            return NetworkInterface.getByInetAddress(settings.self().vtep().toInetAddress()) != null;
        } catch (SocketException e) {
            return true; // Not known; whoever cannot reach us will say so.
        }
    }

    private int failed(String text, Exception cause) {
        LOG.warn("Peer could not be started. reason=\"{}\"", text, cause);
        launcher.failed(text);
        return 1;
    }

    private ClusterNode start() throws InterruptedException, ExecutionException, TimeoutException {
        Promise<Bus> bus = Promise.promise();
        Promise<Membership> membership = Promise.promise();
        if (settings.services().contains(Service.PLUGIN)) {
            startPlugin(bus.future(), membership.future());
        }
        launcher.progress("joining the other peers");
        ClusterNode cluster = await(ClusterNode.start(new ClusterOptions(
                settings.self(),
                settings.services(),
                settings.self().vtep(),
                settings.options().port() + settings.portOffset(),
                settings.options().port() + 2 + settings.portOffset(),
                settings.localMembers(),
                settings.targets(),
                ClusterOptions.DEFAULT_DEPARTURE,
                settings.options().discovery(),
                settings.options().connectionLimit())));
        started.push(new Step("cluster", () -> awaitStop(cluster.stop())));
        health.register("cluster", cluster::health);
        startClustered(cluster);
        membership.complete(cluster.membership());
        bus.complete(cluster.bus()); // Now, when the services that Docker's calls need are there.
        if (settings.services().contains(Service.PLUGIN)) {
            launcher.progress("making Docker's network 'weave'");
            await(dockerReached);
        }
        if (!settings.wholePeer() && !settings.services().contains(Service.ROUTER)) {
            HostPort status = settings.options().statusAddress();
            await(HealthEndpoint.serve(
                    cluster.vertx(),
                    health,
                    cluster.bus().meters(),
                    ServiceVersion.product(),
                    status.host(),
                    status.port() + settings.portOffset()));
        }
        return cluster;
    }

    /** On a Vert.x of its own, because the clustered one takes longer to start than Docker should wait. */
    private void startPlugin(Future<Bus> bus, Future<Membership> membership)
            throws InterruptedException, ExecutionException, TimeoutException {
        launcher.progress("opening Docker's sockets");
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2));
        started.push(new Step("plugin", () -> awaitStop(vertx.close())));
        Store store = open(Service.PLUGIN);
        PluginVerticle verticle = new PluginVerticle(bus, membership, store, health, services.plugin());
        await(vertx.deployVerticle(verticle));
        plugin = Optional.of(verticle);
        manager.ready();
        dockerReached = verticle.firstContact();
        beforeStop = () -> awaitStop(verticle.removeDefaultNetwork());
    }

    private void startClustered(ClusterNode cluster) throws InterruptedException, ExecutionException, TimeoutException {
        launcher.progress("starting the services");
        if (settings.services().contains(Service.IPAM)) {
            deploy(
                    cluster,
                    Service.IPAM,
                    new IpamVerticle(cluster.bus(), cluster.membership(), open(Service.IPAM), health, services.ipam()));
        }
        if (settings.services().contains(Service.DNS)) {
            deploy(
                    cluster,
                    Service.DNS,
                    new DnsVerticle(cluster.bus(), cluster.membership(), open(Service.DNS), health, services.dns()));
        }
        if (settings.services().contains(Service.ROUTER)) {
            deploy(
                    cluster,
                    Service.ROUTER,
                    new RouterVerticle(
                            cluster.bus(), cluster.membership(), open(Service.ROUTER), health, services.router()));
        }
    }

    private void deploy(ClusterNode cluster, Service service, Deployable verticle)
            throws InterruptedException, ExecutionException, TimeoutException {
        String id = await(cluster.vertx().deployVerticle(verticle));
        started.push(new Step(service.label(), () -> awaitStop(cluster.vertx().undeploy(id))));
    }

    private Store open(Service service) {
        Store store = Store.open(settings.paths().store(service.label()));
        started.push(new Step(service.label() + " store", store::close));
        return store;
    }

    private void stop() {
        started.push(new Step("default network", beforeStop));
        while (!started.isEmpty()) {
            Step step = started.pop();
            try {
                step.stop().run();
            } catch (Exception e) {
                LOG.warn("A part of the peer did not stop in order. part={}", step.name(), e);
            }
        }
        LOG.info("Peer is stopped. name={}", settings.self().name());
    }

    private static void awaitStop(Future<?> future) throws InterruptedException, ExecutionException, TimeoutException {
        future.toCompletionStage().toCompletableFuture().get(STOP_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T await(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    }
}
