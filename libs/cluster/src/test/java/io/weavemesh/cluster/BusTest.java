package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterBroadcast;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two hosts, the first with a second process: what the bus does with requests, news and tables. */
class BusTest {

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final DnsRequest.DnsStatusQuery QUERY = new DnsRequest.DnsStatusQuery();
    private static final DnsReply.DnsStatus STATUS =
            new DnsReply.DnsStatus(Fqdn.parse("weave.local"), List.of(), List.of(), 1, 0);

    private static final List<ClusterNode> NODES = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        LoopbackHost host = new LoopbackHost(50, "10.32.0.0/12").running(Service.ROUTER, Service.IPAM, Service.PLUGIN);
        LoopbackHost sibling = host.sibling(Service.DNS, Service.IPAM);
        LoopbackHost other = new LoopbackHost(51, "10.32.0.0/12");
        NODES.add(await(ClusterNode.start(host.options(List.of()))));
        NODES.add(await(ClusterNode.start(
                sibling.options(List.of(host.member()), List.of(), ClusterOptions.DEFAULT_DEPARTURE))));
        NODES.add(await(ClusterNode.start(other.options(List.of(host.member())))));
        new PeerEvents(node()).awaitUp(other);
        new PeerEvents(other()).awaitUp(host);
    }

    @AfterAll
    static void stop() throws Exception {
        for (ClusterNode node : NODES) {
            await(node.stop());
        }
    }

    private static ClusterNode node() {
        return NODES.get(0);
    }

    private static ClusterNode sibling() {
        return NODES.get(1);
    }

    private static ClusterNode other() {
        return NODES.get(2);
    }

    @Test
    void aServiceThatIsSlowerThanTheRetryAnswersAndDoesItOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        String id = serve(sibling(), Service.DNS, (from, request) -> {
            asked.incrementAndGet();
            return sibling().vertx().timer(1_200, TimeUnit.MILLISECONDS).map(STATUS);
        });
        assertThat(await(node().bus().request(Service.DNS, QUERY, DEADLINE))).isEqualTo(STATUS);
        assertThat(asked.get()).isEqualTo(1); // Sent again, since the first might have been lost, but not done again.
        await(sibling().vertx().undeploy(id));
    }

    /** The plugin service has a Vert.x of its own, which ends after the cluster's. */
    @Test
    void whoOutlivesTheBusIsToldSoAndNothingElseHappens() throws Exception {
        ClusterNode brief = await(ClusterNode.start(new LoopbackHost(52, "10.32.0.0/12").options(List.of())));
        await(brief.stop());
        brief.bus().publish(Service.PLUGIN, new RouterBroadcast.MtuChanged(1_400));
        assertThatThrownBy(() -> await(brief.bus().request(Service.DNS, QUERY, DEADLINE)))
                .hasMessageContaining("this peer is being stopped");
    }

    @Test
    void membersAreToldOnTheContextOfWhoeverListensWhateverVertxItIsOf() throws Exception {
        Vertx another = Vertx.vertx();
        Context listening = another.getOrCreateContext();
        CompletableFuture<Context> told = new CompletableFuture<>();
        listening.runOnContext(ignored -> node().membership().listen(event -> told.complete(Vertx.currentContext())));
        assertThat(told.get(10, TimeUnit.SECONDS)).isSameAs(listening);
        await(another.close());
    }

    @Test
    void aServiceThatComesUpWithinTheDeadlineAnswers() throws Exception {
        Future<DnsReply.DnsStatus> early = node().bus().request(Service.DNS, QUERY, Duration.ofSeconds(5));
        String id = serve(sibling(), Service.DNS, (from, request) -> Future.succeededFuture(STATUS));
        assertThat(await(early)).isEqualTo(STATUS);
        await(sibling().vertx().undeploy(id));
    }

    @Test
    void aServiceOfThisProcessIsAskedWithoutTheWire() throws Exception {
        List<DnsReply.DnsStatus> given = new ArrayList<>();
        String id = serve(node(), Service.PLUGIN, (from, request) -> {
            assertThat(from).isEqualTo(node().bus().self());
            DnsReply.DnsStatus fresh = new DnsReply.DnsStatus(Fqdn.parse("x"), List.of(), List.of(), 1, 0);
            given.add(fresh);
            return Future.succeededFuture(fresh);
        });
        assertThat(await(node().bus().request(Service.PLUGIN, QUERY, DEADLINE))).isSameAs(given.getFirst());
        await(node().vertx().undeploy(id));
    }

    @Test
    void failuresTravelAsTheyAreAndExceptionsAsInternalOnes() throws Exception {
        String id = serve(other(), Service.DNS, (from, request) -> {
            if (request instanceof DnsRequest.DnsStatusQuery) {
                throw new IndexOutOfBoundsException("a defect made for this test");
            }
            return Future.failedFuture(new FailureException(Failure.Code.CONFLICT, "somebody else has it"));
        });
        PeerName peer = other().bus().self();
        assertThat(failure(node().bus().request(peer, Service.DNS, QUERY, DEADLINE)))
                .satisfies(f -> assertThat(f.code()).isEqualTo(Failure.Code.INTERNAL))
                .satisfies(f -> assertThat(f.text()).contains("DnsStatusQuery failed unexpectedly"));
        assertThat(failure(node().bus().request(peer, Service.DNS, new DnsRequest.ListNames(), DEADLINE)))
                .isEqualTo(new Failure(Failure.Code.CONFLICT, "somebody else has it"));
        await(other().vertx().undeploy(id));
    }

    @Test
    void aPeerThatIsNotThereIsNotWaitedFor() {
        long start = System.nanoTime();
        assertThat(failure(node().bus().request(new PeerName(77), Service.DNS, QUERY, Duration.ofSeconds(30))))
                .satisfies(f -> assertThat(f.code()).isEqualTo(Failure.Code.UNAVAILABLE))
                .satisfies(f -> assertThat(f.text()).contains("dns-service of peer 00:00:00:00:00:4d"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aMessageThatIsTooLargeFailsAtOnceAndSaysHowLargeItWas() throws Exception {
        String id = serve(other(), Service.DNS, (from, request) -> {
            List<DnsReply.Name> names = new ArrayList<>();
            for (int i = 0; i < 40_000; i++) {
                names.add(new DnsReply.Name(row(i), from));
            }
            return Future.succeededFuture(new DnsReply.Names(names));
        });
        Duration timeForTenMegabytes = Duration.ofSeconds(20);
        Failure failure = failure(node().bus()
                .request(other().bus().self(), Service.DNS, new DnsRequest.ListNames(), timeForTenMegabytes));
        assertThat(failure.text()).contains("a Names of peer").contains("expected at most " + JsonCodec.MAX_BYTES);
        await(other().vertx().undeploy(id));
    }

    @Test
    void newsReachesTheServiceOnEveryOtherPeerAndNotOurselves() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        List<Future<Void>> serving = new ArrayList<>();
        NODES.forEach(node -> serving.add(node.bus()
                .serve(
                        Service.IPAM,
                        (from, request) -> Future.succeededFuture(new Done()),
                        (from, message) -> heard.add(from + ">" + node.bus().self() + " " + message))));
        await(Future.all(serving));
        PeerName one = node().bus().self();
        PeerName two = other().bus().self();
        node().bus().publish(Service.IPAM, new IpamBroadcast.RingDigest(7, false));
        other().bus().publish(Service.IPAM, new IpamBroadcast.RingDigest(8, false));

        List<String> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(Objects.requireNonNull(heard.poll(5, TimeUnit.SECONDS)));
        }
        // Two processes of one host serve it in this test.
        assertThat(all)
                .containsExactlyInAnyOrder(
                        one + ">" + two + " RingDigest[hash=7, leaving=false]",
                        two + ">" + one + " RingDigest[hash=8, leaving=false]",
                        two + ">" + one + " RingDigest[hash=8, leaving=false]");
        assertThat(heard).isEmpty();
    }

    /** The plugin's sockets live on a Vert.x of their own. */
    @Test
    void futuresCompleteOnTheCallersContextEvenIfThatBelongsToAnotherVertx() throws Exception {
        String id = serve(other(), Service.DNS, (from, request) -> Future.succeededFuture(STATUS));
        Vertx plain = Vertx.vertx();
        try {
            CompletableFuture<Optional<Context>> seen = new CompletableFuture<>();
            Context context = plain.getOrCreateContext();
            context.runOnContext(ignored -> node().bus()
                    .request(other().bus().self(), Service.DNS, QUERY, DEADLINE)
                    .onSuccess(done -> seen.complete(Optional.ofNullable(Vertx.currentContext())))
                    .onFailure(seen::completeExceptionally));
            assertThat(seen.get(10, TimeUnit.SECONDS)).containsSame(context);
        } finally {
            await(plain.close());
            await(other().vertx().undeploy(id));
        }
    }

    @Test
    void aRowPutAtOnePeerIsReadAtTheOtherAndThousandsArriveInSeveralDeltas() throws Exception {
        BlockingQueue<SharedTable.Change<NameRow>> seen = new LinkedBlockingQueue<>();
        CompletableFuture<SharedTable<NameRow>> reader = table(other(), seen);
        SharedTable<NameRow> writer = table(node(), new LinkedBlockingQueue<>()).get(10, TimeUnit.SECONDS);
        assertThat(reader.get(10, TimeUnit.SECONDS).own()).isEmpty();

        Context context = node().vertx().getOrCreateContext();
        long start = System.nanoTime();
        context.runOnContext(ignored -> writer.update(List.of(row(1)), List.of()));
        assertThat(rows(seen, 1)).containsExactly(row(1));
        System.out.println("BusTest: a row at the other peer after " + (System.nanoTime() - start) / 1_000 + " us");

        List<NameRow> many = new ArrayList<>();
        for (int i = 2; i <= 5_000; i++) {
            many.add(row(i));
        }
        context.runOnContext(ignored -> writer.update(many, List.of()));
        assertThat(rows(seen, 4_999)).containsExactlyElementsOf(many);
        assertThat(reader.get().parts().get(node().bus().self())).hasSize(5_000);
    }

    private static List<NameRow> rows(BlockingQueue<SharedTable.Change<NameRow>> seen, int count)
            throws InterruptedException {
        List<NameRow> rows = new ArrayList<>();
        while (rows.size() < count) {
            rows.addAll(Objects.requireNonNull(seen.poll(10, TimeUnit.SECONDS)).put());
        }
        return rows;
    }

    private static CompletableFuture<SharedTable<NameRow>> table(
            ClusterNode node, BlockingQueue<SharedTable.Change<NameRow>> seen) {
        CompletableFuture<SharedTable<NameRow>> made = new CompletableFuture<>();
        node.vertx().getOrCreateContext().runOnContext(ignored -> {
            SharedTable<NameRow> table =
                    SharedTable.create(node.vertx(), node.bus(), node.membership(), Service.ROUTER, NameRow.class);
            table.listen(seen::add);
            node.bus()
                    .serve(
                            Service.ROUTER,
                            (from, request) -> table.answer((TableRequest.PullTable) request),
                            (from, message) -> table.receive(from, (TableBroadcast) message))
                    .onSuccess(done -> made.complete(table))
                    .onFailure(made::completeExceptionally);
        });
        return made;
    }

    private static NameRow row(int number) {
        return new NameRow(
                Fqdn.parse("container-%05d.weave.local".formatted(number)),
                IpAddress.parse("10.32.0.1").plus(number),
                new ContainerId("c".repeat(60)),
                new EndpointId("e" + number));
    }

    /** In a verticle, so that undeploying ends it. */
    private static String serve(ClusterNode node, Service service, Bus.RequestHandler handler) throws Exception {
        return await(node.vertx().deployVerticle(new io.vertx.core.VerticleBase() {
            @Override
            public Future<?> start() {
                return node.bus().serve(service, handler, (from, message) -> {});
            }
        }));
    }

    private static Failure failure(Future<?> future) {
        CompletableFuture<Failure> failure = new CompletableFuture<>();
        assertThatThrownBy(() -> await(future)).isInstanceOfSatisfying(ExecutionException.class, e -> {
            assertThat(e.getCause()).isInstanceOf(FailureException.class);
            failure.complete(((FailureException) Objects.requireNonNull(e.getCause())).failure());
        });
        return failure.join();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
    }
}
