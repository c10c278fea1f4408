package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.ListNames;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.naming.NameNotFoundException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registration, replication and listening, as seen by dig. */
class DnsVerticleTest {

    private final Vertx vertx = Vertx.vertx();
    private final Map<PeerName, LoopBus> network = new ConcurrentHashMap<>();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        TestPeer.await(vertx.close());
    }

    private TestPeer peer(int number) {
        return new TestPeer(vertx, number, network);
    }

    private Path noResolvers() {
        return directory.resolve("no-resolv.conf");
    }

    @Test
    void aRegisteredNameResolvesUntilItIsDeregistered() {
        TestPeer peer = peer(1).start(noResolvers());
        peer.register("e1", "foo.weave.local foo.example.com", "10.32.0.1 fd00::1");
        Dig dig = peer.dig();
        assertThat(dig.shortly("foo.weave.local")).containsExactly("10.32.0.1");
        assertThat(dig.shortly("foo.weave.local AAAA")).containsExactly("fd00::1");
        assertThat(dig.shortly("-x 10.32.0.1")).containsExactly("foo.weave.local.");
        assertThat(dig.shortly("-x fd00::1")).containsExactly("foo.weave.local.");
        assertThat(dig.shortly("foo.weave.local +tcp")).containsExactly("10.32.0.1");
        assertThat(dig.shortly("foo.weave.local AAAA +tcp")).containsExactly("fd00::1");
        assertThat(dig.shortly("foo")).containsExactly("10.32.0.1");
        assertThat(dig.shortly("foo.weave.local +bufsize=512")).containsExactly("10.32.0.1");
        assertThat(dig.shortly("foo.weave.local +noedns")).containsExactly("10.32.0.1");
        assertThat(Dig.lines(dig.ask("FoO.wEaVe.LoCaL"), "\tIN\tA\t"))
                .containsExactly("FoO.wEaVe.LoCaL.	1	IN	A	10.32.0.1");
        peer.request(new DeregisterName(new EndpointId("e1")));
        assertThat(Dig.lines(dig.ask("foo.weave.local"), "status:", "flags:", "SOA"))
                .anyMatch(line -> line.contains("NXDOMAIN"))
                .anyMatch(line -> line.contains("qr aa rd ra;"))
                .anyMatch(line -> line.contains("SOA	weave.local. nobody.invalid."));
    }

    @Test
    void twoHundredAddressesAreCutOverUdpAndWholeOverTcp() {
        TestPeer peer = peer(1).start(noResolvers());
        List<String> addresses =
                IntStream.range(0, 200).mapToObj(i -> "10.32.1." + i).toList();
        peer.register("e1", "big.weave.local", String.join(" ", addresses));
        Dig dig = peer.dig();
        assertThat(dig.ask("big.weave.local +ignore +bufsize=700"))
                .contains("qr aa tc rd ra", "ANSWER: 41,", "MSG SIZE  rcvd: 700");
        assertThat(dig.shortly("big.weave.local"))
                .as("dig asks again by TCP")
                .containsExactlyInAnyOrderElementsOf(addresses);
        assertThat(dig.shortly("big.weave.local +tcp")).containsExactlyInAnyOrderElementsOf(addresses);
    }

    @Test
    void severalQuestionsOnOneTcpConnectionAreAllAnswered() {
        TestPeer peer = peer(1).start(noResolvers());
        peer.register("e1", "foo.weave.local", "10.32.0.1");
        peer.register("e2", "bar.weave.local", "10.32.0.2");
        assertThat(peer.dig().shortly("+tcp +keepopen foo.weave.local bar.weave.local foo.weave.local"))
                .containsExactly("10.32.0.1", "10.32.0.1", "10.32.0.2");
    }

    @Test
    @SuppressWarnings({"BanJNDI", "JdkObsolete"}) // The JDK's DNS client has no other door, and this one no objects.
    void javasOwnResolverAgrees() throws Exception {
        TestPeer peer = peer(1).start(noResolvers());
        peer.register("e1", "foo.weave.local", "10.32.0.1 10.32.0.2 fd00::1");
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put("java.naming.factory.initial", "com.sun.jndi.dns.DnsContextFactory");
        environment.put("java.naming.provider.url", "dns://127.0.0.1:" + peer.port());
        InitialDirContext resolver = new InitialDirContext(environment);
        Attribute four =
                resolver.getAttributes("foo.weave.local", new String[] {"A"}).get("A");
        Attribute six =
                resolver.getAttributes("foo.weave.local", new String[] {"AAAA"}).get("AAAA");
        assertThat(Collections.list(four.getAll())).asString().contains("10.32.0.1", "10.32.0.2");
        assertThat(Collections.list(six.getAll())).asString().isEqualTo("[fd00::1]");
        assertThatThrownBy(() -> resolver.getAttributes("bar.weave.local", new String[] {"A"}))
                .isInstanceOf(NameNotFoundException.class);
        resolver.close();
    }

    @Test
    void namesReachOtherPeersAndGoWithTheirPeer() {
        TestPeer one = peer(1).start(noResolvers());
        TestPeer two = peer(2).start(noResolvers());
        one.register("e1", "early.weave.local", "10.32.0.1");
        one.membership.up(new PeerName(2));
        two.membership.up(new PeerName(1));
        TestPeer.until(
                "what was there before comes by a pull", () -> two.status().entries() == 1);
        one.register("e2", "late.weave.local", "10.32.0.2");
        TestPeer.until("what comes later comes as a delta", () -> two.status().entries() == 2);
        assertThat(two.dig().shortly("early.weave.local")).containsExactly("10.32.0.1");
        assertThat(two.dig().shortly("late.weave.local")).containsExactly("10.32.0.2");
        assertThat(two.request(new ListNames()).names())
                .extracting(name -> name.row().name() + " " + name.origin())
                .containsExactly("early.weave.local. 00:00:00:00:00:01", "late.weave.local. 00:00:00:00:00:01");
        two.membership.down(new PeerName(1));
        TestPeer.until("the names of a peer that is gone go", () -> two.status().entries() == 0);
        assertThat(two.dig().ask("late.weave.local")).contains("NXDOMAIN");
        assertThat(one.dig().shortly("late.weave.local")).containsExactly("10.32.0.2");
    }

    @Test
    void addressesOfThisHostComeFirstWhereThatIsWanted() {
        DnsSettings plain = TestPeer.settings(new ListenAddress.OfInterface("lo", 0), noResolvers(), 500);
        TestPeer one = peer(1).start(new DnsSettings(
                plain.domain(), plain.listen(), plain.ttl(), plain.fallbackTimeout(), noResolvers(), true, true));
        TestPeer two = peer(2).start(noResolvers());
        one.membership.up(new PeerName(2));
        two.membership.up(new PeerName(1));
        one.register("e1", "web.weave.local", "10.32.0.1");
        two.register("e2", "web.weave.local", "10.40.0.1");
        TestPeer.until("both are there", () -> one.status().entries() == 2);
        for (int i = 0; i < 8; i++) {
            assertThat(one.dig().ask("web.weave.local +short")).isEqualTo("10.32.0.1\n10.40.0.1\n");
        }
    }

    @Test
    void aContainerThatBecomesUnhealthyLeavesTheAnswersOfEveryPeerUntilItIsWell() {
        TestPeer one = peer(1).start(noResolvers());
        TestPeer two = peer(2).start(noResolvers());
        one.membership.up(new PeerName(2));
        two.membership.up(new PeerName(1));
        two.register("e2", "web.weave.local", "10.40.0.1");
        for (boolean healthy : List.of(true, false, true)) {
            one.request(new RegisterName(
                    new EndpointId("e1"),
                    new ContainerId("c1"),
                    List.of(Fqdn.parse("web.weave.local")),
                    List.of(Cidr.parse("10.32.0.1/12")),
                    List.of(),
                    List.of(),
                    healthy));
            List<String> expected = healthy ? List.of("10.32.0.1", "10.40.0.1") : List.of("10.40.0.1");
            for (TestPeer peer : List.of(one, two)) {
                TestPeer.until(
                        "the answer is " + expected,
                        () -> peer.dig().shortly("web.weave.local").equals(expected));
            }
        }
    }

    @Test
    void onlyThisHostChangesItsNames() {
        TestPeer one = peer(1).start(noResolvers());
        TestPeer two = peer(2).start(noResolvers());
        RegisterName request = new RegisterName(
                new EndpointId("e1"),
                new ContainerId("c1"),
                List.of(Fqdn.parse("foo.weave.local")),
                List.of(Cidr.parse("10.32.0.1/12")),
                List.of(),
                List.of(),
                true);
        assertThatThrownBy(() ->
                        TestPeer.await(two.bus.request(new PeerName(1), Service.DNS, request, Duration.ofSeconds(2))))
                .isInstanceOf(FailureException.class)
                .hasMessage(
                        "change names of peer 00:00:00:00:00:01: asked by peer 00:00:00:00:00:02 (expected: itself)");
        assertThat(one.status().entries()).isZero();
    }

    @Test
    void namesOfEndpointsThatAreNotRetainedGo() {
        TestPeer peer = peer(1).start(noResolvers());
        peer.register("e1", "foo.weave.local", "10.32.0.1");
        peer.register("e2", "bar.weave.local", "10.32.0.2");
        peer.request(new RetainNames(Set.of(new EndpointId("e2"))));
        assertThat(peer.request(new ListNames()).names())
                .extracting(name -> name.row().name().value())
                .containsExactly("bar.weave.local.");
    }

    @Test
    void whatIsAnotherServicesIsRefused() {
        TestPeer peer = peer(1).start(noResolvers());
        assertThatThrownBy(() -> peer.request(new RouterRequest.RouterStatusQuery()))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo(Failure.Code.INVALID));
    }

    @Test
    void theStatusSaysHowItIs() {
        TestPeer peer = peer(1).start(noResolvers());
        String address = "127.0.0.1:" + peer.port();
        assertThat(peer.status().domain()).hasToString("weave.local.");
        assertThat(peer.status().listening()).containsExactly(address);
        assertThat(peer.status().ttlSeconds()).isEqualTo(1);
        assertThat(peer.status().upstream()).isEmpty();
        assertThat(peer.healthText()).isEqualTo("answering on " + address);
        assertThat(peer.health.healthy()).isTrue();
    }

    @Test
    void anInterfaceGivesItsAddress() {
        TestPeer peer = peer(1).start(TestPeer.settings(new ListenAddress.OfInterface("lo", 0), noResolvers(), 500));
        int port = peer.port();
        assertThat(peer.status().listening()).containsExactly("127.0.0.1:" + port);
    }

    @Test
    void aMissingInterfaceIsWaitedFor() {
        TestPeer peer =
                peer(1).start(TestPeer.settings(new ListenAddress.OfInterface("none0", 53), noResolvers(), 500));
        assertThat(peer.status().listening()).isEmpty();
        assertThat(peer.healthText()).isEqualTo("waiting for the IPv4 address of interface none0, port 53");
        assertThat(peer.health.healthy()).as("that is nobody's fault").isTrue();
    }

    /** An address that changes, as docker0's does. */
    private record Changing(AtomicReference<Optional<IpAddress>> address) implements ListenAddress {
        @Override
        public int port() {
            return 0;
        }

        @Override
        public Optional<IpAddress> current() {
            return address.get();
        }
    }

    @Test
    void anAddressThatComesChangesAndGoesIsFollowed() {
        AtomicReference<Optional<IpAddress>> address = new AtomicReference<>(Optional.empty());
        TestPeer peer = peer(1).start(TestPeer.settings(new Changing(address), noResolvers(), 500));
        peer.register("e1", "foo.weave.local", "10.32.0.1");
        assertThat(peer.status().listening()).isEmpty();
        for (String next : List.of("127.0.0.1", "127.0.0.2")) {
            address.set(Optional.of(IpAddress.parse(next)));
            TestPeer.until(
                    "listening on " + next,
                    () -> peer.status().listening().stream().anyMatch(text -> text.startsWith(next + ":")));
            assertThat(new Dig(next, peer.port()).shortly("foo.weave.local")).containsExactly("10.32.0.1");
            assertThat(new Dig(next, peer.port()).shortly("foo.weave.local +tcp"))
                    .containsExactly("10.32.0.1");
        }
        address.set(Optional.empty());
        TestPeer.until("listening nowhere", () -> peer.status().listening().isEmpty());
    }

    @Test
    void anOccupiedPortIsSaidWithItsHolderAndTakenWhenItIsFree() throws Exception {
        TestPeer peer = peer(1);
        int port = quietPort();
        try (DatagramSocket holder =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            peer.start(TestPeer.settings(
                    new ListenAddress.Fixed(IpAddress.parse("127.0.0.1"), holder.getLocalPort()), noResolvers(), 500));
            assertThat(peer.status().listening()).isEmpty();
            assertThat(peer.health.healthy()).isFalse();
            assertThat(peer.healthText())
                    .isEqualTo("listen on UDP 127.0.0.1:" + port + " for DNS: the port is in use by java (pid "
                            + ProcessHandle.current().pid()
                            + ") (stop it, or use another address: --dns-listen-address)");
        }
        TestPeer.until("the free port is taken", peer.health::healthy);
        assertThat(peer.port()).isEqualTo(port);
    }

    /** Free for TCP, too, and below those that the kernel gives to whoever connects, so that it stays so. */
    private static int quietPort() throws IOException {
        IOException taken = new IOException("no port tried");
        for (int port = 20_000; port < 20_100; port++) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (ServerSocket tcp = new ServerSocket();
                    DatagramSocket udp = new DatagramSocket(address)) {
                tcp.bind(address);
                return udp.getLocalPort();
            } catch (BindException e) {
                taken = e;
            }
        }
        throw taken;
    }

    @Test
    void aDisabledServiceStillTellsOtherPeers() {
        DnsSettings enabled = TestPeer.settings(new ListenAddress.OfInterface("lo", 0), noResolvers(), 500);
        TestPeer silent = peer(1).start(new DnsSettings(
                enabled.domain(),
                enabled.listen(),
                enabled.ttl(),
                enabled.fallbackTimeout(),
                noResolvers(),
                false,
                false));
        TestPeer two = peer(2).start(enabled);
        silent.membership.up(new PeerName(2));
        two.membership.up(new PeerName(1));
        silent.register("e1", "foo.weave.local", "10.32.0.1");
        TestPeer.until("the name is there", () -> two.status().entries() == 1);
        assertThat(two.dig().shortly("foo.weave.local")).containsExactly("10.32.0.1");
        assertThat(silent.status().listening()).isEmpty();
        assertThat(silent.healthText()).isEqualTo("disabled by --no-dns");
    }

    @Test
    void aStoppedServiceFreesItsPortAndEndsItsThread() {
        TestPeer peer = peer(1).start(noResolvers());
        int port = peer.port();
        peer.stop();
        TestPeer again = peer(1).start(TestPeer.settings(
                new ListenAddress.Fixed(IpAddress.parse("127.0.0.1"), port), noResolvers(), 500));
        assertThat(again.port()).isEqualTo(port);
        Set<String> threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("dns-udp-"))
                .collect(Collectors.toSet());
        assertThat(threads).hasSizeLessThanOrEqualTo(1);
    }
}
