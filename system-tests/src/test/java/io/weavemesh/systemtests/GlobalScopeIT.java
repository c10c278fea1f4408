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
 * {@code weave launch --plugin-scope global}: engines with one key-value store, as those before Docker 23 can have. A network of
 * the driver 'weave' is made once and is there on all of them, with addresses that the engines agree on by that store.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GlobalScopeIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop().clusterStore();

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    /** The store tells the other engines within a second. */
    private static final Duration SOON = Duration.ofSeconds(15);

    /** What Docker does not tell us of is found by comparing: after 20 s in which it was missing, every 30 s. */
    private static final Duration COMPARED = Duration.ofSeconds(80);

    private static final String NETWORK = "mynetwork";
    private static final List<String> HOSTS = List.of(HOST1, HOST2);

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch --plugin-scope global host2").ok();
        LAB.on(HOST2, "weave launch --plugin-scope global host1").ok();
        HOSTS.forEach(host -> Await.within(
                SOON, () -> LAB.docker(host, "network inspect weave").ok()));
    }

    @Test
    @Order(1)
    void theDriversSayTheirScope() {
        assertThat(scope("weave")).isEqualTo("global");
        assertThat(scope("weavemesh")).isEqualTo("local");
    }

    private static String scope(String driver) {
        return LAB.on(
                        HOST1,
                        "curl -sf --unix-socket /run/docker/plugins/" + driver
                                + ".sock -d '' http://plugin/NetworkDriver.GetCapabilities | jq -r .Scope")
                .ok()
                .text();
    }

    @Test
    @Order(2)
    void aNetworkMadeOnOneHostIsThereOnTheOther() {
        LAB.docker(HOST1, "network create --driver=weave --subnet 10.99.0.0/24 " + NETWORK)
                .ok();
        HOSTS.forEach(host -> Await.within(
                SOON,
                () -> assertThat(LAB.docker(host, "network inspect -f '{{.Driver}} {{.Scope}}' " + NETWORK)
                                .ok()
                                .text())
                        .isEqualTo("weave global")));
    }

    @Test
    @Order(3)
    void containersOnItReachEachOtherByAddressAndName() {
        run(HOST1, "c1");
        run(HOST2, "c2");
        assertThat(List.of(address(HOST1, "c1"), address(HOST2, "c2")))
                .as("what the engines agreed on")
                .doesNotHaveDuplicates()
                .allMatch(address -> address.startsWith("10.99.0."));
        reach(HOST1, "c1", HOST2, "c2");
        reach(HOST2, "c2", HOST1, "c1");
        assertThat(LAB.on(HOST1, "weave ps").ok().text()).contains(address(HOST1, "c1") + "/24");
    }

    @Test
    @Order(3)
    void anAddressThatIsAskedForIsGivenOnceInTheWholeCluster() {
        LAB.docker(HOST1, "run --net=" + NETWORK + " --ip 10.99.0.77 --name fixed -td busybox sh")
                .ok();
        assertThat(address(HOST1, "fixed")).isEqualTo("10.99.0.77");
        assertThat(LAB.docker(HOST2, "run --rm --net=" + NETWORK + " --ip 10.99.0.77 busybox true")
                        .exit())
                .isNotZero();
        LAB.docker(HOST1, "rm -f fixed").ok();
        LAB.docker(HOST2, "run --rm --net=" + NETWORK + " --ip 10.99.0.77 busybox true")
                .ok();
    }

    @Test
    @Order(4)
    void optionsAreKnownOnTheOtherHostAndAContainerMayBeInSeveralNetworks() {
        LAB.docker(HOST1, "network create --driver=weave -o works.weave.multicast=true many")
                .ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.docker(HOST2, "run --rm --net=many busybox ip route")
                                .ok()
                                .text())
                        .contains("224.0.0.0/4 dev ethwe0"));
        LAB.docker(HOST1, "network rm many").ok();
        LAB.docker(HOST2, "network connect weave c2").ok();
        assertThat(SESSION.in(HOST2, "c2", "ip route").ok().text()).contains("224.0.0.0/4 dev ethwe1");
        LAB.docker(HOST2, "network disconnect weave c2").ok();
    }

    @Test
    @Order(4)
    void whatTheOtherHostHasInItIsNotMissingHere() {
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave doctor --no-container").text())
                        .contains("ok       leaks")
                        .doesNotContain("PROBLEM"));
    }

    @Test
    @Order(4)
    void aRunningContainerOfTheOtherHostIsConnected() {
        LAB.docker(HOST2, "run --net=none --name late -td busybox sh").ok();
        LAB.docker(HOST2, "network disconnect none late").ok();
        LAB.docker(HOST2, "network connect " + NETWORK + " late").ok();
        reach(HOST1, "c1", HOST2, "late");
        LAB.docker(HOST2, "network disconnect " + NETWORK + " late").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave dns-lookup late").text()).isEmpty());
        LAB.docker(HOST2, "rm -f late").ok();
    }

    @Test
    @Order(5)
    void aPeerThatIsStartedAnewGoesOnWithIt() {
        String c1 = address(HOST1, "c1");
        assertThat(LAB.on(HOST1, "weave stop").ok().lines())
                .contains("network " + NETWORK + " stays, it is used by c1");
        SESSION.in(HOST2, "c2", "ping -c 1 -W 1 " + c1).ok();
        LAB.on(HOST1, "weave launch --plugin-scope global host2").ok();
        reach(HOST2, "c2", HOST1, "c1");
        LAB.lab().killPeer(HOST2);
        LAB.on(HOST2, "weave launch --plugin-scope global host1").ok();
        reach(HOST1, "c1", HOST2, "c2");
        assertThat(address(HOST1, "c1")).isEqualTo(c1);
        run(HOST1, "c3");
        run(HOST2, "c4");
        reach(HOST1, "c3", HOST2, "c4");
    }

    @Test
    @Order(6)
    void removedOnOneHostItIsGoneFromBothAndNothingIsLeft() {
        HOSTS.forEach(
                host -> LAB.docker(host, "rm -f $(docker ps -aqf name=c[1-4])").ok());
        LAB.docker(HOST2, "network rm " + NETWORK).ok();
        for (String host : HOSTS) {
            Await.within(
                    SOON,
                    () -> assertThat(LAB.docker(host, "network ls --format '{{.Name}}'")
                                    .ok()
                                    .lines())
                            .doesNotContain(NETWORK));
        }
        for (String host : HOSTS) {
            Await.within(COMPARED, () -> {
                assertThat(LAB.on(host, "weave report -f '{{json .Router.Networks}}'")
                                .ok()
                                .text())
                        .doesNotContain("10.99.0.0/24");
                assertThat(LAB.on(host, "ip -o link").ok().text()).doesNotContain("vethwl");
                assertThat(LAB.on(host, "weave status dns").ok().text()).doesNotContain("10.99.0.");
                assertThat(LAB.on(host, "weave ps").ok().text()).doesNotContain("10.99.0.");
                assertThat(LAB.on(host, "weave report -f '{{json .IPAM}}'").ok().text())
                        .doesNotContain("10.99.0.");
            });
        }
    }

    @Test
    @Order(7)
    void whoLeavesTakesOnlyItsOwnContainersOut() {
        LAB.docker(HOST1, "network create --driver=weave --subnet 10.99.0.0/24 " + NETWORK)
                .ok();
        run(HOST1, "stays");
        run(HOST2, "leaves");
        assertThat(LAB.on(HOST2, "weave reset").ok().text())
                .contains("container leaves is out of network " + NETWORK)
                .contains("network " + NETWORK + " stays, it belongs to all engines")
                .doesNotContain("container stays");
        assertThat(LAB.on(HOST2, "ip -o link").ok().text()).doesNotContain("vethwl", "weave");
        assertThat(LAB.docker(HOST1, "network inspect -f '{{range .Containers}}{{.Name}} {{end}}' " + NETWORK)
                        .ok()
                        .text())
                .isEqualTo("stays");
        assertThat(SESSION.in(HOST1, "stays", "ip -o addr show dev ethwe0").ok().text())
                .contains(address(HOST1, "stays"));
    }

    private static void run(String host, String name) {
        LAB.docker(
                        host,
                        "run --net=" + NETWORK + " --name " + name + " -h " + name
                                + ".weave.local $(weave dns-args) -td busybox sh")
                .ok();
    }

    private static String address(String host, String container) {
        return SESSION.address(host, container, NETWORK);
    }

    /** By address at once, by name as soon as that has spread. */
    private static void reach(String fromHost, String from, String toHost, String to) {
        SESSION.in(fromHost, from, "ping -c 1 -W 2 " + address(toHost, to)).ok();
        Await.within(
                SOON, () -> SESSION.in(fromHost, from, "ping -c 1 -W 1 " + to).ok());
    }
}
