package io.weavemesh.bench;

import io.vertx.core.Future;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.ClusterOptions;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.router.RouterSettings;
import io.weavemesh.router.edge.RouterVerticle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * router-service of one peer, in the network namespace this process is in. Its {@link #main} does what it is told line by
 * line: {@code endpoint ADDRESS/PREFIX} answers with the interface for a sandbox, its hardware address and MTU;
 * {@code endpoints COUNT} makes as many, takes them away again, and answers with the time each took to make, in
 * milliseconds.
 */
final class RouterPeer implements AutoCloseable {

    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");
    private static final NetworkId NETWORK = new NetworkId("b".repeat(64));
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int MEMBER_PORT = 6783;
    private static final int BUS_PORT = 6785;
    private static final int UNDERLAY_MTU = 1500;

    private final ClusterNode node;
    /** A container start asks for one in a third of a second. */
    private static final int PAUSE_MILLIS = 30;

    private final Store store;
    private int made;

    private RouterPeer(ClusterNode node, Store store) {
        this.node = node;
        this.store = store;
    }

    private static RouterPeer start(IpAddress address, Path directory, List<String> targets) {
        PeerDescription self = new PeerDescription(
                new PeerName(0x2e_11_0a_00_00_00L | address.toInetAddress().getAddress()[3]),
                "bench-" + address,
                "bench",
                Protocol.VERSION,
                UNIVERSE,
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                address,
                MEMBER_PORT,
                UNDERLAY_MTU - 50);
        ClusterNode node = await(ClusterNode.start(new ClusterOptions(
                self,
                Set.of(Service.ROUTER),
                address,
                MEMBER_PORT,
                BUS_PORT,
                List.of(),
                targets,
                ClusterOptions.DEFAULT_DEPARTURE)));
        Store store = Store.open(directory.resolve("router.db"));
        await(node.vertx()
                .deployVerticle(new RouterVerticle(
                        node.bus(),
                        node.membership(),
                        store,
                        new Health(),
                        RouterSettings.of(UNIVERSE, address, "eth0", UNDERLAY_MTU))));
        RouterPeer peer = new RouterPeer(node, store);
        peer.request(new RouterRequest.CreateNetwork(NETWORK, List.of(UNIVERSE), Optional.empty()));
        return peer;
    }

    private EndpointCreated create(EndpointId id, Cidr address) {
        return (EndpointCreated)
                request(new RouterRequest.CreateEndpoint(NETWORK, id, List.of(address), Optional.empty()));
    }

    private List<String> create(int count) throws InterruptedException {
        List<String> millis = new ArrayList<>();
        List<EndpointId> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EndpointId id = id();
            Cidr address = new Cidr(UNIVERSE.first().plus(made), UNIVERSE.prefix());
            long begin = System.nanoTime();
            create(id, address);
            millis.add(String.format(Locale.ROOT, "%.4f", (System.nanoTime() - begin) / 1e6));
            ids.add(id);
            Thread.sleep(PAUSE_MILLIS);
        }
        ids.forEach(id -> request(new RouterRequest.DeleteEndpoint(NETWORK, id)));
        return millis;
    }

    private EndpointId id() {
        return new EndpointId("%09d%055d".formatted(++made, 0));
    }

    private Reply request(RouterRequest<?> request) {
        return await(node.bus().request(Service.ROUTER, request, DEADLINE));
    }

    @Override
    public void close() {
        await(node.stop());
        store.close();
    }

    /** Arguments: the underlay address, a directory for its state, and the targets. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        List<String> targets = List.of(arguments).subList(2, arguments.length);
        try (RouterPeer peer = start(IpAddress.parse(arguments[0]), Path.of(arguments[1]), targets)) {
            System.out.println("ready");
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ", -1);
                System.out.println(
                        switch (words[0]) {
                            case "endpoint" -> {
                                EndpointCreated made = peer.create(peer.id(), Cidr.parse(words[1]));
                                yield made.interfaceName() + " " + made.mac() + " " + made.mtu();
                            }
                            case "endpoints" -> String.join(" ", peer.create(Integer.parseInt(words[1])));
                            default -> throw new IllegalArgumentException("unknown command '" + line + "'");
                        });
            }
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }
}
