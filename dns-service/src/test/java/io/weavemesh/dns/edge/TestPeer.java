package io.weavemesh.dns.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Health;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsRequest.DnsStatusQuery;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** One deployed dns-service on loopback, and how a test talks to it. */
final class TestPeer {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    final LoopBus bus;
    final FixedMembership membership;
    final Health health = new Health();
    private final Vertx vertx;
    private String deployment = "";

    TestPeer(Vertx vertx, int number, Map<PeerName, LoopBus> network) {
        PeerName name = new PeerName(number);
        this.vertx = vertx;
        this.bus = new LoopBus(name, network);
        this.membership = new FixedMembership(name);
    }

    /** Deploys on a free port of loopback, with this resolv.conf. */
    TestPeer start(Path resolvConf) {
        return start(settings(new ListenAddress.Fixed(IpAddress.parse("127.0.0.1"), 0), resolvConf, 2_000));
    }

    TestPeer start(DnsSettings settings) {
        deployment = await(vertx.deployVerticle(new DnsVerticle(bus, membership, health, settings)));
        return this;
    }

    void stop() {
        await(vertx.undeploy(deployment));
    }

    static DnsSettings settings(ListenAddress listen, Path resolvConf, int fallbackMillis) {
        return new DnsSettings(
                Fqdn.parse("weave.local"),
                List.of(listen),
                Duration.ofSeconds(1),
                Duration.ofMillis(fallbackMillis),
                resolvConf,
                false,
                true);
    }

    /** Names and addresses, each list with spaces between; an address may have the prefix length of its subnet. */
    void register(String endpoint, String names, String addresses) {
        register(endpoint, names, addresses, "", "");
    }

    /** And what the container asks from, and the ports it exposes. */
    void register(String endpoint, String names, String addresses, String askFrom, String ports) {
        request(new RegisterName(
                new EndpointId(endpoint),
                new ContainerId("c-" + endpoint),
                list(names, Fqdn::parse),
                list(
                        addresses,
                        address -> address.contains("/") ? Cidr.parse(address) : Cidr.alone(IpAddress.parse(address))),
                list(askFrom, IpAddress::parse),
                list(ports, ExposedPort::parse),
                true));
    }

    private static <T> List<T> list(String text, Function<String, T> parse) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(" ", -1)).map(parse).toList();
    }

    <R extends Reply> R request(Request<R> request) {
        return await(bus.request(Service.DNS, request, DEADLINE));
    }

    DnsStatus status() {
        return request(new DnsStatusQuery());
    }

    /** The port it answers on. A free one for UDP may be taken for TCP; then the next try finds another. */
    int port() {
        until("answering", () -> !status().listening().isEmpty());
        String listening = status().listening().getFirst();
        return Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
    }

    Dig dig() {
        return new Dig("127.0.0.1", port());
    }

    String healthText() {
        return Objects.requireNonNull(health.results().get("dns-listening")).text();
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("no answer", e);
        }
    }

    /** Waits for something the product does by itself, without an event a test could see. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 10 s: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
