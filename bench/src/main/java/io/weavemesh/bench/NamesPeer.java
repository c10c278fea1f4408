package io.weavemesh.bench;

import io.vertx.core.Future;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.ClusterOptions;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Service;
import io.weavemesh.dns.edge.DnsSettings;
import io.weavemesh.dns.edge.DnsVerticle;
import io.weavemesh.dns.edge.ListenAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * dns-service of one peer on an address of loopback, which takes part in a cluster and answers questions. Its
 * {@link #main} is a process of its own that does what it is told line by line: {@code names <how many>} and
 * {@code memory}.
 */
final class NamesPeer implements AutoCloseable {

    /** Where peers answer questions; the same for all, since each has an address of its own. */
    static final int DNS_PORT = 5300;

    private static final Fqdn DOMAIN = Fqdn.parse("weave.local");
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** Registrations under way at once, as many as Docker's events of a busy host might ask for. */
    static final int CONCURRENT = 32;

    private final int number;
    private final ClusterNode node;
    private final Store store;
    private final int memberPort;
    private int registered;

    private NamesPeer(int number, ClusterNode node, Store store, int memberPort) {
        this.number = number;
        this.node = node;
        this.store = store;
        this.memberPort = memberPort;
    }

    /** Starts the peer 127.0.0.number and joins the targets. */
    static NamesPeer start(int number, List<String> targets) throws IOException {
        IpAddress address = IpAddress.parse("127.0.0." + number);
        int memberPort = freePort(address);
        PeerDescription self = new PeerDescription(
                new PeerName(number),
                "bench" + number,
                "bench",
                Protocol.VERSION,
                Cidr.parse("10.32.0.0/12"),
                Cidr.parse("10.176.0.0/12"),
                DOMAIN,
                address,
                memberPort,
                1450);
        ClusterNode node = await(ClusterNode.start(new ClusterOptions(
                self,
                Set.of(Service.DNS),
                address,
                memberPort,
                freePort(address),
                List.of(),
                targets,
                ClusterOptions.DEFAULT_DEPARTURE)));
        DnsSettings settings = new DnsSettings(
                DOMAIN,
                List.of(new ListenAddress.Fixed(address, DNS_PORT)),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Path.of("/dev/null"),
                false,
                true);
        Path directory = Files.createTempDirectory("weave-bench");
        directory.toFile().deleteOnExit();
        Store store = Store.open(directory.resolve("dns.db"));
        directory.resolve("dns.db").toFile().deleteOnExit();
        await(node.vertx()
                .deployVerticle(new DnsVerticle(node.bus(), node.membership(), store, new Health(), settings)));
        return new NamesPeer(number, node, store, memberPort);
    }

    /** Where others join it. */
    String target() {
        return "127.0.0." + number + ":" + memberPort;
    }

    /** The name of a container of a peer, without the last dot. */
    static String name(int peer, int container) {
        return "web-%d-%d.weave.local".formatted(peer, container);
    }

    /** The address of that container. */
    static IpAddress address(int peer, int container) {
        return IpAddress.ipv4(0x0a20_0000 + (peer << 17) + container + 1);
    }

    int number() {
        return number;
    }

    int registered() {
        return registered;
    }

    /**
     * Registers containers, one name each, until there are so many; one after the other, some at a time.
     *
     * @param prefix of the subnet their addresses are in; with 32 they are in none, like names given by hand
     */
    void register(int count, int prefix) {
        for (; registered < count; registered += CONCURRENT) {
            List<Future<?>> batch = new ArrayList<>();
            for (int i = registered; i < Math.min(count, registered + CONCURRENT); i++) {
                batch.add(registerOne(i, prefix));
            }
            await(Future.all(batch));
        }
        registered = count;
    }

    /** Takes all names away again; later ones are others. */
    void forget() {
        await(node.bus().request(Service.DNS, new DnsRequest.RetainNames(Set.of()), DEADLINE));
    }

    private Future<?> registerOne(int container, int prefix) {
        String id = "%064x".formatted((container + 1) * 0x9e3779b97f4a7c15L);
        return node.bus()
                .request(
                        Service.DNS,
                        new DnsRequest.RegisterName(
                                new EndpointId(id),
                                new ContainerId(new StringBuilder(id).reverse().toString()),
                                List.of(Fqdn.parse(name(number, container))),
                                List.of(new Cidr(address(number, container), prefix)),
                                List.of(),
                                List.of(),
                                true),
                        DEADLINE);
    }

    @Override
    public void close() {
        await(node.stop());
        store.close();
    }

    /** Arguments: the number of the peer and its targets. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        List<String> targets = List.of(arguments).subList(1, arguments.length);
        try (NamesPeer peer = start(Integer.parseInt(arguments[0]), targets)) {
            System.out.println(peer.target());
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "names" -> peer.register(Integer.parseInt(words[1]), 32);
                    case "memory" -> System.gc();
                    default -> throw new IllegalArgumentException("unknown command '" + line + "'");
                }
                System.out.println(
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            }
        }
    }

    private static int freePort(IpAddress address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address.toString()))) {
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
