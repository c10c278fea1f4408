package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.Hide;
import io.weavemesh.router.Input;
import io.weavemesh.router.Segment;
import io.weavemesh.router.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A host that does everything to help an attacker: it forwards, is exposed in two networks, believes any source address, routes
 * loopback, shows bridged frames to iptables, and has a container on Docker's bridge. Each attack gets through before our
 * table is there, and none after.
 */
@RequiresRoot
class FirewallKernelTest {

    private static final Path FRAME =
            Path.of("..", "system-tests", "frame").toAbsolutePath().normalize();
    private static final int OTHER_VNI = Segment.vniOf(World.OTHER_SUBNET);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final KernelHost one = new KernelHost("one", World.alpha(), open);
    private final KernelHost two = new KernelHost("two", World.beta(), open);
    private final String bridgeMac = one.overlay.bridgeMac().toString();

    private Namespace foo = one.namespace;
    private Namespace red = one.namespace;
    private Namespace blue = one.namespace;
    private Namespace plain = one.namespace;
    private Namespace composed = one.namespace;
    private String gatewayMac = "";
    private String wireMac = "";

    @BeforeEach
    void make() {
        one.connect(two);
        for (KernelHost host : List.of(one, two)) {
            host.take(new Input.NetworkAsked(World.network(World.OTHER, World.OTHER_SUBNET)));
        }
        foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        red = one.run(World.OTHER, "red", "bbbbbbbbbbbb", "198.51.100.1/24");
        blue = two.run(World.OTHER, "blue", "cccccccccccc", "198.51.100.2/24");
        one.take(new Input.ExposeAsked(new Expose(Cidr.parse("10.32.0.9/12"), true)));
        one.take(new Input.ExposeAsked(new Expose(Cidr.parse("198.51.100.9/24"), true)));
        one.hear(two);
        two.hear(one);
        one.namespace.sh("sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1;"
                + "for c in all default weave wb-7940fa; do sysctl -qw net.ipv4.conf.$c.rp_filter=0"
                + " net.ipv4.conf.$c.route_localnet=1; done");
        plain = dockerContainer("plain", "docker_gwbridge", "172.18.0");
        composed = dockerContainer("composed", "shop", "172.19.0");
        gatewayMac =
                one.namespace.sh("cat /sys/class/net/docker_gwbridge/address").strip();
        wireMac = one.namespace.sh("cat /sys/class/net/eth0/address").strip();
        two.namespace.sh("ip addr add 192.0.2.66/24 dev eth0");
    }

    @AfterEach
    void remove() throws Exception {
        for (AutoCloseable thing : open) {
            thing.close();
        }
    }

    /** What an attacker sends, from where, and who would hear of it; {@code reason} is what it is counted as. */
    private record Attack(String name, Namespace from, String frame, Namespace victim, String reason) {}

    private List<Attack> attacks() {
        String mine = mac(World.DEFAULT_SUBNET, "10.32.0.1");
        String inner = "02:00:00:00:00:66 " + mac(World.OTHER_SUBNET, "198.51.100.1")
                + " 198.51.100.2 198.51.100.1 udp 5 5 %s";
        String innerOfTwo = mac(World.OTHER_SUBNET, "198.51.100.1") + " " + mac(World.OTHER_SUBNET, "198.51.100.2")
                + " 198.51.100.1 198.51.100.2 udp 5 5 %s";
        String plainMac = plain.sh("cat /sys/class/net/eth0/address").strip();
        String composedMac = composed.sh("cat /sys/class/net/eth0/address").strip() + " "
                + one.namespace.sh("cat /sys/class/net/shop/address").strip();
        String strangerMac = two.namespace.sh("cat /sys/class/net/eth0/address").strip();
        String toHost = mine + " " + bridgeMac + " ";
        return List.of(
                new Attack("gateway", foo, toHost + "10.32.0.1 198.51.100.1 udp 5 5 %s", red, "between-networks"),
                new Attack("forged", foo, toHost + "198.51.100.7 198.51.100.1 udp 5 5 %s", red, "between-networks"),
                new Attack("reflected", foo, toHost + "198.51.100.1 10.32.0.9 echo %s", red, "forged-source"),
                new Attack("address", foo, toHost + "10.32.0.1 198.51.100.9 echo %s", foo, "foreign-address"),
                new Attack("loopback", foo, toHost + "10.32.0.1 127.0.0.1 echo %s", foo, "loopback"),
                new Attack(
                        "bridged",
                        foo,
                        toHost + "192.0.2.2 192.0.2.1 vxlan 4444 6784 " + OTHER_VNI + " " + inner,
                        red,
                        "container-tunnel"),
                new Attack(
                        "docker",
                        plain,
                        plainMac + " " + gatewayMac + " 172.18.0.2 198.51.100.1 udp 5 5 %s",
                        red,
                        "between-networks"),
                new Attack(
                        "dockeraddress",
                        plain,
                        plainMac + " " + gatewayMac + " 172.18.0.2 198.51.100.9 echo %s",
                        plain,
                        "foreign-address"),
                new Attack(
                        "masqueraded",
                        plain,
                        plainMac + " " + gatewayMac + " 172.18.0.2 192.0.2.2 vxlan 4444 6784 " + OTHER_VNI + " "
                                + innerOfTwo,
                        blue,
                        "container-tunnel"),
                new Attack(
                        "composed",
                        composed,
                        composedMac + " 172.19.0.2 198.51.100.1 udp 5 5 %s",
                        red,
                        "between-networks"),
                new Attack(
                        "composedtunnel",
                        composed,
                        composedMac + " 172.19.0.2 192.0.2.2 vxlan 4444 6784 " + OTHER_VNI + " " + innerOfTwo,
                        blue,
                        "container-tunnel"),
                new Attack(
                        "stranger",
                        two.namespace,
                        strangerMac + " " + wireMac + " 192.0.2.66 192.0.2.1 vxlan 4444 6784 " + OTHER_VNI + " "
                                + inner,
                        red,
                        "foreign-tunnel"));
    }

    @Test
    void noAttackGetsThroughThatDidBefore() throws Exception {
        for (Attack attack : attacks()) {
            assertThat(heard(attack, "before"))
                    .as("without our table: %s", attack.name())
                    .isTrue();
        }
        one.protect();
        two.protect();
        Map<String, Long> expected = new TreeMap<>();
        for (Attack attack : attacks()) {
            assertThat(heard(attack, "after"))
                    .as("with our table: %s", attack.name())
                    .isFalse();
            expected.merge(attack.reason(), 1L, Long::sum);
        }
        Map<String, Long> counted = new TreeMap<>(one.protect().dropped());
        counted.values().removeIf(packets -> packets == 0);
        assertThat(counted).isEqualTo(expected);
    }

    @Test
    void aFrameForAnotherNetworksHardwareAddressStaysOnItsBridge() throws Exception {
        String frame = mac(World.DEFAULT_SUBNET, "10.32.0.1") + " " + mac(World.OTHER_SUBNET, "198.51.100.1")
                + " 198.51.100.7 198.51.100.1 udp 5 5 %s";
        assertThat(heard(new Attack("mac", foo, frame, red, ""), "")).isFalse();
    }

    @Test
    void aHostThatIsNotExposedRoutesNothing() {
        one.take(new Input.HideAsked(new Hide(Cidr.parse("10.32.0.9/12"))));
        one.protect();
        String toHost = mac(World.DEFAULT_SUBNET, "10.32.0.1") + " " + bridgeMac + " 10.32.0.1 ";
        send(foo, toHost + "192.0.2.2 udp 5 5 out");
        send(foo, toHost + "192.0.2.1 udp 5 5 in");
        assertThat(one.protect().dropped()).containsEntry("not-exposed", 2L);
    }

    @Test
    void routersAndRedirectsOfContainersAreNotBelieved() {
        one.protect();
        String mine = mac(World.DEFAULT_SUBNET, "10.32.0.1");
        send(foo, mine + " 33:33:00:00:00:01 fe80::1 ff02::1 icmp 134");
        send(foo, mine + " 33:33:00:00:00:01 fe80::1 ff02::1 icmp 137");
        send(foo, mine + " " + bridgeMac + " 10.32.0.1 10.32.0.9 icmp 5");
        assertThat(one.protect().dropped())
                .containsEntry("router-advertisement", 1L)
                .containsEntry("redirect", 2L);
    }

    @Test
    void theControlApiAndTheClusterAreNotThereForContainers() throws Exception {
        serve("127.0.0.1", 6784);
        serve("0.0.0.0", 6783);
        foo.sh("ip route add 192.0.2.1 via 10.32.0.9");
        String askCluster = "curl -s -m 2 -o /dev/null http://192.0.2.1:6783/";
        foo.sh(askCluster);
        plain.sh(askCluster);
        composed.sh(askCluster);
        one.protect();
        assertThat(foo.succeeds(askCluster)).isFalse();
        assertThat(plain.succeeds(askCluster)).isFalse();
        assertThat(composed.succeeds(askCluster)).isFalse();
        two.namespace.sh(askCluster); // Perhaps a peer to be.
        one.namespace.sh("curl -s -m 2 -o /dev/null http://127.0.0.1:6784/");
        assertThat(one.protect().dropped())
                .hasEntrySatisfying(
                        "cluster-port", packets -> assertThat(packets).isPositive());
    }

    @Test
    void tunnelPacketsOverIpv6AreJudgedAlike() {
        one.namespace.sh("ip addr add 2001:db8::1/64 dev eth0 nodad");
        one.take(new Input.PeerPresent(World.peer(World.GAMMA, "gamma", "2001:db8::3", 1450)));
        one.protect();
        String frame = two.namespace.sh("cat /sys/class/net/eth0/address").strip() + " " + wireMac;
        send(two.namespace, frame + " 2001:db8::3 2001:db8::1 udp 4444 6784 peer");
        assertThat(one.protect().dropped()).containsEntry("foreign-tunnel", 0L);
        send(two.namespace, frame + " 2001:db8::66 2001:db8::1 udp 4444 6784 stranger");
        assertThat(one.protect().dropped()).containsEntry("foreign-tunnel", 1L);
    }

    @Test
    void whatIsAllowedWorksOn() {
        Namespace bar = two.run("bar", "dddddddddddd", "10.40.0.1/12");
        one.hear(two);
        two.hear(one);
        one.protect();
        two.protect();
        String ping = "busybox ping -c 1 -W 2 ";
        assertThat(foo.sh(ping + "10.40.0.1")).contains(" 0% packet loss");
        assertThat(bar.sh(ping + "10.32.0.1")).contains(" 0% packet loss");
        assertThat(red.sh(ping + "198.51.100.2")).contains(" 0% packet loss");
        assertThat(foo.sh(ping + "10.32.0.9"))
                .as("the host's own address there")
                .contains(" 0% packet loss");
        assertThat(bar.sh(ping + "10.32.0.9")).as("from the other host").contains(" 0% packet loss");
        assertThat(one.namespace.sh(ping + "10.40.0.1")).contains(" 0% packet loss");
        bar.sh("ip route add 192.0.2.0/24 via 10.32.0.9");
        assertThat(bar.sh(ping + "192.0.2.2"))
                .as("the outside by the exposed host")
                .contains(" 0% packet loss");
        assertThat(plain.sh(ping + "192.0.2.2"))
                .as("the outside by Docker's bridge")
                .contains(" 0% packet loss");
        assertThat(plain.sh(ping + "192.0.2.1"))
                .as("the host by Docker's bridge")
                .contains(" 0% packet loss");
        assertThat(one.protect().dropped().values()).allMatch(packets -> packets == 0);
    }

    @Test
    void whatWasCountedIsNotForgottenWhenTheTableIsFlushed() {
        one.protect();
        String stranger = two.namespace.sh("cat /sys/class/net/eth0/address").strip();
        send(two.namespace, stranger + " " + wireMac + " 192.0.2.66 192.0.2.1 udp 4444 6784 hello");
        assertThat(one.protect().dropped()).containsEntry("foreign-tunnel", 1L);
        one.namespace.sh("nft flush ruleset");
        assertThat(one.protect()).satisfies(done -> {
            assertThat(done.changed()).isTrue();
            assertThat(done.dropped()).containsEntry("foreign-tunnel", 1L);
        });
        assertThat(one.namespace.sh("nft list chain ip weave-firewall tunnel"))
                .containsPattern("counter packets 1 bytes \\d+ drop comment \"foreign-tunnel\"");
        assertThat(one.protect().changed()).isFalse();
    }

    @Test
    void peersOfAnEarlierRunAreLetInUntilEverybodyWasHeardOf() {
        one.protect();
        one.restart();
        one.kernel.protect(rules(), true);
        assertThat(one.namespace.sh("nft list set ip weave-firewall peers")).contains("192.0.2.2");
        one.kernel.protect(rules(), false);
        assertThat(one.namespace.sh("nft list set ip weave-firewall peers")).doesNotContain("192.0.2.2");
    }

    private java.util.List<io.weavemesh.router.Ruleset> rules() {
        return io.weavemesh.router.FirewallPlan.of(io.weavemesh.router.FirewallPlan.protectedBy(
                one.overlay, one.settings(), one.kernel.hostDevices("eth0")));
    }

    /** A server on host one, there when this returns. */
    private void serve(String address, int port) throws IOException {
        Process server = one.namespace.start(
                List.of("python3", "-u", "-m", "http.server", "--bind", address, Integer.toString(port)));
        open.push(server::destroyForcibly);
        String said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(said).contains("Serving HTTP");
    }

    /** A bridge of Docker's, its masquerading, and a container that has nothing but it. */
    private Namespace dockerContainer(String name, String bridge, String network) {
        one.namespace.sh("ip link add %1$s up type bridge; ip addr add %2$s.1/16 dev %1$s;".formatted(bridge, network)
                + "iptables -t nat -A POSTROUTING -s %2$s.0/16 ! -o %1$s -j MASQUERADE".formatted(bridge, network));
        Namespace sandbox = Namespace.create(name);
        open.push(sandbox);
        one.namespace.sh("ip link add v-%s up master %s type veth peer name eth0 netns %s"
                .formatted(name, bridge, sandbox.path().getFileName()));
        sandbox.sh("ip addr add %1$s.2/16 dev eth0; ip link set eth0 up; ip route add default via %1$s.1"
                .formatted(network));
        return sandbox;
    }

    /** Sends the attack, then something that surely arrives: what was not heard by then is not coming. */
    private boolean heard(Attack attack, String when) throws IOException {
        String secret = attack.name() + when;
        Process listener = attack.victim().start(List.of("python3", "-u", FRAME.toString(), "listen", "eth0"));
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(listener.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("listening");
            send(attack.from(), attack.frame().formatted(secret));
            Namespace neighbour = attack.victim() == blue ? two.namespace : one.namespace;
            neighbour.sh(FRAME + " send " + portOf(attack.victim()) + " 02:00:00:00:00:01 ff:ff:ff:ff:ff:ff 192.0.2.99"
                    + " 255.255.255.255 udp 1 1 end");
            List<String> seen = new ArrayList<>();
            String line = lines.readLine();
            while (line != null && !line.equals("end")) {
                seen.add(line);
                line = lines.readLine();
            }
            assertThat(line).as("what surely arrives, after %s", seen).isEqualTo("end");
            return seen.contains(secret);
        } finally {
            listener.destroyForcibly();
        }
    }

    private static void send(Namespace from, String frame) {
        from.sh(FRAME + " send eth0 " + frame);
    }

    /** The host's end of a container's cable: what is sent out of it the container hears. */
    private String portOf(Namespace container) {
        if (container == plain) {
            return "v-plain";
        }
        return container == foo ? "vethwlaaaaaaaaa" : container == red ? "vethwlbbbbbbbbb" : "vethwlccccccccc";
    }

    private static String mac(Cidr subnet, String address) {
        return World.row(subnet, "000000000000", address).mac().toString();
    }
}
