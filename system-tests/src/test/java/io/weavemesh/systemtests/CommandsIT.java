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

/** What the command does to a host besides networks of Docker's: attach, ps, report, exit statuses, and reset. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandsIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String ADDRESS = "10\\.(3[2-9]|4[0-7])\\.\\d+\\.\\d+/12";

    /** Whatever could be ours, in any table of the host. */
    private static final String TRACES = "ip -br link; ip -br addr; nft list ruleset; iptables-save; ip6tables-save;"
            + " find /run/docker/plugins /run/weave /var/lib/weave ! -type d | sed 's|.*/||'; docker network ls";

    private static String attached = "";

    @BeforeAll
    static void launch() {
        assertThat(LAB.on(HOST1, "weave status").exit()).as("never launched").isEqualTo(1);
        assertThat(LAB.on(HOST1, "weave setup").ok().text()).contains("ready");
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        LAB.on(HOST1, "weave prime").ok();
        SESSION.start(HOST2, "bar");
        LAB.docker(HOST1, "run -td --name foo -h foo.weave.local --dns $(weave docker-bridge-ip) busybox sh")
                .ok();
    }

    @Test
    @Order(1)
    void aContainerOfAnotherNetworkIsAttachedAndFoundByNameFromTheOtherHost() {
        attached = LAB.on(HOST1, "weave attach foo").ok().text();
        assertThat(attached).matches(ADDRESS);
        String bare = attached.substring(0, attached.indexOf('/'));
        assertThat(LAB.on(HOST1, "weave attach net:default foo").ok().text()).isEqualTo(attached);
        assertThat(SESSION.in(HOST1, "foo", "ip addr show ethwe").ok().text()).contains(attached);
        Await.within(
                SOON, () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + bare).ok());
        Await.within(SOON, () -> assertThat(SESSION.dig("foo.weave.local")).isEqualTo(bare));
        SESSION.in(HOST1, "foo", "ping -c 1 -W 2 bar.weave.local").ok();
        String id = LAB.docker(HOST1, "inspect -f '{{.Id}}' foo").ok().text();
        assertThat(LAB.on(HOST1, "curl -s 127.0.0.1:6784/ip/" + id).ok().text()).isEqualTo(attached);
    }

    @Test
    @Order(2)
    void psShowsTheHostAndEachContainerWithItsAddresses() {
        String exposed = LAB.on(HOST1, "weave expose").ok().text();
        String foo = LAB.docker(HOST1, "ps -qf name=foo").ok().text();
        assertThat(LAB.on(HOST1, "weave ps").ok().lines())
                .satisfiesExactly(
                        row -> assertThat(row).matches("weave:expose [0-9a-f:]{17} " + exposed),
                        row -> assertThat(row).matches(foo + " [0-9a-f:]{17} " + attached));
        assertThat(LAB.on(HOST1, "weave ps foo").ok().lines()).hasSize(1);
        assertThat(LAB.on(HOST1, "weave ps nobody").failsInOneLine().exit()).isEqualTo(4);
    }

    @Test
    @Order(3)
    void severalAddressesAndSubnetsAndAKilledPeer() {
        assertThat(LAB.on(HOST1, "weave attach 10.32.0.77/12 net:10.99.0.0/24 ip:10.98.0.3/24 foo")
                        .ok()
                        .text())
                .matches("10\\.32\\.0\\.77/12 10\\.99\\.0\\.\\d+/24 10\\.98\\.0\\.3/24");
        assertThat(SESSION.in(HOST1, "foo", "ip -o -4 addr").ok().text())
                .contains(attached, "10.32.0.77/12", "10.98.0.3/24");
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 10.32.0.77").ok();
        LAB.lab().killPeer(HOST1);
        LAB.on(HOST1, "weave launch host2").ok();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 10.32.0.77").ok();
        assertThat(LAB.on(HOST1, "weave ps foo").ok().text()).contains(attached, "10.32.0.77/12", "10.98.0.3/24");
        assertThat(LAB.on(HOST1, "weave attach foo").ok().text()).matches(ADDRESS);
        assertThat(LAB.on(HOST1, "weave attach " + SESSION.address(HOST2, "bar") + "/12 foo")
                        .failsInOneLine()
                        .err())
                .contains(SESSION.address(HOST2, "bar"));
        assertThat(LAB.on(HOST1, "weave detach net:10.99.0.0/24 10.32.0.77/12 10.98.0.3/24 foo")
                        .ok()
                        .text())
                .contains("10.32.0.77/12", "10.98.0.3/24");
        assertThat(SESSION.in(HOST1, "foo", "ip -o -4 addr").ok().text())
                .contains(attached)
                .doesNotContain("10.32.0.77", "10.98.", "10.99.");
    }

    @Test
    @Order(3)
    void anAddressThatMovesIsAnsweredAtTheFirstTryWhoeverHasItNext() {
        String address = "10.32.0.78/12";
        String ping = "ping -c 1 -W 1 10.32.0.78";
        for (String host : List.of(HOST1, HOST2)) {
            LAB.docker(host, "run -d --name other busybox sleep 1000").ok();
        }
        LAB.on(HOST1, "weave attach " + address + " foo").ok();
        SESSION.in(HOST2, "bar", ping).ok();
        LAB.on(HOST1, "weave detach " + address + " foo").ok();
        LAB.on(HOST1, "weave attach " + address + " other").ok();
        SESSION.in(HOST2, "bar", ping).ok();
        LAB.on(HOST1, "weave detach " + address + " other").ok();
        LAB.on(HOST2, "weave attach " + address + " other").ok();
        SESSION.in(HOST2, "bar", ping).ok();
        LAB.on(HOST2, "weave detach " + address + " other").ok();
        LAB.docker(HOST1, "run -d --name docked --net weave --ip 10.32.0.78 busybox sleep 1000")
                .ok();
        SESSION.in(HOST2, "bar", ping).ok();
        LAB.docker(HOST1, "rm -f docked other").ok();
        LAB.docker(HOST2, "rm -f other").ok();
    }

    @Test
    @Order(3)
    void itsOwnNameInItsHostsFileStandsForTheAddress() {
        String docker = SESSION.in(HOST1, "foo", "hostname -i").ok().text();
        assertThat(LAB.on(HOST1, "weave attach --rewrite-hosts --add-host printer:192.0.2.7 foo")
                        .ok()
                        .text())
                .isEqualTo(attached);
        String bare = attached.substring(0, attached.indexOf('/'));
        assertThat(SESSION.in(HOST1, "foo", "hostname -i").ok().text())
                .isEqualTo(bare)
                .isNotEqualTo(docker);
        assertThat(SESSION.in(HOST1, "foo", "cat /etc/hosts").ok().text()).contains("localhost", "192.0.2.7\tprinter");
        assertThat(LAB.on(HOST1, "weave attach --add-host printer foo")
                        .failsInOneLine()
                        .err())
                .contains("NAME:ADDRESS");
    }

    @Test
    @Order(4)
    void detachedOrEndedItsAddressAndNamesAreFree() {
        String bare = attached.substring(0, attached.indexOf('/'));
        SESSION.in(HOST2, "bar", "ping -c 1 -W 2 " + bare).ok();
        assertThat(LAB.on(HOST1, "weave detach foo").ok().text()).isEqualTo(attached);
        assertThat(LAB.on(HOST1, "weave detach foo").ok().text()).isEmpty();
        Await.within(SOON, () -> assertThat(SESSION.dig("foo.weave.local")).isEmpty());
        assertThat(SESSION.in(HOST1, "foo", "ip -o link").ok().text()).doesNotContain("ethwe");

        String again = LAB.on(HOST1, "weave attach foo").ok().text();
        LAB.docker(HOST1, "rm -f foo").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "curl -s 127.0.0.1:6784/ip").ok().text())
                        .doesNotContain(again));
        Await.within(SOON, () -> assertThat(SESSION.dig("foo.weave.local")).isEmpty());
        assertThat(LAB.on(HOST1, "ip -br link").ok().text()).doesNotContain("vethwl");
    }

    @Test
    @Order(5)
    void theReportIsShownByATemplate() {
        String name = LAB.on(HOST1, "weave report -f '{{.Router.Name}}({{.Router.NickName}})'")
                .ok()
                .text();
        assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("Name: " + name);
        assertThat(LAB.on(HOST1, "weave report -f '{{range .Router.Targets}}{{.}}{{\"\\n\"}}{{end}}'")
                        .ok()
                        .text())
                .isEqualTo("host2");
        assertThat(LAB.on(HOST1, "weave report -f '{{len .Router.Peers}} {{.IPAM.DefaultSubnet}} {{.DNS.Domain}}'")
                        .ok()
                        .text())
                .isEqualTo("2 10.32.0.0/12 weave.local.");
        assertThat(LAB.on(HOST1, "weave report -f '{{json .VersionCheck}}'")
                        .ok()
                        .text())
                .isEqualTo("{\"Enabled\":false}");
        assertThat(LAB.on(HOST1, "weave report -f '{{.Router.Nmae}}'")
                        .failsInOneLine()
                        .err())
                .contains("Nmae");
        assertThat(LAB.on(HOST1, "weave report -f '{{range}}'").failsInOneLine().err())
                .contains("template");
        assertThat(LAB.on(HOST1, "weave report | python3 -m json.tool >/dev/null && echo fine")
                        .ok()
                        .text())
                .isEqualTo("fine");
    }

    @Test
    @Order(6)
    void resetLeavesNothingBehindAndNoContainerHanging() {
        SESSION.start(HOST1, "inside");
        LAB.docker(HOST1, "run -td --name aside busybox sh").ok();
        LAB.on(HOST1, "weave attach aside && weave expose net:10.97.0.0/24").ok();
        LAB.docker(HOST1, "network create --driver weave --ipam-driver weave --subnet 172.31.7.0/24 db")
                .ok();
        Outcome reset = LAB.on(HOST1, "weave reset").ok();
        assertThat(reset.text()).contains("inside is out of network weave", "network db is removed", "IPs handed over");
        nothingIsLeft(HOST1);
        assertThat(LAB.docker(HOST1, "ps --format '{{.Names}}'").ok().lines()).contains("inside", "aside");
        LAB.docker(HOST1, "rm -f inside aside").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST2, "weave status ipam").ok().text())
                        .contains("(host2)")
                        .doesNotContain("unreachable"));
    }

    @Test
    @Order(7)
    void resetWithoutAPeerToAskIsForced() {
        LAB.on(HOST2, "weave expose").ok();
        LAB.lab().killPeer(HOST2);
        assertThat(LAB.on(HOST2, "weave status").failsInOneLine().exit()).isEqualTo(2);
        assertThat(LAB.on(HOST2, "weave reset").failsInOneLine().err()).contains("--force");
        Outcome reset = LAB.on(HOST2, "weave reset --force").ok();
        assertThat(reset.text()).contains("bar is out of network weave");
        assertThat(reset.took()).isLessThan(Duration.ofSeconds(30));
        nothingIsLeft(HOST2);
        LAB.docker(HOST2, "rm -f bar").ok();
    }

    private static void nothingIsLeft(String host) {
        assertThat(LAB.on(host, TRACES).text()).doesNotContain("weave", "wb-", "wx-", "vethwl", ".db", "peer-name");
    }
}
