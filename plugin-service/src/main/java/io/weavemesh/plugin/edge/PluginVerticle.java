package io.weavemesh.plugin.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.PluginRequest.Attach;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.PluginRequest.Detach;
import io.weavemesh.contract.PluginRequest.DetachAll;
import io.weavemesh.contract.PluginRequest.FindContainer;
import io.weavemesh.contract.PluginRequest.LeaveNetworks;
import io.weavemesh.contract.PluginRequest.ListNetworks;
import io.weavemesh.contract.PluginRequest.PluginStatusQuery;
import io.weavemesh.contract.PluginRequest.RepeatNames;
import io.weavemesh.contract.PluginRequest.UndefineNetwork;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRequest.PullTable;
import io.weavemesh.plugin.AttachedEndpoint;
import io.weavemesh.plugin.AttachmentBook;
import io.weavemesh.plugin.CallStatistics;
import io.weavemesh.plugin.ChosenSubnets;
import io.weavemesh.plugin.CniAttachment;
import io.weavemesh.plugin.CniBook;
import io.weavemesh.plugin.CniDriver;
import io.weavemesh.plugin.ContainerBook;
import io.weavemesh.plugin.Endpoint;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.IpamDriver;
import io.weavemesh.plugin.Network;
import io.weavemesh.plugin.NetworkDriver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * plugin-service. To be deployed on a plain Vert.x instance before the cluster starts: the sockets are open when the
 * deployment completes, the rest follows when the bus is there.
 */
public final class PluginVerticle extends VerticleBase {

    private static final List<String> DRIVERS = List.of("weavemesh", "weave");

    /** As often as Docker's containers are looked at where that is allowed. */
    private static final long NAMES_MILLIS = 30_000;

    private final Future<Bus> bus;
    private final Future<Membership> membership;
    private final Store store;
    private final Health health;
    private final PluginSettings settings;
    private final CallStatistics statistics = new CallStatistics();
    private Optional<PluginServer> server = Optional.empty();
    private Optional<Cni> cni = Optional.empty();
    private Optional<ContainerWatcher> watcher = Optional.empty();
    private Optional<Attachments> attachments = Optional.empty();
    private Optional<DockerComparison> comparison = Optional.empty();
    private Optional<DefaultNetwork> defaultNetwork = Optional.empty();
    private Optional<ClusterNetworks> clusterNetworks = Optional.empty();
    private final Promise<Void> firstContact = Promise.promise();
    private volatile String state = "sockets are not open";

    /** What is there for CNI. */
    private record Cni(CniBook book, CniAttachments attachments, CniServer server) {}

    /**
     * The service before anything is there.
     *
     * @param membership there before the bus; without it no networks are exchanged with other peers
     */
    public PluginVerticle(
            Future<Bus> bus, Future<Membership> membership, Store store, Health health, PluginSettings settings) {
        this.bus = bus;
        this.membership = membership;
        this.store = store;
        this.health = health;
        this.settings = settings;
    }

    @Override
    public Future<?> start() {
        EndpointBook book = new EndpointBook(
                store.load(EndpointBook.NETWORKS, Network.class).values(),
                store.load(EndpointBook.ENDPOINTS, Endpoint.class).values());
        AttachmentBook attached = new AttachmentBook(
                store.load(AttachedEndpoint.MAP, AttachedEndpoint.class).values());
        ChosenSubnets chosen = new ChosenSubnets(
                store.load(ChosenSubnets.MAP, ChosenSubnets.Chosen.class).values());
        NetworkDriver networks = new NetworkDriver(book, NetworkDriver.Scope.LOCAL);
        NetworkDriver global = new NetworkDriver(book, settings.weaveScope());
        StepRunner runner = new StepRunner(vertx, bus, store);
        PluginServer plugin = new PluginServer(
                vertx, new IpamDriver(book, chosen, () -> UUID.randomUUID().toString()), runner, statistics);
        server = Optional.of(plugin);
        Cni containers = cni(book, runner);
        cni = Optional.of(containers);
        health.register(
                "plugin",
                () -> state.isEmpty() ? Health.Result.healthy("serves Docker") : Health.Result.unhealthy(state));
        Optional<DockerClient> docker = settings.dockerSocket().map(socket -> new DockerClient(vertx, socket));
        bus.onSuccess(ready -> context.runOnContext(ignored -> {
            clusterNetworks = Optional.ofNullable(membership.result())
                    .map(members -> clusterNetworks(ready, members, book, chosen, docker));
            docker.ifPresentOrElse(
                    client -> {
                        comparison = Optional.of(new DockerComparison(
                                vertx, ready, client, book, attached, containers.book(), networks, runner));
                        if (settings.weaveScope() == NetworkDriver.Scope.GLOBAL) {
                            new GlobalNetworks(vertx, client, global, runner).start();
                        }
                        join(ready, client, book, attached, containers);
                    },
                    () -> joinAlone(ready, book, plugin, containers));
        }));
        return Future.all(
                        containers.server().listen(settings.cniSocket()),
                        plugin.listen(settings.pluginDirectory().resolve("weavemesh.sock"), networks),
                        plugin.listen(settings.pluginDirectory().resolve("weave.sock"), global))
                .onSuccess(open -> state = "the bus is not there yet");
    }

    @Override
    public Future<?> stop() {
        watcher.ifPresent(ContainerWatcher::stop);
        comparison.ifPresent(DockerComparison::stop);
        return Future.all(
                server.map(PluginServer::close).orElseGet(Future::succeededFuture),
                cni.map(Cni::server).map(CniServer::close).orElseGet(Future::succeededFuture));
    }

    /** Whether the thread that answers Docker does something else than standing still; waits for it no longer than given. */
    public boolean isAlive(Duration limit) throws InterruptedException {
        CountDownLatch turn = new CountDownLatch(1);
        context.runOnContext(ignored -> turn.countDown());
        return turn.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Completes when the network {@code weave} is there, or cannot be made now because Docker does not run. */
    public Future<Void> firstContact() {
        return firstContact.future();
    }

    /** Removes the network {@code weave} if no container uses it. For an orderly stop, while the other services still run. */
    public Future<Void> removeDefaultNetwork() {
        Promise<Void> removed = Promise.promise();
        context.runOnContext(ignored -> {
            watcher.ifPresent(ContainerWatcher::stop); // It would make the network again.
            defaultNetwork
                    .map(DefaultNetwork::remove)
                    .orElseGet(Future::succeededFuture)
                    .onComplete(done -> removed.complete());
        });
        return removed.future();
    }

    private ClusterNetworks clusterNetworks(
            Bus ready, Membership members, EndpointBook book, ChosenSubnets chosen, Optional<DockerClient> docker) {
        return new ClusterNetworks(
                vertx,
                ready,
                members,
                store,
                book,
                chosen,
                SharedTable.create(vertx, ready, members, Service.PLUGIN, NetworkRow.class),
                docker.map(NetworkMaker::new));
    }

    private Cni cni(EndpointBook networks, StepRunner runner) {
        CniBook book =
                new CniBook(store.load(CniAttachment.MAP, CniAttachment.class).values());
        CniDriver driver = new CniDriver(book, networks, settings.domain(), settings.defaultSubnet());
        CniAttachments attachments = new CniAttachments(vertx, driver, book, runner);
        return new Cni(book, attachments, new CniServer(vertx, attachments, statistics));
    }

    private void join(Bus ready, DockerClient docker, EndpointBook book, AttachmentBook attached, Cni containers) {
        DefaultNetwork network = new DefaultNetwork(docker, settings.defaultSubnet());
        Attachments attaching = new Attachments(
                ready,
                docker,
                store,
                attached,
                book,
                settings.defaultSubnet(),
                container -> watcher.orElseThrow().look(container));
        ContainerWatcher following = new ContainerWatcher(
                vertx,
                ready,
                docker,
                new ContainerBook(settings.domain(), book, attached, containers.book()::ids),
                network,
                attaching);
        clusterNetworks.ifPresent(networks -> following.alsoTell(networks.here()));
        attachments = Optional.of(attaching);
        defaultNetwork = Optional.of(network);
        watcher = Optional.of(following);
        Context mine = context;
        ready.serve(
                        Service.PLUGIN,
                        (from, request) -> answer(mine, ready, request),
                        (from, message) -> hear(mine, from, message))
                .onSuccess(served -> {
                    state = "";
                    mine.runOnContext(ignored -> {
                        clusterNetworks.ifPresent(ClusterNetworks::start);
                        following.start();
                        containers.attachments().start(ready);
                        comparison.ifPresent(DockerComparison::start);
                        following.firstContact().onComplete(done -> firstContact.tryComplete());
                    });
                })
                .onFailure(cause -> state = "the bus refused us: " + cause.getMessage());
    }

    /** Without Docker's API: nothing is followed, compared or made there. */
    private void joinAlone(Bus ready, EndpointBook book, PluginServer plugin, Cni containers) {
        NamesByCalls names = new NamesByCalls(ready, book, settings.domain());
        plugin.onEndpointMade(names::tell);
        Context mine = context;
        ready.serve(
                        Service.PLUGIN,
                        (from, request) -> answerAlone(mine, ready, names, request),
                        (from, message) -> hear(mine, from, message))
                .onSuccess(served -> {
                    state = "";
                    firstContact.tryComplete();
                    mine.runOnContext(ignored -> {
                        clusterNetworks.ifPresent(ClusterNetworks::start);
                        containers.attachments().start(ready);
                        names.tell();
                        vertx.setPeriodic(NAMES_MILLIS, timer -> names.tell());
                    });
                })
                .onFailure(cause -> state = "the bus refused us: " + cause.getMessage());
    }

    private Future<? extends Reply> answerAlone(Context mine, Bus ready, NamesByCalls names, Request<?> request) {
        return switch (request) {
            case PluginStatusQuery query -> onMine(mine, () -> Future.succeededFuture(status()));
            case DetachAll all -> onMine(mine, this::detachCni);
            case RepeatNames repeat ->
                onMine(
                        mine,
                        () -> names.tell()
                                .compose(_ -> cni.orElseThrow().attachments().tellNames(ready)));
            case ListNetworks list ->
                onMine(mine, () -> networks().map(all -> all.progress().list()));
            case LeaveNetworks leave -> Future.succeededFuture(new Done());
            case PullTable pull -> onMine(mine, () -> pull(pull));
            case DefineNetwork define -> notAllowed("use 'weave network' on another host");
            case UndefineNetwork undefine -> notAllowed("use 'weave network' on another host");
            default -> notAllowed("give addresses instead of containers");
        };
    }

    private static <R extends Reply> Future<R> notAllowed(String instead) {
        return Future.failedFuture(new FailureException(
                Failure.Code.INVALID,
                "weave may not ask Docker on this host (it was launched with --no-docker-api): " + instead
                        + ", or launch it without that option"));
    }

    private void hear(Context mine, PeerName from, Broadcast message) {
        if (message instanceof TableBroadcast news) {
            mine.runOnContext(ignored ->
                    clusterNetworks.ifPresent(networks -> networks.table().receive(from, news)));
        }
    }

    private Future<ClusterNetworks> networks() {
        return clusterNetworks
                .map(Future::succeededFuture)
                .orElseGet(() -> Future.failedFuture(
                        new FailureException(Failure.Code.NOT_READY, "plugin-service is starting: try again")));
    }

    private Future<TablePage> pull(PullTable pull) {
        return networks().compose(networks -> networks.table().answer(pull));
    }

    /** Requests arrive on the bus's context; our state belongs to ours. */
    private Future<? extends Reply> answer(Context mine, Bus ready, Request<?> request) {
        return switch (request) {
            case PluginStatusQuery query -> onMine(mine, () -> Future.succeededFuture(status()));
            case FindContainer find -> onMine(mine, () -> watcher.orElseThrow().find(find.reference()));
            case Attach attach -> onMine(mine, () -> attachments.orElseThrow().attach(attach));
            case Detach detach -> onMine(mine, () -> attachments.orElseThrow().detach(detach));
            case DetachAll all ->
                onMine(mine, () -> attachments.orElseThrow().retain(List.of()).compose(_ -> detachCni()));
            case RepeatNames repeat ->
                onMine(
                        mine,
                        () -> watcher.orElseThrow()
                                .repeatNames()
                                .compose(_ -> cni.orElseThrow().attachments().tellNames(ready)));
            case ListNetworks list ->
                onMine(mine, () -> networks().map(all -> all.progress().list()));
            case DefineNetwork define -> onMine(mine, () -> networks().compose(all -> all.define(define)));
            case UndefineNetwork removal -> onMine(mine, () -> networks().compose(all -> all.undefine(removal.name())));
            case AwaitNetwork await ->
                onMine(mine, () -> networks().compose(all -> all.progress().await(await)));
            case LeaveNetworks leave -> onMine(mine, () -> networks().compose(ClusterNetworks::leave));
            case PullTable pull -> onMine(mine, () -> pull(pull));
            default ->
                Future.failedFuture(new FailureException(
                        Failure.Code.INVALID,
                        "plugin-service does not know " + request.getClass().getSimpleName()));
        };
    }

    private Future<Done> detachCni() {
        return cni.orElseThrow().attachments().removeAll().map(new Done());
    }

    private static <R extends Reply> Future<R> onMine(Context mine, Supplier<Future<R>> answer) {
        Promise<R> promise = Promise.promise();
        mine.runOnContext(ignored -> answer.get().onComplete(promise));
        return promise.future();
    }

    private PluginStatus status() {
        return new PluginStatus(
                DRIVERS,
                watcher.map(ContainerWatcher::engine)
                        .orElse(
                                settings.dockerSocket().isPresent()
                                        ? "not reached yet"
                                        : "not asked (--no-docker-api)"),
                defaultNetwork.map(DefaultNetwork::present).orElse(false),
                Stream.concat(
                                watcher.map(ContainerWatcher::attached).orElse(List.of()).stream(),
                                cni.orElseThrow().book().attached().stream())
                        .toList(),
                statistics.status());
    }
}
