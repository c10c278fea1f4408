package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.weavemesh.contract.DnsReply;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.Service;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several hosts on one machine: every address of 127.0.0.0/8 is a host of its own. */
class ClusterNodeTest {

    private static final String RANGE = "10.32.0.0/12";
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final Deque<ClusterNode> nodes = new ArrayDeque<>();

    @AfterEach
    void stop() throws Exception {
        for (ClusterNode node : nodes) {
            await(node.stop());
        }
    }

    @Test
    void twoHostsThatNameEachOtherBecomeOneClusterAndAnswerEachOther() throws Exception {
        LoopbackHost one = new LoopbackHost(2, RANGE);
        LoopbackHost two = new LoopbackHost(3, RANGE);
        ClusterNode first = start(one, List.of(two.member()));
        ClusterNode second = start(two, List.of(one.member()));

        awaitPeer(first, two);
        awaitPeer(second, one);
        await(serveDns(first, "one"));
        await(serveDns(second, "two"));

        assertThat(ask(first, two)).isEqualTo("two");
        assertThat(ask(second, one)).isEqualTo("one");
        assertThat(first.membership().connections())
                .singleElement()
                .satisfies(connection -> assertThat(connection.state()).isEqualTo("established"));
    }

    @Test
    void aPeerWithAnotherAddressRangeIsRefusedOnBothSidesWithBothValuesNamed() throws Exception {
        LoopbackHost one = new LoopbackHost(4, RANGE);
        LoopbackHost two = new LoopbackHost(5, "10.64.0.0/12");
        ClusterNode first = start(one, List.of());
        ClusterNode second = start(two, List.of(one.member()));

        String atFirst = awaitRefusal(first);
        String atSecond = awaitRefusal(second);

        assertThat(atFirst).contains("10.64.0.0/12", "10.32.0.0/12", "--ipalloc-range");
        assertThat(atSecond).contains("10.64.0.0/12", "10.32.0.0/12", "--ipalloc-range");
        await(serveDns(first, "one"));
        assertThatThrownBy(() -> ask(second, one))
                .hasCauseInstanceOf(FailureException.class)
                .hasMessageContaining("does not accept");
    }

    @Test
    void aRequestNobodyServesFailsAtItsDeadlineAndNamesTheService() throws Exception {
        ClusterNode node = start(new LoopbackHost(6, RANGE), List.of());

        long start = System.nanoTime();
        assertThatThrownBy(() -> await(node.bus()
                        .request(
                                Service.IPAM,
                                new io.weavemesh.contract.IpamRequest.ListAllocations(),
                                Duration.ofMillis(300))))
                .hasCauseInstanceOf(FailureException.class)
                .hasMessageContaining("ipam-service of this host did not answer ListAllocations within 300 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        LoopbackHost host = new LoopbackHost(7, RANGE);
        try (ServerSocket taken = new ServerSocket(host.memberPort(), 1, InetAddress.getByName(host.ip()))) {
            assertThat(taken.isBound()).isTrue();
            assertThatThrownBy(() -> start(host, List.of()))
                    .hasMessageContaining("cannot listen on TCP " + host.member())
                    .hasMessageContaining("--port");
        }
    }

    private ClusterNode start(LoopbackHost host, List<String> targets) throws Exception {
        ClusterNode node = await(ClusterNode.start(host.options(targets)));
        nodes.push(node);
        return node;
    }

    private static Future<Void> serveDns(ClusterNode node, String domain) {
        return node.bus()
                .serve(
                        Service.DNS,
                        (from, request) -> Future.succeededFuture(
                                new DnsReply.DnsStatus(Fqdn.parse(domain), List.of(), List.of(), 1, 0)),
                        (from, message) -> {});
    }

    private static String ask(ClusterNode node, LoopbackHost other) throws Exception {
        return await(node.bus()
                        .request(other.description().name(), Service.DNS, new DnsRequest.DnsStatusQuery(), DEADLINE))
                .domain()
                .value()
                .replace(".", "");
    }

    private static void awaitPeer(ClusterNode node, LoopbackHost other) throws InterruptedException {
        CountDownLatch up = new CountDownLatch(1);
        node.membership().listen(event -> {
            if (event instanceof Membership.PeerUp seen
                    && seen.peer().name().equals(other.description().name())) {
                up.countDown();
            }
        });
        assertThat(up.await(15, TimeUnit.SECONDS))
                .as("peer %s is up", other.ip())
                .isTrue();
    }

    private static String awaitRefusal(ClusterNode node) throws InterruptedException {
        CountDownLatch refused = new CountDownLatch(1);
        String[] reason = {""};
        node.membership().listen(event -> {
            if (event instanceof Membership.PeerRefused seen) {
                reason[0] = seen.reason();
                refused.countDown();
            }
        });
        assertThat(refused.await(15, TimeUnit.SECONDS)).as("a peer is refused").isTrue();
        return reason[0];
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
