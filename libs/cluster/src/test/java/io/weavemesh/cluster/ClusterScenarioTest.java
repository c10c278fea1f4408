package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.BuildInfoProvider;
import io.vertx.core.Future;
import io.weavemesh.contract.DnsReply;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.Service;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hosts that come, go, freeze and quarrel about names. Times are printed, since users wait for them. */
class ClusterScenarioTest {

    private static final String RANGE = "10.32.0.0/12";
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Deque<ClusterNode> nodes = new ArrayDeque<>();

    @AfterEach
    void stop() throws Exception {
        for (ClusterNode node : nodes) {
            await(node.stop());
        }
    }

    @Test
    void twoRunningPeersToldOfEachOtherAreOneClusterWithinThreeSeconds() throws Exception {
        LoopbackHost one = new LoopbackHost(20, RANGE);
        LoopbackHost two = new LoopbackHost(21, RANGE);
        long start = System.nanoTime();
        ClusterNode first = start(one.options(List.of()));
        report("started alone", start);
        ClusterNode second = start(two.options(List.of()));
        await(serve(first, "one"));
        await(serve(second, "two"));
        PeerEvents atFirst = new PeerEvents(first);
        PeerEvents atSecond = new PeerEvents(second);

        long told = System.nanoTime();
        first.membership().connect(List.of(two.member()));
        second.membership().connect(List.of(one.member()));
        atFirst.awaitUp(two);
        atSecond.awaitUp(one);
        assertThat(ask(first, two)).isEqualTo("two.");
        assertThat(ask(second, one)).isEqualTo("one.");

        assertThat(report("merged and answering both ways", told)).isLessThan(Duration.ofSeconds(30));
        assertThat(first.membership().targets()).containsExactly(two.member());
        assertThat(first.membership().connections()).singleElement().satisfies(connection -> {
            assertThat(connection.state()).isEqualTo("established");
            assertThat(connection.outbound()).isTrue();
        });
    }

    /** Who listens where was known some seconds after some merges only, when it was kept in the cluster. */
    @Test
    void whatIsToldOnceAfterAMergeIsHeard() throws Exception {
        LoopbackHost one = new LoopbackHost(18, RANGE);
        LoopbackHost two = new LoopbackHost(19, RANGE);
        ClusterNode first = start(one.options(List.of()));
        ClusterNode second = start(two.options(List.of()));
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        for (ClusterNode node : List.of(first, second)) {
            await(node.bus()
                    .serve(
                            Service.IPAM,
                            (from, request) -> Future.failedFuture("not asked in this test"),
                            (from, news) -> heard.add(node.bus().self() + " hears " + from)));
        }
        PeerEvents atFirst = new PeerEvents(first);
        PeerEvents atSecond = new PeerEvents(second);
        second.membership().connect(List.of(one.member()));
        atFirst.awaitUp(two);
        atSecond.awaitUp(one);

        first.bus().publish(Service.IPAM, new IpamBroadcast.RingDigest(1, false));
        second.bus().publish(Service.IPAM, new IpamBroadcast.RingDigest(2, false));

        assertThat(List.of(
                        String.valueOf(heard.poll(10, TimeUnit.SECONDS)),
                        String.valueOf(heard.poll(10, TimeUnit.SECONDS))))
                .containsExactlyInAnyOrder(one.name() + " hears " + two.name(), two.name() + " hears " + one.name());
    }

    @Test
    void aTargetGivenAtAYoungMemberIsFoundByTheOldest() throws Exception {
        LoopbackHost oldest = new LoopbackHost(22, RANGE);
        LoopbackHost young = new LoopbackHost(23, RANGE);
        LoopbackHost stranger = new LoopbackHost(24, RANGE);
        ClusterNode alone = start(stranger.options(List.of()));
        ClusterNode first = start(oldest.options(List.of()));
        ClusterNode second = start(young.options(List.of(oldest.member())));
        PeerEvents atStranger = new PeerEvents(alone);
        new PeerEvents(first).awaitUp(young);

        long told = System.nanoTime();
        second.membership().connect(List.of(stranger.member()));
        atStranger.awaitUp(oldest);
        report("a target given at a young member joined", told);
    }

    /** Stopping and merging used to wait for each other for ever. */
    @Test
    void aPeerThatIsStoppedWhileItMergesStops() throws Exception {
        for (int round = 0; round < 5; round++) {
            LoopbackHost one = new LoopbackHost(60, RANGE);
            LoopbackHost two = new LoopbackHost(61, RANGE);
            ClusterNode first = start(one.options(List.of()));
            ClusterNode second = start(two.options(List.of()));
            PeerEvents atFirst = new PeerEvents(first);
            second.membership().connect(List.of(one.member()));
            atFirst.awaitUp(two); // The members know each other, but the merge is not over yet.
            nodes.clear();
            Future<Void> both = Future.all(second.stop(), first.stop()).mapEmpty();
            await(both);
        }
    }

    @Test
    void theRestartOfOneProcessOfAPeerIsNotADeparture() throws Exception {
        Duration departure = Duration.ofMillis(100);
        LoopbackHost router = new LoopbackHost(25, RANGE).running(Service.ROUTER, Service.IPAM, Service.PLUGIN);
        LoopbackHost dns = router.sibling(Service.DNS);
        LoopbackHost observer = new LoopbackHost(26, RANGE);
        LoopbackHost leaving = new LoopbackHost(27, RANGE);
        ClusterNode routerNode = start(router.options(List.of(dns.member()), List.of(), departure));
        ClusterNode dnsNode = start(dns.options(List.of(router.member()), List.of(), departure));
        ClusterNode third = start(leaving.options(List.of(router.member())));
        ClusterNode watching = start(observer.options(List.of(), List.of(router.member()), departure));
        PeerEvents events = new PeerEvents(watching);
        await(serve(dnsNode, "before"));
        assertThat(ask(watching, dns)).isEqualTo("before.");

        await(dnsNode.stop());
        nodes.remove(dnsNode);
        await(third.stop());
        nodes.remove(third);
        events.awaitDown(leaving); // Both have left, this one was the last of its peer.
        ClusterNode again = start(dns.options(List.of(router.member()), List.of(), departure));
        await(serve(again, "after"));
        assertThat(ask(watching, dns)).isEqualTo("after.");
        await(again.stop());
        nodes.remove(again);
        assertThat(events.seen()).noneMatch(event -> event.equals(new Membership.PeerDown(router.name())));

        await(routerNode.stop());
        nodes.remove(routerNode);
        events.awaitDown(router);
    }

    @Test
    void aKilledPeerIsMissedWithinTenSeconds() throws Exception {
        LoopbackHost host = new LoopbackHost(28, RANGE);
        LoopbackHost child = new LoopbackHost(29, RANGE);
        ClusterNode node = start(host.options(List.of()));
        PeerEvents events = new PeerEvents(node);
        try (PeerProcess process = new PeerProcess(child, host.member())) {
            System.out.println("ClusterScenarioTest: child ready after " + process.awaitReady() + " ms in its JVM");
            events.awaitUp(child);
            process.kill();
            long killed = System.nanoTime();
            events.awaitDown(child);
            assertThat(report("kill -9 noticed", killed)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void aFrozenPeerIsGoneAndComesBackWhenItThaws() throws Exception {
        LoopbackHost host = new LoopbackHost(30, RANGE);
        LoopbackHost child = new LoopbackHost(31, RANGE);
        ClusterNode node = start(host.options(List.of()));
        PeerEvents events = new PeerEvents(node);
        try (PeerProcess process = new PeerProcess(child, host.member())) {
            process.awaitReady();
            events.awaitUp(child);
            assertThat(ask(node, child)).isEqualTo("child.");

            process.signal("STOP");
            long frozen = System.nanoTime();
            events.awaitDown(child);
            assertThat(report("a frozen peer noticed", frozen)).isLessThan(Duration.ofSeconds(30));

            process.signal("CONT");
            long thawed = System.nanoTime();
            events.awaitUp(child);
            assertThat(ask(node, child, Duration.ofSeconds(10))).isEqualTo("child.");
            assertThat(report("a thawed peer answers", thawed)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void ofTwoHostsWithOneNameTheLaterIsRefusedAndGetsNoneOfTheOthersRequests() throws Exception {
        LoopbackHost rightful = new LoopbackHost(32, RANGE);
        LoopbackHost clone = new LoopbackHost(33, RANGE).named(rightful.name());
        LoopbackHost third = new LoopbackHost(34, RANGE);
        ClusterNode first = start(rightful.options(List.of()));
        ClusterNode witness = start(third.options(List.of(rightful.member())));
        PeerEvents atFirst = new PeerEvents(first);
        PeerEvents atWitness = new PeerEvents(witness);
        atWitness.awaitUp(rightful);
        ClusterNode second = start(clone.options(List.of(rightful.member())));
        await(serve(first, "rightful"));
        await(serve(second, "clone"));

        assertThat(atFirst.awaitRefused()).contains(rightful.ip(), clone.ip(), "--name");
        assertThat(atWitness.awaitRefused()).contains(rightful.ip(), clone.ip(), "--name");
        assertThat(new PeerEvents(second).awaitRefused()).contains(rightful.ip(), clone.ip(), "--name");
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            answers.add(ask(witness, rightful));
            answers.add(ask(first, rightful));
        }
        assertThat(answers).containsExactly("rightful.");
        assertThat(ask(second, clone)).isEqualTo("clone.");
        assertThat(witness.membership().peers()).containsOnlyKeys(rightful.name());
        assertThat(second.membership().peers()).isEmpty();
    }

    @Test
    void targetsThatAreSilentAbsentOrNonsenseDoNotHoldUpTheStartAndSayWhy() throws Exception {
        LoopbackHost host = new LoopbackHost(35, RANGE);
        LoopbackHost nobody = new LoopbackHost(36, RANGE);
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.37"))) {
            String silentTarget = "127.0.0.37:" + silent.getLocalPort();
            long start = System.nanoTime();
            ClusterNode node = start(host.options(List.of(silentTarget, nobody.member(), "no-such-host.invalid")));
            report("started with a silent, a closed and an unresolvable target", start);

            awaitCondition(() -> node.membership().connections().stream()
                    .noneMatch(connection -> connection.info().isEmpty()));
            Map<String, Connection> byAddress = node.membership().connections().stream()
                    .collect(Collectors.toMap(Connection::address, Function.identity()));
            assertThat(byAddress).containsOnlyKeys(silentTarget, nobody.member(), "no-such-host.invalid");
            assertThat(byAddress.get(silentTarget)).satisfies(c -> {
                assertThat(c.state()).isEqualTo("retrying");
                assertThat(c.info()).contains("no answer");
            });
            assertThat(byAddress.get(nobody.member())).satisfies(c -> {
                assertThat(c.state()).isEqualTo("retrying");
                assertThat(c.info()).contains("connection refused", "is weave running there?");
            });
            assertThat(byAddress.get("no-such-host.invalid")).satisfies(c -> {
                assertThat(c.state()).isEqualTo("failed");
                assertThat(c.info()).contains("does not resolve");
            });

            node.membership().forget(List.of(silentTarget, "no-such-host.invalid"));
            awaitCondition(() -> node.membership().targets().equals(List.of(nobody.member())));
            node.membership().replace(List.of());
            awaitCondition(() -> node.membership().connections().isEmpty());
        }
    }

    @Test
    void aClusterThatDoesNotLetUsInIsSaidInOneSentence() throws Exception {
        LoopbackHost host = new LoopbackHost(38, RANGE);
        LoopbackHost other = new LoopbackHost(39, RANGE);
        HazelcastInstance foreign = Hazelcast.newHazelcastInstance(foreign(other));
        try {
            assertThatThrownBy(() -> start(host.options(List.of(other.member()))))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "the cluster member at " + host.member() + " could not start or was not let in")
                    .hasMessageContaining("run the same version of weave on all hosts");
        } finally {
            foreign.getLifecycleService().terminate();
        }
    }

    @Test
    void anAddressThatIsNotOnThisHostIsSaidSo() throws Exception {
        LoopbackHost local = new LoopbackHost(40, RANGE);
        LoopbackHost foreign = new LoopbackHost(local.name(), "192.0.2.7", RANGE, local.memberPort(), local.busPort());
        assertThatThrownBy(() -> start(foreign.options(List.of())))
                .hasMessageContaining("address 192.0.2.7 is not on this host");
    }

    /** It could read and change everything, and members say nothing of it. */
    @Test
    void aHazelcastClientIsNotLetIn() throws Exception {
        LoopbackHost host = new LoopbackHost(42, RANGE);
        start(host.options(List.of()));
        ClientConfig client = new ClientConfig();
        client.setClusterName(clusterName()).setProperty("hazelcast.logging.type", "slf4j");
        client.getNetworkConfig().addAddress(host.member());
        client.getConnectionStrategyConfig().getConnectionRetryConfig().setClusterConnectTimeoutMillis(2_000);
        assertThatThrownBy(() -> HazelcastClient.newHazelcastClient(client))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Unable to connect");
    }

    @Test
    void aTargetThatIsNoneIsSaidSo() throws Exception {
        LoopbackHost host = new LoopbackHost(41, RANGE);
        assertThatThrownBy(() -> start(host.options(List.of("host:port"))))
                .hasMessageContaining("'host:port' is not a peer");
    }

    private static Config foreign(LoopbackHost host) {
        Config config = new Config().setClusterName(clusterName());
        config.setProperty("hazelcast.partition.count", "7")
                .setProperty("hazelcast.local.localAddress", host.ip())
                .setProperty("hazelcast.logging.type", "slf4j")
                .setProperty("hazelcast.phone.home.enabled", "false")
                .setProperty("hazelcast.socket.bind.any", "false");
        config.getNetworkConfig().setPort(host.memberPort()).setPortAutoIncrement(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(host.ip());
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        return config;
    }

    private static String clusterName() {
        String[] version = BuildInfoProvider.getBuildInfo().getVersion().split("\\.", -1);
        return "weave-hazelcast-" + version[0] + "." + version[1];
    }

    private ClusterNode start(ClusterOptions options) throws Exception {
        ClusterNode node = await(ClusterNode.start(options));
        nodes.push(node);
        return node;
    }

    private static Future<Void> serve(ClusterNode node, String domain) {
        return node.bus()
                .serve(
                        Service.DNS,
                        (from, request) -> Future.succeededFuture(
                                new DnsReply.DnsStatus(Fqdn.parse(domain), List.of(), List.of(), 1, 0)),
                        (from, message) -> {});
    }

    private static String ask(ClusterNode node, LoopbackHost other) throws Exception {
        return ask(node, other, DEADLINE);
    }

    private static String ask(ClusterNode node, LoopbackHost other, Duration deadline) throws Exception {
        return await(node.bus().request(other.name(), Service.DNS, new DnsRequest.DnsStatusQuery(), deadline))
                .domain()
                .value();
    }

    private static Duration report(String what, long since) {
        Duration took = Duration.ofNanos(System.nanoTime() - since);
        System.out.println("ClusterScenarioTest: " + what + " after " + took.toMillis() + " ms");
        return took;
    }

    private interface Condition {
        boolean holds();
    }

    /** For what is only to be read, not listened to; a status page polls as well. */
    private static void awaitCondition(Condition condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("the condition holds within 10 s").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
    }
}
