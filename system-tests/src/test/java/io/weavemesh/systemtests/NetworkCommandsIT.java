package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code weave network}: one command on one host, and every host has the network, or has it no more. */
@Tag("system")
class NetworkCommandsIT {

    private static final String HOST3 = "host3";

    /** What another host does takes part of a second; a machine that is busy may take longer. */
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2 host3").ok();
        LAB.on(HOST2, "weave launch host1 host3").ok();
        LAB.on(HOST3, "weave launch host1 host2").ok();
    }

    @AfterEach
    void clear() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "docker ps -aq | xargs -r docker rm -f").ok();
        }
        LAB.on(HOST1, "weave network ls | awk 'NR > 1 && !/removing/ {print $1}' | xargs -r weave network rm")
                .ok();
        Await.within(SOON, () -> assertThat(networks(HOST1)).isEmpty());
    }

    @Test
    void aNetworkMadeOnOneHostIsThereOnAllAndContainersMeetInIt() {
        assertThat(LAB.on(HOST1, "weave network create shop").ok().text())
                .matches("network shop with 10\\.\\d+\\.\\d+\\.0/22 is on 3 of 3 hosts");

        run(HOST2, "shop", "web");
        run(HOST3, "shop", "db");
        Await.within(SOON, () -> SESSION.in(HOST3, "db", "ping -c 1 -W 1 web").ok());
        Await.within(SOON, () -> SESSION.in(HOST2, "web", "ping -c 1 -W 1 db").ok());
        assertThat(SESSION.address(HOST2, "web", "shop")).isNotEqualTo(SESSION.address(HOST3, "db", "shop"));
        assertThat(networks(HOST2)).singleElement().asString().matches("shop +10\\.\\d+\\.\\d+\\.0/22 +3/3");
        assertThat(LAB.on(HOST2, "weave network ls --json").ok().text()).contains("\"Name\": \"shop\"");

        // The same again is no error, another one of that name is.
        LAB.on(HOST3, "weave network create shop").ok();
        assertThat(LAB.on(HOST3, "weave network create shop --subnet 10.99.0.0/24")
                        .failsInOneLine()
                        .err())
                .contains("network 'shop' is defined otherwise already");
        // One that was removed by hand comes back, since it is still defined.
        LAB.docker(HOST1, "network rm shop").ok();
        Await.within(SOON, () -> LAB.docker(HOST1, "network inspect shop").ok());
    }

    @Test
    void aUsedNetworkIsNotRemovedHereAndElsewhereAsSoonAsNobodyUsesIt() {
        LAB.on(HOST1, "weave network create shop --subnet 10.99.0.0/24 --opt works.weave.multicast=true")
                .ok();
        run(HOST2, "shop", "web");
        assertThat(LAB.on(HOST2, "weave network rm shop").failsInOneLine().err())
                .contains("network 'shop' is used on this host by web");

        assertThat(LAB.on(HOST1, "weave network rm shop").ok().err())
                .isEqualTo("weave: host2: is removed as soon as it can be: used by web\n");
        assertThat(networks(HOST3))
                .singleElement()
                .asString()
                .matches("shop +10\\.99\\.0\\.0/24 +1/3 +removing; host2: used by web");
        assertThat(LAB.docker(HOST3, "network inspect shop").exit()).isNotZero();
        LAB.docker(HOST2, "rm -f web").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.docker(HOST2, "network inspect shop").exit())
                        .isNotZero());
        Await.within(SOON, () -> assertThat(networks(HOST3)).isEmpty());
        assertThat(LAB.on(HOST2, "weave network rm shop").exit()).isEqualTo(4);
    }

    @Test
    void aHostThatWasAwayDoesWhatItMissed() {
        LAB.on(HOST1, "weave network create old").ok();
        LAB.on(HOST1, "weave network create changed --subnet 10.98.0.0/24").ok();
        LAB.on(HOST3, "weave stop").ok();
        Await.within(
                SOON,
                () -> assertThat(networks(HOST1))
                        .allMatch(row -> row.contains("2/2"))
                        .hasSize(2));

        LAB.on(HOST1, "weave network rm old changed").ok();
        LAB.on(HOST2, "weave network create changed --subnet 10.97.0.0/24").ok();
        LAB.on(HOST2, "weave network create new").ok();
        LAB.docker(HOST3, "network inspect old").ok();

        LAB.on(HOST3, "weave launch --resume").ok();
        Await.within(SOON, () -> {
            assertThat(LAB.docker(HOST3, "network inspect old").exit()).isNotZero();
            LAB.docker(HOST3, "network inspect new").ok();
            assertThat(subnet(HOST3, "changed")).isEqualTo("10.97.0.0/24");
        });
        assertThat(subnet(HOST3, "new")).isEqualTo(subnet(HOST1, "new"));
        assertThat(networks(HOST1)).allMatch(row -> row.contains("3/3")).hasSize(2);
    }

    @Test
    void aHostWhoseDockerDoesNotRunIsNamedAndFollowsByItself() {
        LAB.on(HOST3, "p=$(cat /run/docker.pid); kill $p; while kill -0 $p; do sleep 0.05; done 2>/dev/null; true")
                .ok();

        assertThat(LAB.on(HOST1, "weave network create shop").ok().err())
                .matches("weave: host3: Docker does not answer.*\n");
        assertThat(LAB.on(HOST3, "weave network create db").failsInOneLine().err())
                .contains("network 'db' is defined for all hosts, but is not on this one yet: Docker does not answer");
        assertThat(networks(HOST1)).allMatch(row -> row.contains("2/3") && row.contains("host3: Docker"));

        LAB.lab().startDocker(HOST3);
        Await.within(
                SOON,
                () -> assertThat(networks(HOST1))
                        .allMatch(row -> row.contains("3/3"))
                        .hasSize(2));
        LAB.docker(HOST3, "network inspect shop db").ok();
    }

    @Test
    void aNetworkSomebodyElseMadeIsAConflictThatIsNamedAndStays() {
        LAB.docker(HOST2, "network create --subnet 172.30.0.0/16 shop").ok();
        assertThat(LAB.on(HOST2, "weave network create shop").failsInOneLine().err())
                .contains("Docker has another network 'shop' (driver bridge, 172.30.0.0/16;");
        assertThat(networks(HOST2)).isEmpty();

        assertThat(LAB.on(HOST1, "weave network create shop").ok().err())
                .startsWith("weave: host2: Docker has another network 'shop'");
        assertThat(networks(HOST3))
                .singleElement()
                .asString()
                .contains(" 2/3 ", "host2: Docker has another network 'shop' (driver bridge");
        LAB.docker(HOST2, "network inspect shop").ok();

        LAB.docker(HOST2, "network rm shop").ok();
        Await.within(
                SOON,
                () -> assertThat(networks(HOST3)).singleElement().asString().contains("3/3"));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        for (String wrong : List.of(
                "create bridge | is a network of Docker's own",
                "create -- -x | is no name for a network",
                "create x --opt colour=red | unknown option 'colour'",
                "create x --subnet 10.32.0.0/11 | overlaps",
                "rm nosuch | no network 'nosuch' is defined for all hosts")) {
            String[] parts = wrong.split(" \\| ", -1);
            assertThat(LAB.on(HOST1, "weave network " + parts[0])
                            .failsInOneLine()
                            .err())
                    .contains(parts[1]);
        }
    }

    private static void run(String host, String network, String name) {
        LAB.docker(host, "run -d --net=" + network + " --name " + name + " $(weave dns-args) busybox sleep 1000")
                .ok();
    }

    /** The rows of {@code weave network ls}. */
    private static List<String> networks(String host) {
        List<String> lines = LAB.on(host, "weave network ls").ok().lines();
        assertThat(lines.getFirst()).startsWith("NAME ");
        return lines.subList(1, lines.size());
    }

    private static String subnet(String host, String network) {
        return LAB.docker(host, "network inspect -f '{{(index .IPAM.Config 0).Subnet}}' " + network)
                .text();
    }
}
