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

/** Hosts whose own network is IPv6: cluster, tunnels, their packets' size, and the firewall. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Underlay6IT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop().underlay6();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String FRAME =
            Lab.repository().resolve("system-tests/frame").toString();

    /** One names addresses only, the other a name only. */
    @BeforeAll
    static void launch() {
        String one = LAB.lab().address(HOST1);
        String two = LAB.lab().address(HOST2);
        LAB.on(HOST1, "weave launch --host " + one + " " + one + " [" + two + "]:6783")
                .ok();
        LAB.on(HOST2, "weave launch host1").ok();
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST2, "bar");
    }

    @Test
    @Order(1)
    void containersReachEachOtherInPacketsAsLargeAsFit() {
        SESSION.pingByNameAndAddress();
        assertThat(SESSION.in(HOST1, "foo", "cat /sys/class/net/ethwe0/mtu")
                        .ok()
                        .text())
                .as("1500 less 70: RFC 7348 section 5 with an IPv6 header")
                .isEqualTo("1430");
        SESSION.largestPacketsPass();
        SESSION.tcpByIperf();
    }

    @Test
    @Order(2)
    void theStatusShowsPeersAndTestedPaths() {
        String two = "[" + LAB.lab().address(HOST2) + "]:6783";
        assertThat(LAB.on(HOST1, "weave status connections").ok().lines())
                .as("one line for each peer, whatever form its address was given in")
                .singleElement()
                .asString()
                .contains("-> " + two, "established", "(host2)", "mtu=1430");
        assertThat(LAB.on(HOST1, "weave status ipam").ok().text()).contains("(host1)", "(host2)");
        LAB.on(HOST1, "weave doctor").ok();
    }

    @Test
    @Order(3)
    void aStrangersTunnelPacketsAreDroppedAndAPeersAreNot() {
        assertThat(LAB.on(HOST1, "nft list set ip6 weave-firewall peers").ok().text())
                .contains(LAB.lab().address(HOST2));
        String frame = LAB.on(HOST2, "cat /sys/class/net/eth0/address").ok().text() + " "
                + LAB.on(HOST1, "cat /sys/class/net/eth0/address").ok().text() + " ";
        String toHost1 = " " + LAB.lab().address(HOST1) + " udp 4444 6784 hello";
        LAB.on(HOST2, FRAME + " send eth0 " + frame + LAB.lab().address("host3") + toHost1)
                .ok();
        LAB.on(HOST2, FRAME + " send eth0 " + frame + LAB.lab().address(HOST2) + toHost1)
                .ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("1 foreign-tunnel"));
    }

    @Test
    @Order(4)
    void aPeerThatStartsAnewIsFoundAgain() {
        LAB.on(HOST2, "weave stop && weave launch --resume").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status peers").ok().text())
                        .contains("(host2)", "established"));
        Await.within(SOON, () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 foo").ok());
    }
}
