package io.weavemesh.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.HazelcastInstance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * One process in the cluster: Vert.x on a Hazelcast member, with the bus and the membership on top.
 *
 * <p>How Hazelcast is used, and why, is in ARCHITECTURE.md section 4. In short: it finds members, notices when they are gone
 * and tells the event bus who listens where. It decides nothing about addresses or names.
 */
public final class ClusterNode {

    /** Members of another minor version are refused by Hazelcast with a shutdown; another name keeps them apart. */
    private static final String CLUSTER_NAME = "weave-hazelcast-5.6";

    /** A host that answers is joined at once; one that does not must not hold up our start (Hazelcast: 12 s). */
    private static final int PROBE_TIMEOUT_MILLIS = 300;

    private static final int BUS_CONNECT_TIMEOUT_MILLIS = 2_000;

    /** Vert.x waits 20 s by default before it gives up a dead connection; a healed link must work sooner. */
    private static final long BUS_PING_MILLIS = 2_000;

    private final Vertx vertx;
    private final VertxBus bus;
    private final HazelcastMembership membership;

    private ClusterNode(Vertx vertx, VertxBus bus, HazelcastMembership membership) {
        this.vertx = vertx;
        this.bus = bus;
        this.membership = membership;
    }

    /**
     * Starts a member. Other hosts that answer at once are joined at once; the rest are searched for afterwards.
     *
     * <p>Fails with a sentence for the user when a port is taken or the address is not on this host. Blocks its caller for
     * a moment to probe the other hosts, so it is not for event loops.
     */
    public static Future<ClusterNode> start(ClusterOptions options) {
        String host = options.address().toString();
        try {
            requireFree(host, options.memberPort());
            requireFree(host, options.busPort());
        } catch (IOException e) {
            return Future.failedFuture(new IllegalStateException(e.getMessage()));
        }
        HazelcastClusterManager manager = new HazelcastClusterManager(hazelcast(options));
        VertxOptions vertxOptions = new VertxOptions()
                .setEventLoopPoolSize(2)
                .setWorkerPoolSize(4)
                .setInternalBlockingPoolSize(4)
                .setEventBusOptions(new EventBusOptions()
                        .setHost(host)
                        .setPort(options.busPort())
                        .setClusterPublicHost(host)
                        .setClusterPublicPort(options.busPort())
                        .setConnectTimeout(BUS_CONNECT_TIMEOUT_MILLIS)
                        .setClusterPingInterval(BUS_PING_MILLIS)
                        .setClusterPingReplyInterval(BUS_PING_MILLIS));
        return Vertx.builder()
                .with(vertxOptions)
                .withClusterManager(manager)
                .buildClustered()
                .map(vertx -> join(vertx, manager.getHazelcastInstance(), options));
    }

    private static ClusterNode join(Vertx vertx, HazelcastInstance hazelcast, ClusterOptions options) {
        HazelcastMembership membership = new HazelcastMembership(vertx, hazelcast, options);
        VertxBus bus = new VertxBus(vertx, options.self().name(), membership::accepts);
        membership.start();
        return new ClusterNode(vertx, bus, membership);
    }

    public Vertx vertx() {
        return vertx;
    }

    public Bus bus() {
        return bus;
    }

    public Membership membership() {
        return membership;
    }

    /** Leaves the cluster. The other members learn of it at once. */
    public Future<Void> stop() {
        membership.stop();
        return vertx.close();
    }

    private static Config hazelcast(ClusterOptions options) {
        Config config = new Config();
        config.setClusterName(CLUSTER_NAME);
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.setProperty("hazelcast.local.localAddress", options.address().toString());
        config.setProperty("hazelcast.partition.count", "31");
        config.setProperty("hazelcast.operation.thread.count", "2");
        config.setProperty("hazelcast.operation.generic.thread.count", "2");
        config.setProperty("hazelcast.io.input.thread.count", "1");
        config.setProperty("hazelcast.io.output.thread.count", "1");
        config.setProperty("hazelcast.event.thread.count", "1");
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", "5");
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "1");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "1");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.setProperty("hazelcast.member.list.publish.interval.seconds", "5");
        config.getJetConfig().setEnabled(false);
        config.getMetricsConfig().setEnabled(false);
        config.getIntegrityCheckerConfig().setEnabled(false);
        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setBackupCount(1)
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        config.getMapConfig("__vertx.haInfo").setBackupCount(1);
        config.getMapConfig("__vertx.nodeInfo").setBackupCount(1);
        config.getSerializationConfig().setJavaSerializationFilterConfig(filter());
        config.getMemberAttributeConfig().setAttribute(HazelcastMembership.DESCRIPTION, JsonCodec.text(options.self()));
        network(config.getNetworkConfig(), options);
        return config;
    }

    private static void network(NetworkConfig network, ClusterOptions options) {
        network.setPort(options.memberPort()).setPortAutoIncrement(false);
        network.getInterfaces().setEnabled(true).addInterface(options.address().toString());
        network.getJoin().getAutoDetectionConfig().setEnabled(false);
        network.getJoin().getMulticastConfig().setEnabled(false);
        network.getJoin().getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
        reachable(options).forEach(network.getJoin().getTcpIpConfig()::addMember);
    }

    /** Only what the cluster itself sends may be made from bytes; our own messages are JSON. */
    private static JavaSerializationFilterConfig filter() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.getWhitelist()
                .addPrefixes("com.hazelcast.", "io.vertx.spi.cluster.hazelcast.", "java.lang.", "java.util.", "[");
        return filter;
    }

    private static List<String> reachable(ClusterOptions options) {
        List<Target> candidates = new ArrayList<>();
        options.localMembers().forEach(member -> candidates.add(Target.parse(member)));
        options.targets().forEach(target -> candidates.add(Target.parse(target)));
        String own = options.address() + ":" + options.memberPort();
        return candidates.parallelStream()
                .map(Target::resolve)
                .flatMap(java.util.Optional::stream)
                .filter(address -> !address.equals(own) && answers(address))
                .toList();
    }

    private static boolean answers(String address) {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                    PROBE_TIMEOUT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void requireFree(String host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            String text = String.valueOf(e.getMessage());
            throw new IOException(
                    text.contains("assign")
                            ? "address " + host + " is not on this host: give one that is with --host"
                            : "cannot listen on TCP " + host + ":" + port + ": " + text
                                    + " (stop what uses it, or give another --port)",
                    e);
        }
    }
}
