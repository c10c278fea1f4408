package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRequest.PullTable;
import io.weavemesh.plugin.ChosenSubnets;
import io.weavemesh.plugin.DefinedNetworks;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.NetworkPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wiring: definitions on disk, in the table, and what becomes of them in Docker. */
class ClusterNetworksTest {

    private static final PeerName SELF = new PeerName(1);
    private static final PeerName OTHER = new PeerName(2);
    private static final Cidr SUBNET = Cidr.parse("10.99.0.0/24");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final RecordingBus bus = new RecordingBus();
    private final Table table = new Table();
    private final Members members = new Members();
    private final ChosenSubnets chosen = new ChosenSubnets(List.of());

    @SuppressWarnings("NullAway.Init")
    private Store store;

    @SuppressWarnings("NullAway.Init")
    private FakeDocker docker;

    @SuppressWarnings("NullAway.Init")
    private ClusterNetworks networks;

    @BeforeEach
    void start() throws Exception {
        store = Store.open(directory.resolve("plugin.db"));
        Path socket = directory.resolve("docker.sock");
        docker = await(FakeDocker.start(vertx, socket));
        networks = start(Optional.of(new NetworkMaker(new DockerClient(vertx, socket))));
    }

    private ClusterNetworks start(Optional<NetworkMaker> maker) throws Exception {
        return here(() -> {
            ClusterNetworks made = new ClusterNetworks(
                    vertx, bus, members, store, new EndpointBook(List.of(), List.of()), chosen, table, maker);
            made.start();
            return Future.succeededFuture(made);
        });
    }

    @AfterEach
    void close() throws Exception {
        store.close(); // First, since what was on its way to the disk is answered on a thread of Vert.x.
        await(vertx.close());
    }

    @Test
    void aNetworkIsOnDiskInTheTableAndInDockerAndASubnetIsChosenOnce() throws Exception {
        here(() -> networks.define(new DefineNetwork("shop", List.of(), List.of("works.weave.mtu=1400"), false)));
        NetworkDefinition kept = stored("shop");
        assertThat(kept.subnets()).containsExactly(Cidr.parse("10.184.0.0/22"));
        assertThat(store.load(ChosenSubnets.MAP, ChosenSubnets.Chosen.class)).hasSize(1);

        Networks settled = here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(settled.networks().getFirst().settled()).isTrue();
        assertThat(table.row(SELF, "shop")).contains(new NetworkRow(kept, Progress.DONE, ""));
        assertThat(docker.network("shop").getString("Driver")).isEqualTo("weavemesh");
        assertThat(docker.network("shop").getJsonObject("Options").getString("works.weave.mtu"))
                .isEqualTo("1400");
        assertThat(docker.network("shop").getJsonObject("Labels").fieldNames()).containsExactly(NetworkPlan.LABEL);

        here(() -> networks.undefine("shop"));
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(docker.network("shop")).isEmpty();
        assertThat(bus.requests).contains(new ReleasePool(new PoolId("weave-10.184.0.0/22-x")));
        assertThat(stored("shop").removed()).isTrue();
        assertThat(list().networks()).isEmpty();
    }

    @Test
    void whatAnotherPeerDefinesAndRemovesIsDoneHereAsSoonAsNobodyUsesIt() throws Exception {
        NetworkDefinition shop = definition(5, false);
        hear(shop, Progress.DONE);
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(stored("shop")).isEqualTo(shop);
        assertThat(docker.network("shop").getString("Name")).isEqualTo("shop");

        docker.use("shop", "web");
        NetworkDefinition gone = definition(6, true);
        hear(gone, Progress.DONE);
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(table.row(SELF, "shop")).contains(new NetworkRow(gone, Progress.IN_USE, "used by web"));
        assertThat(list().networks()).hasSize(1);

        docker.leave("shop");
        here(() -> {
            networks.here()
                    .heard(new io.vertx.core.json.JsonObject()
                            .put("Type", "network")
                            .put("Action", "disconnect"));
            return networks.here().look();
        });
        assertThat(docker.network("shop")).isEmpty();
        assertThat(table.row(SELF, "shop")).contains(new NetworkRow(gone, Progress.DONE, ""));
    }

    @Test
    void oneOfAnotherMakeIsAConflictThatIsNamedAndNothingIsDefined() throws Exception {
        docker.makeNetwork("shop", "bridge", "172.20.0.0/16");
        assertThatThrownBy(() -> here(() -> networks.define(new DefineNetwork("shop", List.of(), List.of(), false))))
                .hasMessageContaining("Docker has another network 'shop' (driver bridge, 172.20.0.0/16;");
        assertThat(store.load(DefinedNetworks.MAP, NetworkDefinition.class)).isEmpty();

        hear(definition(5, false), Progress.DONE);
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(table.row(SELF, "shop").orElseThrow().progress()).isEqualTo(Progress.CONFLICT);
        assertThat(docker.network("shop").getString("Driver")).isEqualTo("bridge");
    }

    @Test
    void aUsedOneIsNotRemovedWhereItIsUsed() throws Exception {
        here(() -> networks.define(new DefineNetwork("shop", List.of(SUBNET), List.of(), false)));
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        docker.use("shop", "web");
        assertThatThrownBy(() -> here(() -> networks.undefine("shop")))
                .hasMessageContaining("network 'shop' is used on this host by web");
        assertThatThrownBy(() -> here(() -> networks.undefine("nosuch")))
                .hasMessageContaining("no network 'nosuch' is defined for all hosts");
        assertThat(stored("shop").removed()).isFalse();
    }

    @Test
    void aHostThatHasNotSaidIsWaitedForAndNoLongerThanAsked() throws Exception {
        members.present = true;
        here(() -> networks.define(new DefineNetwork("shop", List.of(SUBNET), List.of(), false)));
        Networks early = here(() -> networks.progress().await(new AwaitNetwork("shop", 1)));
        assertThat(early.networks().getFirst().settled()).isFalse();
        assertThat(early.networks().getFirst().hosts())
                .extracting(host -> host.progress())
                .containsExactly(Progress.DONE, Progress.WAITING);
        hear(stored("shop"), Progress.FAILED);
        Networks settled = here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        assertThat(settled.networks().getFirst().hosts())
                .extracting(host -> host.progress())
                .containsExactly(Progress.DONE, Progress.FAILED);
    }

    @Test
    void afterARestartDockerIsComparedAgain() throws Exception {
        here(() -> networks.define(new DefineNetwork("shop", List.of(SUBNET), List.of(), false)));
        here(() -> networks.progress().await(new AwaitNetwork("shop", 5)));
        Path socket = directory.resolve("other.sock");
        FakeDocker other = await(FakeDocker.start(vertx, socket));
        networks = start(Optional.of(new NetworkMaker(new DockerClient(vertx, socket))));
        here(() -> networks.here().look());
        assertThat(other.network("shop").getString("Name")).isEqualTo("shop");
    }

    @Test
    void whereDockerMayNotBeAskedOthersAreToldSo() throws Exception {
        networks = start(Optional.empty());
        hear(definition(5, false), Progress.DONE);
        assertThat(table.row(SELF, "shop").orElseThrow().detail()).contains("--no-docker-api");
    }

    private Networks list() throws Exception {
        return here(() -> Future.succeededFuture(networks.progress().list()));
    }

    private NetworkDefinition stored(String name) {
        return Optional.ofNullable(
                        store.load(DefinedNetworks.MAP, NetworkDefinition.class).get(name))
                .orElseThrow();
    }

    private static NetworkDefinition definition(long version, boolean removed) {
        return new NetworkDefinition("shop", version, OTHER, removed, List.of(SUBNET), List.of());
    }

    private void hear(NetworkDefinition definition, Progress progress) throws Exception {
        here(() -> {
            table.put(OTHER, new NetworkRow(definition, progress, ""));
            return Future.succeededFuture();
        });
    }

    private <T> T here(Supplier<Future<T>> action) throws Exception {
        Promise<T> promise = Promise.promise();
        context.runOnContext(ignored -> action.get().onComplete(promise));
        return await(promise.future());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** All parts in one place. */
    private static final class Table implements SharedTable<NetworkRow> {
        private final Map<PeerName, Map<String, NetworkRow>> parts = new ConcurrentHashMap<>();
        private final List<Consumer<Change<NetworkRow>>> listeners = new CopyOnWriteArrayList<>();

        Optional<NetworkRow> row(PeerName peer, String name) {
            return Optional.ofNullable(parts.getOrDefault(peer, Map.of()).get(name));
        }

        void put(PeerName peer, NetworkRow row) {
            parts.computeIfAbsent(peer, name -> new ConcurrentHashMap<>()).put(row.key(), row);
            listeners.forEach(listener -> listener.accept(new Change<>(peer, List.of(row), List.of())));
        }

        @Override
        public void update(List<NetworkRow> put, Collection<String> remove) {
            put.stream()
                    .filter(row -> !row(SELF, row.key()).equals(Optional.of(row)))
                    .forEach(row -> put(SELF, row));
        }

        @Override
        public Collection<NetworkRow> own() {
            return parts.getOrDefault(SELF, Map.of()).values();
        }

        @Override
        public Map<PeerName, Collection<NetworkRow>> parts() {
            Map<PeerName, Collection<NetworkRow>> all = new ConcurrentHashMap<>();
            parts.forEach((peer, rows) -> all.put(peer, List.copyOf(rows.values())));
            return all;
        }

        @Override
        public void listen(Consumer<Change<NetworkRow>> listener) {
            listeners.add(listener);
        }

        @Override
        public void receive(PeerName from, TableBroadcast news) {
            throw new AssertionError("not in these tests: " + news);
        }

        @Override
        public Future<TablePage> answer(PullTable pull) {
            throw new AssertionError("not in these tests: " + pull);
        }
    }

    /** Ourselves and perhaps one more peer. */
    private static final class Members implements Membership {
        private volatile boolean present;

        @Override
        public PeerDescription self() {
            return peer(SELF);
        }

        @Override
        public Map<PeerName, PeerDescription> peers() {
            return present ? Map.of(OTHER, peer(OTHER)) : Map.of();
        }

        private static PeerDescription peer(PeerName name) {
            return new PeerDescription(
                    name,
                    "host" + name.bits(),
                    "0.1.0",
                    1,
                    Cidr.parse("10.32.0.0/12"),
                    Cidr.parse("10.184.0.0/13"),
                    Fqdn.parse("weave.local"),
                    IpAddress.parse("198.18.0.1"),
                    6783,
                    1450);
        }

        @Override
        public void listen(Consumer<PeerEvent> listener) {}

        @Override
        public void connect(List<String> targets) {}

        @Override
        public void replace(List<String> targets) {}

        @Override
        public void forget(List<String> targets) {}

        @Override
        public List<String> targets() {
            return List.of();
        }

        @Override
        public List<Connection> connections() {
            return new ArrayList<>();
        }
    }
}
