package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two networks, {@code weave} and {@code red}, and somebody with raw sockets who wants from one into the other. FORWARD drops,
 * bridged frames are shown to iptables, the hosts forward. Host 3 is a stranger until it becomes a peer.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FirewallIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final String HOST3 = "host3";
    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String FRAME =
            Lab.repository().resolve("system-tests/frame").toString();
    private static final String RED = "172.31.7.0/24";
    private static final String HEARD = "/run/heard";

    @BeforeAll
    static void launch() {
        for (String host : List.of(HOST1, HOST2, HOST3)) {
            LAB.on(host, "sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1")
                    .ok();
        }
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        for (String host : List.of(HOST1, HOST2)) {
            Await.within(SOON, () -> LAB.docker(host, "network inspect weave").ok());
            LAB.docker(host, "network create --driver weave --ipam-driver weave --subnet " + RED + " red")
                    .ok();
        }
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST2, "bar");
        LAB.docker(HOST1, "run -d --net=red --name rouge busybox sleep 1000").ok();
        LAB.docker(HOST2, "run -d --net=red --name noir busybox sleep 1000").ok();
        LAB.docker(HOST1, "run -d --name plain busybox sleep 1000").ok();
        LAB.on(HOST1, "weave expose").ok();
        LAB.on(HOST1, "weave expose net:" + RED).ok();
    }

    @Test
    @Order(1)
    void containersOfOneNetworkTalkAlthoughForwardDrops() {
        assertThat(LAB.on(HOST1, "iptables -S FORWARD").ok().text()).contains("-P FORWARD DROP");
        assertThat(LAB.on(HOST1, "sysctl -n net.bridge.bridge-nf-call-iptables")
                        .ok()
                        .text())
                .isEqualTo("1");
        pings(HOST2, "bar", SESSION.address(HOST1, "foo"));
        pings(HOST2, "noir", SESSION.address(HOST1, "rouge", "red"));
        assertThat(SESSION.in(HOST1, "foo", "ping -c 1 -W 1 " + SESSION.address(HOST1, "rouge", "red"))
                        .exit())
                .isNotZero();
        // By Docker's bridge, its way out. What is counted is looked at every five seconds.
        Await.within(SOON, () -> assertThat(dropped("between-networks")).isEqualTo(1));
    }

    @Test
    @Order(2)
    void aContainerInBothNetworksReachesBoth() {
        SESSION.start(HOST2, "both");
        LAB.docker(HOST2, "network connect red both").ok();
        pings(HOST2, "both", SESSION.address(HOST1, "foo"));
        pings(HOST2, "both", SESSION.address(HOST1, "rouge", "red"));
    }

    @Test
    @Order(3)
    void nothingForgedGetsFromOneNetworkIntoTheOther() {
        String foo = SESSION.address(HOST1, "foo");
        String rouge = SESSION.address(HOST1, "rouge", "red");
        String noir = SESSION.address(HOST2, "noir", "red");
        String gateway = LAB.on(HOST1, "weave ps weave:expose")
                .ok()
                .text()
                .replaceAll("/.*", "")
                .replaceAll(".* ", "");
        String bridge =
                " " + LAB.on(HOST1, "cat /sys/class/net/weave/address").ok().text() + " ";
        listen(HOST1, "rouge");
        int before = dropped("between-networks");

        String mine = mac(HOST1, "foo", "ethwe0") + bridge;
        send(HOST1, "foo", "ethwe0", mine + foo + " " + rouge + " udp 5 5 by-the-gateway");
        send(HOST1, "foo", "ethwe0", mine + noir + " " + rouge + " udp 5 5 with-a-forged-source");
        send(HOST1, "foo", "ethwe0", mine + rouge + " " + gateway + " echo reflected-by-the-host");
        String toRouge = mac(HOST1, "foo", "ethwe0") + " " + mac(HOST1, "rouge", "ethwe0") + " ";
        send(HOST1, "foo", "ethwe0", toRouge + noir + " " + rouge + " udp 5 5 to-its-hardware-address");
        String plain = mac(HOST1, "plain", "eth0") + " "
                + LAB.on(HOST1, "cat /sys/class/net/docker0/address").ok().text() + " ";
        send(HOST1, "plain", "eth0", plain + "172.17.0.2 " + rouge + " udp 5 5 by-dockers-bridge");

        rougeHearsOnlyItsOwn();
        Await.within(SOON, () -> assertThat(dropped("between-networks")).isEqualTo(before + 3));
        assertThat(dropped("forged-source")).isEqualTo(1);
    }

    @Test
    @Order(4)
    void aStrangersTunnelPacketsAreDroppedAndCounted() {
        String rouge = SESSION.address(HOST1, "rouge", "red");
        String frame = LAB.on(HOST3, "cat /sys/class/net/eth0/address").ok().text() + " "
                + LAB.on(HOST1, "cat /sys/class/net/eth0/address").ok().text() + " "
                + LAB.lab().address(HOST3) + " "
                + LAB.lab().address(HOST1) + " vxlan 4444 6784 " + vni() + " 02:00:00:00:00:66 "
                + mac(HOST1, "rouge", "ethwe0") + " 172.31.7.66 " + rouge + " udp 5 5 from-a-stranger";
        listen(HOST1, "rouge");
        for (int i = 0; i < 3; i++) {
            LAB.on(HOST3, FRAME + " send eth0 " + frame).ok();
        }
        rougeHearsOnlyItsOwn();
        Await.within(SOON, () -> assertThat(dropped("foreign-tunnel")).isEqualTo(3));
        assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("3 foreign-tunnel");
    }

    @Test
    @Order(5)
    void aContainerSendsNoTunnelPacketsInItsHostsName() {
        // What leaves by Docker's bridge has the host's address, which host 2 takes for its peer's.
        String noir = SESSION.address(HOST2, "noir", "red");
        listen(HOST2, "noir");
        String frame = mac(HOST1, "plain", "eth0") + " "
                + LAB.on(HOST1, "cat /sys/class/net/docker0/address").ok().text() + " 172.17.0.2 "
                + LAB.lab().address(HOST2) + " vxlan 4444 6784 " + vni() + " 02:00:00:00:00:66 "
                + mac(HOST2, "noir", "ethwe0") + " 172.31.7.66 " + noir + " udp 5 5 in-its-hosts-name";
        send(HOST1, "plain", "eth0", frame);
        String legitimate = mac(HOST1, "rouge", "ethwe0") + " " + mac(HOST2, "noir", "ethwe0") + " ";
        send(
                HOST1,
                "rouge",
                "ethwe0",
                legitimate + SESSION.address(HOST1, "rouge", "red") + " " + noir + " udp 5 5 its-own");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST2, "cat " + HEARD).ok().text()).contains("its-own"));
        assertThat(LAB.on(HOST2, "cat " + HEARD).ok().text()).doesNotContain("in-its");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("1 container-tunnel"));
    }

    @Test
    @Order(6)
    void whateverSomebodyDoesToTheTableItIsBackAndCountsOn() {
        LAB.on(HOST1, "iptables -F DOCKER-USER").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "iptables -S DOCKER-USER").ok().text())
                        .contains("-A DOCKER-USER -i weave -o weave -j ACCEPT"));
        String right = rules();
        for (String mischief : List.of(
                "nft delete table ip weave-firewall",
                "nft delete table ip6 weave-firewall",
                "nft flush chain ip weave-firewall tunnel",
                "nft delete rule ip weave-firewall forward handle $(nft -a list chain ip weave-firewall forward"
                        + " | sed -n '0,/between/s/.*between.*handle //p')",
                "nft flush ruleset")) {
            LAB.on(HOST1, mischief).ok();
            Await.within(SOON, () -> assertThat(rules()).as(mischief).isEqualTo(right));
        }
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "curl -sf http://127.0.0.1:6782/metrics")
                                .ok()
                                .text())
                        .contains("weave_firewall_repairs_total 5")
                        .contains("weave_firewall_dropped_packets_total{reason=\"foreign-tunnel\"} 3"));
        pings(HOST2, "bar", SESSION.address(HOST1, "foo"));
    }

    @Test
    @Order(7)
    void theMtuFollowsTheHostsNetworkOnAllHosts() {
        LAB.on(HOST2, "ip link set eth0 mtu 1400").ok();
        for (String host : List.of(HOST1, HOST2)) {
            Await.within(
                    SOON,
                    () -> assertThat(LAB.docker(host, "run --rm --net=weave busybox cat /sys/class/net/ethwe0/mtu")
                                    .ok()
                                    .text())
                            .isEqualTo("1350"));
        }
        assertThat(LAB.on(HOST2, "weave status").ok().text()).contains("have a larger MTU than the hosts' network");
        LAB.on(HOST2, "ip link set eth0 mtu 1500").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("(host2) mtu=1450"));
    }

    @Test
    @Order(8)
    void aStrangerThatBecomesAPeerIsLetInAlsoWithIptablesLegacyAndANarrowPathIsNamed() {
        LAB.on(
                        HOST3,
                        "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.1; done; nft flush ruleset;"
                                + " mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi;"
                                + " sysctl -qw net.ipv4.ip_forward=0")
                .ok();
        LAB.lab().startDocker(HOST3);
        assertThat(LAB.on(HOST3, "iptables-legacy -S").ok().text()).contains("-P FORWARD DROP", "-N DOCKER-USER");
        // As where TCP is told the path's size and nobody else is.
        for (String host : List.of(HOST1, HOST2)) {
            LAB.on(host, "ip route add " + LAB.lab().address(HOST3) + "/32 dev eth0 advmss 1200")
                    .ok();
        }
        LAB.on(HOST3, "ip route change 198.18.0.0/24 dev eth0 src " + LAB.lab().address(HOST3) + " advmss 1200")
                .ok();
        LAB.lab().narrow(HOST3, 1400);
        LAB.on(HOST3, "weave launch host1").ok();
        Await.within(SOON, () -> LAB.docker(HOST3, "network inspect weave").ok());
        SESSION.start(HOST3, "baz");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST3, "iptables-legacy -S DOCKER-USER")
                                .ok()
                                .text())
                        .contains("-i weave -o weave -j ACCEPT"));
        pings(HOST1, "foo", SESSION.address(HOST3, "baz"));
        Await.within(
                Duration.ofSeconds(40),
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .containsPattern("\\(host3\\) mtu=1450 path-mtu=1(39\\d|400) \\(too small, needs 1500\\)"));
        assertThat(LAB.on(HOST1, "weave status").ok().text())
                .containsPattern("Warning: packets of 1500 bytes do not reach host3 .* --mtu 13[45]\\d");
    }

    private static void pings(String host, String container, String address) {
        Await.within(
                SOON,
                () -> SESSION.in(host, container, "ping -c 1 -W 1 " + address).ok());
    }

    /** Our table without what was counted. */
    private static String rules() {
        return LAB.on(HOST1, "nft list table ip weave-firewall; nft list table ip6 weave-firewall")
                .text()
                .replaceAll("packets \\d+ bytes \\d+ ", "");
    }

    private static int dropped(String reason) {
        String metric = "weave_firewall_dropped_packets_total{reason=\"" + reason + "\"} ";
        return LAB.on(HOST1, "curl -sf http://127.0.0.1:6782/metrics")
                .ok()
                .text()
                .lines()
                .filter(line -> line.startsWith(metric))
                .mapToInt(line -> Integer.parseInt(line.substring(metric.length())))
                .sum();
    }

    private static String vni() {
        String tunnel = LAB.on(HOST1, "ls /sys/class/net | grep ^wx-").ok().text();
        return Integer.toString(Integer.parseInt(tunnel.substring(3), 16));
    }

    private static String mac(String host, String container, String device) {
        return SESSION.in(host, container, "cat /sys/class/net/" + device + "/address")
                .ok()
                .text();
    }

    /** From inside a container, as its root with raw sockets would. */
    private static void send(String host, String container, String device, String frame) {
        LAB.on(host, inside(container) + FRAME + " send " + device + " " + frame)
                .ok();
    }

    /** Writes down what comes in at a container's interface from now on. */
    private static void listen(String host, String container) {
        LAB.on(
                        host,
                        "rm -f " + HEARD + "; setsid " + inside(container) + "timeout 60 " + FRAME + " listen ethwe0 >"
                                + HEARD + " 2>&1 </dev/null &")
                .ok();
        Await.within(
                SOON, () -> assertThat(LAB.on(host, "cat " + HEARD).ok().text()).contains("listening"));
    }

    /** Something of its own network comes over the wire, and when that is there, nothing else is. */
    private static void rougeHearsOnlyItsOwn() {
        String fromNoir = mac(HOST2, "noir", "ethwe0") + " " + mac(HOST1, "rouge", "ethwe0") + " "
                + SESSION.address(HOST2, "noir", "red") + " " + SESSION.address(HOST1, "rouge", "red");
        send(HOST2, "noir", "ethwe0", fromNoir + " udp 5 5 its-own");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "cat " + HEARD).ok().text()).contains("its-own"));
        assertThat(LAB.on(HOST1, "cat " + HEARD).ok().text().lines()).containsOnly("listening", "its-own");
    }

    private static String inside(String container) {
        return "nsenter -t $(docker inspect -f '{{.State.Pid}}' " + container + ") -n ";
    }
}
