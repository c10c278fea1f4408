package io.weavemesh.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.ClusterOptions;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Service;
import io.weavemesh.ipam.edge.IpamSettings;
import io.weavemesh.ipam.edge.IpamVerticle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * ipam-service of one peer on loopback, asked over the bus as the plugin does it in the same process; every answer is on
 * disk. Callers ask one thing at a time.
 */
final class Addresses implements AutoCloseable {

    private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");
    private static final PoolId POOL = new PoolId("weave-" + UNIVERSE + "-" + UNIVERSE);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int FILLING_CALLERS = 200;

    private final ClusterNode node;
    private final Store store;
    private final Context caller;
    private final List<IpAddress> live = new ArrayList<>();

    private Addresses(ClusterNode node, Store store) {
        this.node = node;
        this.store = store;
        this.caller = node.vertx().getOrCreateContext();
    }

    /** Starts it with an empty state file in a directory. */
    static Addresses start(Path directory) throws IOException {
        int memberPort = freePort();
        PeerDescription self = new PeerDescription(
                new PeerName(1),
                "bench",
                "bench",
                Protocol.VERSION,
                UNIVERSE,
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                LOOPBACK,
                memberPort,
                1450);
        ClusterNode node = await(ClusterNode.start(new ClusterOptions(
                self,
                Set.of(Service.IPAM),
                LOOPBACK,
                memberPort,
                freePort(),
                List.of(),
                List.of(),
                ClusterOptions.DEFAULT_DEPARTURE)));
        Store store = Store.open(directory.resolve("ipam.db"));
        IpamSettings settings =
                IpamSettings.of(UNIVERSE, UNIVERSE, Cidr.parse("10.176.0.0/12"), Optional.of("consensus=1"), "off", 1);
        await(node.vertx()
                .deployVerticle(new IpamVerticle(node.bus(), node.membership(), store, new Health(), settings)));
        return new Addresses(node, store);
    }

    /** Allocates or releases until this many addresses are in use. */
    void fill(int count) {
        int missing = count - live.size();
        if (missing > 0) {
            live.addAll(allocate(FILLING_CALLERS, missing).addresses());
        } else {
            List<IpAddress> surplus = live.subList(count, live.size());
            release(List.copyOf(surplus));
            surplus.clear();
        }
    }

    /**
     * Allocates, and gives back again what it got, without measuring that.
     *
     * @param callers how many ask at the same time
     * @param count requests of all callers together
     */
    Round round(int callers, int count) {
        Round round = allocate(callers, count);
        release(round.addresses());
        return round;
    }

    /**
     * What a number of requests took.
     *
     * @param nanos from the first request to the last answer
     * @param latencies of each request, in nanoseconds
     */
    record Round(List<IpAddress> addresses, long nanos, List<Double> latencies) {

        double perSecond() {
            return addresses.size() * 1e9 / nanos;
        }

        double medianMillis() {
            return Figure.unpromised("latency", "ns", latencies).median() / 1e6;
        }
    }

    private Round allocate(int callers, int count) {
        Round round = new Round(new ArrayList<>(), 0, new ArrayList<>());
        long begin = System.nanoTime();
        atOnce(callers, count, ignored -> {
            long asked = System.nanoTime();
            Owner owner = new Owner(Owner.Kind.UNBOUND, UUID.randomUUID().toString(), Optional.empty());
            return request(new IpamRequest.AllocateAddress(POOL, owner)).onSuccess(answer -> {
                round.latencies().add((double) (System.nanoTime() - asked));
                round.addresses().add(((AddressAllocated) answer).address().address());
            });
        });
        return new Round(round.addresses(), System.nanoTime() - begin, round.latencies());
    }

    private void release(List<IpAddress> addresses) {
        atOnce(
                FILLING_CALLERS,
                addresses.size(),
                number -> request(new IpamRequest.ReleaseAddress(POOL, addresses.get(number))));
    }

    private Future<? extends Reply> request(IpamRequest<?> request) {
        return node.bus().request(Service.IPAM, request, DEADLINE);
    }

    /** A step of a caller, by its number among all. */
    private interface Step {
        Future<?> take(int number);
    }

    private void atOnce(int callers, int count, Step step) {
        io.vertx.core.Promise<Object> done = io.vertx.core.Promise.promise();
        caller.runOnContext(go -> Future.all(IntStream.range(0, Math.min(callers, count))
                        .mapToObj(first -> steps(first, callers, count, step))
                        .toList())
                .<Object>mapEmpty()
                .onComplete(done));
        await(done.future());
    }

    private static Future<?> steps(int number, int callers, int count, Step step) {
        return number < count
                ? step.take(number).compose(done -> steps(number + callers, callers, count, step))
                : Future.succeededFuture();
    }

    @Override
    public void close() {
        await(node.stop());
        store.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK.toString()))) {
            return socket.getLocalPort();
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }
}
