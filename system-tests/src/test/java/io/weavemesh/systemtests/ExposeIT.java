package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code weave expose}: a host has addresses in networks, until {@code weave hide}. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExposeIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String SWITCH = "198.18.0.1";

    private static String exposed = "";

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        Await.within(SOON, () -> LAB.docker(HOST2, "network inspect weave").ok());
        LAB.docker(
                        HOST2,
                        "run --cap-add NET_ADMIN --net=weave --name bar -h bar.weave.local $(weave dns-args)"
                                + " -td busybox sh")
                .ok();
    }

    @Test
    @Order(1)
    void theHostAndAContainerOfTheOtherHostReachEachOther() {
        String printed = LAB.on(HOST1, "weave expose -h gateway").ok().text();
        assertThat(printed).matches("10\\.(3[2-9]|4[0-7])\\.\\d+\\.\\d+/12");
        exposed = printed.substring(0, printed.indexOf('/'));
        assertThat(LAB.on(HOST1, "weave expose net:default").ok().text()).isEqualTo(printed);
        assertThat(LAB.on(HOST1, "weave ps weave:expose").ok().text()).matches("weave:expose [0-9a-f:]{17} " + printed);
        LAB.on(HOST1, "ping -c 1 -W 2 " + SESSION.address(HOST2, "bar")).ok();
        Await.within(
                SOON,
                () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + exposed).ok());
    }

    @Test
    @Order(2)
    void theNameIsKnownOnTheOtherHost() {
        Await.within(SOON, () -> assertThat(SESSION.dig("gateway.weave.local")).isEqualTo(exposed));
        assertThat(SESSION.in(HOST2, "bar", "ping -c 1 -W 1 gateway").ok().text())
                .contains(exposed);
    }

    @Test
    @Order(3)
    void theOutsideIsReachedByTheExposedAddressAlsoAfterTheFirewallIsFlushed() {
        // The switch has no way back to 10.32.0.0/12, so only masqueraded packets are answered.
        SESSION.in(HOST2, "bar", "ip route add " + SWITCH + " via " + exposed).ok();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 " + SWITCH).ok();
        LAB.on(HOST1, "nft delete table ip weave").ok();
        Await.within(
                Duration.ofSeconds(5),
                () -> assertThat(LAB.on(HOST1, "nft list table ip weave").text())
                        .contains("masquerade"));
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 " + SWITCH).ok();
    }

    @Test
    @Order(4)
    void severalAddressesAtOnceAndWithoutMasquerade() {
        assertThat(LAB.on(HOST1, "weave expose --without-masquerade net:10.99.0.0/24 10.32.0.77/12 ip:10.98.0.3/24")
                        .ok()
                        .text())
                .matches("10\\.99\\.0\\.\\d+/24 10\\.32\\.0\\.77/12 10\\.98\\.0\\.3/24");
        assertThat(LAB.on(HOST1, "ip -o -4 addr").ok().text())
                .contains("10.32.0.77/12", "10.98.0.3/24", exposed + "/12");
        assertThat(LAB.on(HOST1, "nft list table ip weave").ok().text()).doesNotContain("10.99.0.0/24", "10.98.0.0/24");
        Await.within(
                SOON,
                () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 10.32.0.77").ok());
        LAB.on(HOST1, "weave hide net:10.99.0.0/24 10.32.0.77/12 10.98.0.3/24").ok();
        assertThat(LAB.on(HOST1, "ip -o -4 addr").ok().text()).doesNotContain("10.99.", "10.98.", "10.32.0.77");
        assertThat(LAB.on(HOST1, "weave expose 10.32.0.0/12").failsInOneLine().err())
                .contains("10.32.0.0");
        assertThat(LAB.on(HOST1, "weave expose " + SESSION.address(HOST2, "bar") + "/12")
                        .failsInOneLine()
                        .err())
                .contains(SESSION.address(HOST2, "bar"));
    }

    @Test
    @Order(5)
    void whatSomebodyTakesAwayIsRestoredAndAKilledPeerKeepsEverything() {
        LAB.on(HOST1, "ip addr del " + exposed + "/12 dev weave").ok();
        Await.within(
                SOON,
                () -> LAB.on(HOST1, "ping -c 1 -W 1 " + SESSION.address(HOST2, "bar"))
                        .ok());
        LAB.lab().killPeer(HOST1);
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + exposed).ok();
        LAB.on(HOST1, "weave launch host2").ok();
        assertThat(LAB.on(HOST1, "weave ps weave:expose").ok().text()).endsWith(" " + exposed + "/12");
        assertThat(LAB.on(HOST1, "weave expose").ok().text()).isEqualTo(exposed + "/12");
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 " + exposed).ok();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 " + SWITCH).ok();
        Await.within(SOON, () -> assertThat(SESSION.dig("gateway.weave.local")).isEqualTo(exposed));
    }

    @Test
    @Order(6)
    void hiddenNothingIsLeft() {
        assertThat(LAB.on(HOST1, "weave hide").ok().text()).isEqualTo(exposed + "/12");
        assertThat(LAB.on(HOST1, "weave hide").ok().text()).isEmpty();
        assertThat(LAB.on(HOST1, "ip -o -4 addr show dev weave").text()).doesNotContain("inet");
        assertThat(LAB.on(HOST1, "iptables -S DOCKER-USER").ok().text())
                .contains("-i weave -o weave -j ACCEPT")
                .doesNotContain("-o weave -j DROP", "-i weave -j ACCEPT");
        assertThat(LAB.on(HOST1, "nft list tables").ok().lines()).doesNotContain("table ip weave");
        assertThat(LAB.on(HOST1, "weave ps weave:expose").ok().text()).matches("weave:expose [0-9a-f:]{17}");
        assertThat(LAB.on(HOST1, "curl -s http://127.0.0.1:6784/ip/weave:expose")
                        .ok()
                        .text())
                .isEmpty();
        Await.within(SOON, () -> assertThat(SESSION.dig("gateway.weave.local")).isEmpty());
        assertThat(SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + exposed).exit()).isNotZero();
    }
}
