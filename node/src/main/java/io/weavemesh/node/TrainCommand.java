package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.cluster.ClusterOptions;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Service;
import io.weavemesh.dns.edge.DnsSettings;
import io.weavemesh.dns.edge.DnsVerticle;
import io.weavemesh.dns.edge.ListenAddress;
import io.weavemesh.ipam.edge.IpamSettings;
import io.weavemesh.ipam.edge.IpamVerticle;
import io.weavemesh.plugin.edge.PluginSettings;
import io.weavemesh.plugin.edge.PluginVerticle;
import io.weavemesh.router.edge.RouterVerticle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code weave train}: a peer's start on loopback without touching Docker or the kernel, so that a JVM started with
 * {@code -XX:AOTCacheOutput} records what a start needs (JEP 483, 514, 515). The launcher script runs it once after a build.
 */
@Command(name = "train", description = "Record what a start needs, for faster ones.", hidden = true)
final class TrainCommand implements Callable<Integer> {

    private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");
    private static final Cidr RANGE = Cidr.parse("10.32.0.0/12");
    private static final Fqdn DOMAIN = Fqdn.parse("weave.local");
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("weave-train");
        try {
            LogFile.toFile(directory.resolve("weave.log"), PeerOptions.LogLevel.info);
            train(directory);
        } finally {
            try (var files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return 0;
    }

    private static void train(Path directory) throws Exception {
        Health health = new Health();
        Promise<Bus> bus = Promise.promise();
        Vertx plain = Vertx.vertx();
        Store pluginStore = Store.open(directory.resolve("plugin.db"));
        PluginSettings plugin = new PluginSettings(directory, directory.resolve("docker.sock"), DOMAIN, RANGE);
        await(plain.deployVerticle(new PluginVerticle(bus.future(), pluginStore, health, plugin)));
        int port = freePort();
        PeerDescription self = new PeerDescription(
                new PeerName(1), "train", Version.current(), Protocol.VERSION, RANGE, DOMAIN, LOOPBACK, port, 1450);
        ClusterNode cluster = await(ClusterNode.start(new ClusterOptions(
                self,
                EnumSet.allOf(Service.class),
                LOOPBACK,
                port,
                freePort(),
                List.of(),
                List.of(),
                ClusterOptions.DEFAULT_DEPARTURE)));
        bus.complete(cluster.bus());
        Store ipamStore = Store.open(directory.resolve("ipam.db"));
        await(cluster.vertx()
                .deployVerticle(new IpamVerticle(
                        cluster.bus(),
                        cluster.membership(),
                        ipamStore,
                        health,
                        IpamSettings.of(RANGE, RANGE, Optional.empty(), 1))));
        await(cluster.vertx()
                .deployVerticle(new DnsVerticle(
                        cluster.bus(),
                        cluster.membership(),
                        health,
                        new DnsSettings(
                                DOMAIN,
                                List.of(new ListenAddress.Fixed(LOOPBACK, 0)),
                                Duration.ofSeconds(1),
                                DEADLINE,
                                directory.resolve("resolv.conf"),
                                true))));
        exercise(cluster);
        await(cluster.stop());
        await(plain.close());
        ipamStore.close();
        pluginStore.close();
    }

    /** Some requests, and the classes of the router, which itself would change the host's network. */
    private static void exercise(ClusterNode cluster) throws Exception {
        var pool = await(cluster.bus()
                .request(
                        Service.IPAM,
                        new IpamRequest.RequestPool(Optional.of(RANGE), Optional.empty(), false),
                        DEADLINE));
        Owner owner = new Owner(Owner.Kind.UNBOUND, "train", Optional.empty());
        await(cluster.bus().request(Service.IPAM, new IpamRequest.AllocateAddress(pool.pool(), owner), DEADLINE));
        Router.router(cluster.vertx()).get("/status").handler(context -> context.end());
        Class.forName(RouterVerticle.class.getName());
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK.toString()))) {
            return socket.getLocalPort();
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
