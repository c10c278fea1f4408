package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cables, switches and power fail; no address is given twice, and everything comes back by itself. */
@Tag("system")
class PartitionIT {

    /** The promise: names of a lost host are gone within 10 s, and back within 5 s of healing. The rest is for a busy machine. */
    private static final Duration LOST = Duration.ofSeconds(20);

    private static final Duration HEALED = Duration.ofSeconds(20);

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    @BeforeEach
    void launch() {
        LAB.on("host1", "weave launch host2 host3").ok();
        LAB.on("host2", "weave launch host1 host3").ok();
        LAB.on("host3", "weave launch host1 host2").ok();
        SESSION.start("host1", "foo");
        SESSION.start("host2", "bar");
        Await.within(HEALED, () -> assertThat(SESSION.dig("foo.weave.local")).isNotEmpty());
    }

    @AfterEach
    void clear() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "docker ps -aq | xargs -r docker rm -f; weave stop; rm -rf /var/lib/weave/*");
        }
    }

    @Test
    void twoHostsThatLoseEachOtherGoOnAndMeetAgain() {
        String foo = SESSION.address(HOST1, "foo");
        LAB.lab().cut(HOST1);
        Await.within(LOST, () -> assertThat(SESSION.dig("foo.weave.local")).isEmpty());

        // Both sides go on giving addresses and names, and no address twice.
        SESSION.start(HOST1, "inside");
        SESSION.start(HOST2, "outside");
        List<String> given = List.of(
                foo,
                SESSION.address(HOST2, "bar"),
                SESSION.address(HOST1, "inside"),
                SESSION.address(HOST2, "outside"));
        assertThat(given).doesNotHaveDuplicates();
        SESSION.in(HOST1, "inside", "ping -c 1 -W 1 foo").ok();

        LAB.lab().heal(HOST1);
        Duration healed = Await.within(
                HEALED, () -> assertThat(SESSION.dig("inside.weave.local")).isNotEmpty());
        Figures.print("names are back after a cut was healed", healed);
        Await.within(
                HEALED, () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 inside").ok());
        Await.within(
                HEALED, () -> SESSION.in(HOST1, "foo", "ping -c 1 -W 1 outside").ok());
    }

    @Test
    void aSplitBetweenTwoHealsToo() {
        LAB.lab().split(HOST1, HOST2);
        Await.within(
                LOST,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().lines())
                        .filteredOn(line -> line.contains("established"))
                        .noneMatch(line -> line.contains("(host2)")));
        LAB.lab().unsplit(HOST1, HOST2);
        Await.within(
                HEALED, () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 foo").ok());
        Await.within(
                HEALED, () -> SESSION.in(HOST1, "foo", "ping -c 1 -W 1 bar").ok());
    }

    @Test
    void aHostThatLostPowerComesBackWithItsAddresses() {
        LAB.docker(HOST1, "run -d --net=weave --name keeper -h keeper.weave.local busybox sleep 1000")
                .ok();
        String keeper = SESSION.address(HOST1, "keeper");
        LAB.lab().crash(HOST1);
        Await.within(LOST, () -> assertThat(SESSION.dig("keeper.weave.local")).isEmpty());

        // Meanwhile nobody else is given the address of a host that is only away.
        for (int i = 0; i < 5; i++) {
            SESSION.start("host3", "other" + i);
            assertThat(SESSION.address("host3", "other" + i)).isNotEqualTo(keeper);
        }

        LAB.lab().boot(HOST1);
        LAB.on(HOST1, "weave launch host2 host3").ok();
        LAB.docker(HOST1, "start keeper").ok();
        Await.within(HEALED, () -> assertThat(SESSION.dig("keeper.weave.local")).isNotEmpty());
        Await.within(
                HEALED, () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 keeper").ok());
    }

    @Test
    void aKilledPeerIsInvisibleToItsContainersAndStartsOverTheSocketsItLeft() {
        String foo = SESSION.address(HOST1, "foo");
        LAB.lab().killPeer(HOST1);
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + foo).ok();
        LAB.on(HOST1, "test -S /run/docker/plugins/weavemesh.sock").ok();

        LAB.on(HOST1, "weave launch host2 host3").ok();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + foo).ok();
        Await.within(HEALED, () -> assertThat(SESSION.dig("foo.weave.local")).isEqualTo(foo));
        SESSION.start(HOST1, "next");
        assertThat(SESSION.address(HOST1, "next")).isNotEqualTo(foo);
    }
}
