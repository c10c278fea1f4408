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

/** The main job, as typed in the README: two hosts with a Docker Engine each, one JVM per peer. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SessionIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    @BeforeAll
    static void launch() {
        assertThat(LAB.on(HOST1, "weave launch host2").ok().text())
                .contains("weave is ready", "docker run --net=weave");
        LAB.on(HOST2, "weave launch host1").ok();
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST2, "bar");
    }

    @Test
    @Order(1)
    void containersOfTwoHostsPingEachOtherByNameAndByAddress() {
        SESSION.pingByNameAndAddress();
    }

    @Test
    @Order(2)
    void theLargestPacketPasses() {
        SESSION.largestPacketsPass();
    }

    @Test
    @Order(2)
    void theyTalkTcp() {
        SESSION.tcpByNetcat();
        SESSION.tcpByIperf();
    }

    @Test
    @Order(2)
    void theyTalkUdpMulticastBothWays() {
        SESSION.udpMulticast(HOST1, "foo", HOST2, "bar");
        SESSION.udpMulticast(HOST2, "bar", HOST1, "foo");
    }

    @Test
    @Order(2)
    void aHostLooksUpTheOtherHostsContainer() {
        SESSION.dig();
    }

    @Test
    @Order(2)
    void everyOtherNameIsAskedOfTheHostsResolver() {
        LAB.lab().startUpstream();
        Await.within(
                Duration.ofSeconds(10),
                () -> assertThat(SESSION.dig("elsewhere.example")).isEqualTo(Upstream.ANSWER));
        assertThat(SESSION.in(HOST2, "bar", "nslookup elsewhere.example").ok().text())
                .contains(Upstream.ANSWER);
        assertThat(SESSION.dig("foo.weave.local")).isEqualTo(SESSION.address(HOST1, "foo"));
    }

    @Test
    @Order(2)
    void aContainerKeepsItsWayOut() {
        assertThat(SESSION.in(HOST1, "foo", "ip route").ok().text())
                .contains("default via", "dev eth0", "224.0.0.0/4 dev ethwe0");
        SESSION.in(HOST1, "foo", "ping -c 1 -W 1 " + LAB.lab().address(HOST2)).ok();
    }

    @Test
    @Order(3)
    void aRunningContainerIsConnectedAndDisconnected() {
        SESSION.connectAndDisconnect();
    }

    @Test
    @Order(4)
    void aRemovedContainerLeavesNothingBehind() {
        SESSION.removedMeansGone();
    }

    @Test
    @Order(5)
    void statusShowsItAll() {
        SESSION.statusPages();
    }

    @Test
    @Order(6)
    void aSecondLaunchSaysThatItRunsAlready() {
        Outcome second = LAB.on(HOST1, "weave launch host2").failsInOneLine();
        assertThat(second.err()).contains("already running", "weave status", "weave stop");
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 foo").ok();
    }

    @Test
    @Order(7)
    void aPublishedPortIsReached() {
        LAB.docker(
                        HOST1,
                        "run -d --net=weave -p 8080:80 --name web busybox sh -c 'echo page >/index.html; httpd -f -h /'")
                .ok();
        Await.within(
                Duration.ofSeconds(5),
                () -> assertThat(LAB.on(HOST2, "curl -sf --max-time 2 http://host1:8080/index.html")
                                .ok()
                                .text())
                        .isEqualTo("page"));
        LAB.docker(HOST1, "rm -f web").ok();
    }

    @Test
    @Order(8)
    void manyStartAtOnceAndNoAddressIsGivenTwice() {
        String loop = "for i in $(seq 8); do docker run -d --net=weave --name many-$(hostname)-$i busybox sleep 1000 &"
                + " done; wait; docker ps -q -f name=many- | wc -l";
        assertThat(LAB.on(HOST1, loop).ok().lines()).last().isEqualTo("8");
        assertThat(LAB.on(HOST2, loop).ok().lines()).last().isEqualTo("8");

        String addresses =
                "docker inspect -f '{{.NetworkSettings.Networks.weave.IPAddress}}' $(docker ps -q -f name=many-)";
        assertThat((LAB.on(HOST1, addresses).ok().out()
                                + LAB.on(HOST2, addresses).ok().out())
                        .lines())
                .hasSize(16)
                .doesNotHaveDuplicates();
        LAB.on(HOST1, "docker rm -f $(docker ps -q -f name=many-)").ok();
        LAB.on(HOST2, "docker rm -f $(docker ps -q -f name=many-)").ok();
    }

    @Test
    @Order(9)
    void aStoppedPeerLeavesContainersTalkingAndTakesThemUpAgain() {
        String foo = SESSION.address(HOST1, "foo");
        LAB.on(HOST1, "weave stop").ok();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + foo).ok();
        Await.within(
                Duration.ofSeconds(15),
                () -> assertThat(LAB.on(HOST2, "weave status connections").ok().text())
                        .as("host2 knows that it is gone")
                        .doesNotContain("established"));
        SESSION.in(HOST2, "bar", "ping -c 3 -i 0.5 -W 1 " + foo).ok();
        assertThat(LAB.on(HOST1, "weave status").failsInOneLine().err()).contains("weave is not running on this host");

        LAB.on(HOST1, "weave launch host2").ok();
        Await.within(
                Duration.ofSeconds(10),
                () -> assertThat(SESSION.dig("foo.weave.local")).isEqualTo(foo));
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 foo").ok();
        LAB.docker(HOST1, "run --rm --net=weave busybox ping -c 1 -W 1 " + SESSION.address(HOST2, "bar"))
                .ok();
    }

    @Test
    @Order(10)
    void afterStopNothingAnswers() {
        SESSION.remove(HOST1, "foo");
        SESSION.remove(HOST2, "bar");
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "weave stop").ok();
            LAB.on(host, "weave stop").failsInOneLine();
            assertThat(LAB.on(host, "ls /run/docker/plugins").ok().text()).isEmpty();
            assertThat(LAB.docker(host, "network ls --format '{{.Name}}'").ok().lines())
                    .doesNotContain("weave");
        }
    }
}
