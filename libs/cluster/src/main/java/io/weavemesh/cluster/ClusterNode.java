package io.weavemesh.cluster;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.BuildInfoProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One process in the cluster: Vert.x on a Hazelcast member, with the bus and the membership on top.
 *
 * <p>How Hazelcast is used, and why, is in ARCHITECTURE.md section 4. In short: it finds members and notices when they are
 * gone, and the event bus derives from that who listens where. It decides nothing about addresses or names.
 */
public final class ClusterNode {

    private static final int BUS_CONNECT_TIMEOUT_MILLIS = 2_000;

    /** A merge in progress has to end first. Who waits for us to stop kills us after ten seconds, as Docker does. */
    private static final int STOP_SECONDS = 8;

    /** Vert.x waits 20 s by default before it gives up a dead connection; a healed link must work sooner. */
    private static final long BUS_PING_MILLIS = 2_000;

    private final Vertx vertx;
    private final HazelcastInstance member;
    private final VertxBus bus;
    private final HazelcastMembership membership;

    private ClusterNode(Vertx vertx, HazelcastInstance member, VertxBus bus, HazelcastMembership membership) {
        this.vertx = vertx;
        this.member = member;
        this.bus = bus;
        this.membership = membership;
    }

    /**
     * Starts a member. Other hosts that answer at once are joined at once; the rest are searched for afterwards.
     *
     * <p>Fails with one sentence for the user when a target makes no sense, a port is taken, the address is not on this
     * host, or the cluster does not take us.
     */
    public static Future<ClusterNode> start(ClusterOptions options) {
        CompletableFuture<HazelcastInstance> member = new CompletableFuture<>();
        Thread.ofPlatform().name("cluster-start").daemon().start(() -> startMember(options, member));
        return Future.fromCompletionStage(member).compose(started -> startVertx(options, started));
    }

    private static void startMember(ClusterOptions options, CompletableFuture<HazelcastInstance> member) {
        System.setProperty("hazelcast.logging.type", "slf4j"); // Some of its loggers are made before it has a config.
        try {
            String host = options.address().toString();
            requireFree(host, options.memberPort());
            requireFree(host, options.busPort());
            Config config = hazelcast(options);
            member.complete(Hazelcast.newHazelcastInstance(config));
        } catch (IllegalArgumentException e) {
            member.completeExceptionally(e);
        } catch (IOException e) {
            member.completeExceptionally(new IllegalStateException(e.getMessage(), e));
        } catch (IllegalStateException | HazelcastException e) {
            member.completeExceptionally(failure(options, e));
        }
    }

    private static Future<ClusterNode> startVertx(ClusterOptions options, HazelcastInstance member) {
        String host = options.address().toString();
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
        MemberRegistry registry = new MemberRegistry(member);
        return Vertx.builder()
                .with(vertxOptions)
                .withClusterManager(registry)
                .buildClustered()
                .map(vertx -> join(vertx.exceptionHandler(Uncaught::log), member, registry, options))
                .recover(cause -> {
                    member.getLifecycleService().terminate();
                    return Future.failedFuture(failure(options, cause));
                });
    }

    private static IllegalStateException failure(ClusterOptions options, Throwable cause) {
        return new IllegalStateException(
                "the cluster member at " + Target.at(options.address(), options.memberPort())
                        + " could not start or was not let in (" + StoreFile.reason(cause)
                        + "): run the same version of weave on all hosts, the log has the details",
                cause);
    }

    private static ClusterNode join(
            Vertx vertx, HazelcastInstance hazelcast, MemberRegistry registry, ClusterOptions options) {
        HazelcastMembership membership = new HazelcastMembership(vertx, hazelcast, registry, options);
        VertxBus bus = new VertxBus(vertx, options.self(), membership);
        membership.start();
        return new ClusterNode(vertx, hazelcast, bus, membership);
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

    /** Whether this process is still a member, for {@link Health#register}. */
    public Health.Result health() {
        return membership.health();
    }

    /**
     * Leaves the cluster. The other members learn of it at once.
     */
    public Future<Void> stop() {
        membership.stop();
        bus.stop();
        CompletableFuture<Void> stopped = vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .thenRunAsync(() -> member.getLifecycleService().shutdown(), ClusterNode::onThreadOfItsOwn)
                .orTimeout(STOP_SECONDS, TimeUnit.SECONDS);
        return Future.fromCompletionStage(stopped);
    }

    /**
     * Drops out of the cluster without a word to the others, when none can be had any more: saying goodbye over dead
     * connections takes many seconds. {@link #stop} is still to be called. Blocks for a moment.
     */
    public void abandon() {
        membership.stop();
        member.getLifecycleService().terminate();
    }

    private static void onThreadOfItsOwn(Runnable action) {
        Thread.ofPlatform().name("cluster-stop").daemon().start(action);
    }

    private static Config hazelcast(ClusterOptions options) {
        Config config = new Config();
        config.setClusterName(clusterName());
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.socket.bind.any", "false");
        // Members refuse who calls them by another name, and Hazelcast writes IPv6 addresses out in full.
        config.setProperty(
                "hazelcast.local.localAddress",
                options.address().toInetAddress().getHostAddress());
        config.setProperty(
                "hazelcast.prefer.ipv4.stack",
                Boolean.toString(options.address().isIpv4()));
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
        // By default it searches for 4 h at the addresses of members long gone, 3 s each; where to search is for
        // AddressBook
        // to say. But not 0: this is also where it keeps the address of a larger cluster that asked us to merge.
        config.setProperty("hazelcast.tcp.join.previously.joined.member.address.retention.seconds", "10");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        // A merge whose target goes away meanwhile, and a leave with nobody to hand anything to: by default 20 s and
        // 600 s.
        config.setProperty("hazelcast.max.join.merge.target.seconds", "5");
        config.setProperty("hazelcast.graceful.shutdown.max.wait", "3");
        config.setProperty("hazelcast.member.list.publish.interval.seconds", "5");
        config.getJetConfig().setEnabled(false);
        config.getMetricsConfig().setEnabled(false);
        config.getIntegrityCheckerConfig().setEnabled(false);
        config.getSerializationConfig().setJavaSerializationFilterConfig(filter());
        config.getMemberAttributeConfig()
                .setAttribute(HazelcastMembership.DESCRIPTION, JsonCodec.text(options.self()))
                .setAttribute("weave.incarnation", Long.toString(System.currentTimeMillis()));
        MemberRegistry.describe(config.getMemberAttributeConfig(), options);
        network(config.getAdvancedNetworkConfig(), options);
        return config;
    }

    /** For members alone: without an endpoint for clients there are none, nor the five hundred classes that serve them. */
    private static void network(AdvancedNetworkConfig network, ClusterOptions options) {
        ServerSocketEndpointConfig members = new ServerSocketEndpointConfig();
        members.setPort(options.memberPort()).setPortAutoIncrement(false);
        members.getInterfaces().setEnabled(true).addInterface(options.address().toString());
        network.setEnabled(true).setMemberEndpointConfig(members);
        network.getJoin().getAutoDetectionConfig().setEnabled(false);
        network.getJoin().getMulticastConfig().setEnabled(false);
        network.getJoin().getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
        reachable(options).forEach(network.getJoin().getTcpIpConfig()::addMember);
    }

    /** Only what the cluster itself sends may be made from bytes; our own messages are JSON. */
    private static JavaSerializationFilterConfig filter() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.getWhitelist().addPrefixes("com.hazelcast.", "java.lang.", "java.util.", "[");
        return filter;
    }

    /** Members of another minor version are refused by Hazelcast with a shutdown; another name keeps them apart. */
    private static String clusterName() {
        String[] version = BuildInfoProvider.getBuildInfo().getVersion().split("\\.", -1);
        return "weave-hazelcast-" + version[0] + "." + version[1];
    }

    /** One silent host in the list would hold up our start for 12 s. */
    private static Set<String> reachable(ClusterOptions options) {
        List<Target> candidates = new ArrayList<>();
        options.localMembers().forEach(member -> candidates.add(Target.parse(member)));
        options.targets().forEach(target -> candidates.add(Target.parse(target)));
        Set<String> answering = new LinkedHashSet<>();
        Probe.all(candidates, options.address().family()).values().stream()
                .filter(Probe.Finding::answers)
                .forEach(finding -> finding.address().ifPresent(answering::add));
        answering.remove(Target.at(options.address(), options.memberPort()));
        return answering;
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
