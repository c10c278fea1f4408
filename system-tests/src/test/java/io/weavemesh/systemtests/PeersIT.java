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

/** Peers come, go, move and return: who is searched for, who is seen to be away, and how soon. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PeersIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final String HOST3 = "host3";

    /** The promise is 6 s for a loss to be seen and 3 s for the way back; the rest is for a busy machine. */
    private static final Duration LOST = Duration.ofSeconds(10);

    private static final Duration BACK = Duration.ofSeconds(8);

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        LAB.on(HOST3, "weave launch --ipalloc-init observer host2").ok();
    }

    @Test
    @Order(1)
    void oneKnownPeerLeadsToAllOthers() {
        Await.within(BACK, () -> assertThat(established(HOST3)).hasSize(2));
        Await.within(BACK, () -> assertThat(established(HOST1)).hasSize(2));
        assertThat(LAB.on(HOST1, "weave status targets").ok().text()).isEmpty();
        assertThat(LAB.on(HOST3, "weave status").ok().text())
                .contains("PeerDiscovery: enabled", "Connections: 2 (2 established)", "Peers: 3 (with 6 established");
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST3, "baz");
        Await.within(BACK, () -> ping(HOST1, "foo", SESSION.address(HOST3, "baz")));
    }

    @Test
    @Order(2)
    void aCutCableIsSeenOnBothSidesAndHealsWithTheDataPath() {
        String foo = SESSION.address(HOST1, "foo");
        String baz = SESSION.address(HOST3, "baz");
        LAB.lab().cut(HOST3);
        Figures.print("a cut is seen", Await.within(LOST, () -> isAway(HOST3, HOST1)));
        Await.within(LOST, () -> assertThat(established(HOST3)).isEmpty());
        assertThat(LAB.on(HOST1, "weave status peers").ok().text()).doesNotContain("(host3)");

        LAB.lab().heal(HOST3);
        Duration back = Await.within(BACK, () -> ping(HOST1, "foo", baz));
        Figures.print("healed, data passes", back);
        ping(HOST3, "baz", foo);
        Await.within(BACK, () -> assertThat(established(HOST1)).hasSize(2));
    }

    @Test
    @Order(3)
    void aPowerCutIsSeenAndAKilledPeerIsNotWorthANotice() {
        String baz = SESSION.address(HOST3, "baz");
        LAB.lab().killPeer(HOST1);
        LAB.on(HOST1, "weave launch --resume").ok();
        ping(HOST1, "foo", baz);
        Await.within(BACK, () -> assertThat(established(HOST1)).hasSize(2));

        LAB.lab().crash(HOST3);
        Figures.print("a power cut is seen", Await.within(LOST, () -> isAway(HOST3, HOST1)));
        LAB.lab().boot(HOST3);
        LAB.on(HOST3, "weave launch --resume").ok();
        Figures.print(
                "after the launch all links are up",
                Await.within(BACK, () -> assertThat(established(HOST1)).hasSize(2)));
        assertThat(LAB.on(HOST3, "weave status targets").ok().text()).isEqualTo("host2");
        LAB.docker(HOST3, "start baz").ok();
        Await.within(BACK, () -> ping(HOST1, "foo", SESSION.address(HOST3, "baz")));
    }

    @Test
    @Order(4)
    void aPeerThatMovedIsFollowed() {
        LAB.on(
                        HOST3,
                        "ip addr del 198.18.0.13/24 dev eth0 && ip addr add 198.18.0.33/24 dev eth0"
                                + " && ip route add default via 198.18.0.1")
                .ok();
        Await.within(
                LOST.plus(BACK),
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("198.18.0.33:6783", "(host3)")
                        .doesNotContain("198.18.0.13:6783        established"));
        String baz = SESSION.address(HOST3, "baz");
        Await.within(BACK, () -> ping(HOST1, "foo", baz));
        assertThat(LAB.on(HOST1, "bridge fdb").ok().text()).contains("dst 198.18.0.33");
    }

    @Test
    @Order(5)
    void connectForgetAndReplaceAreRememberedForAResume() {
        LAB.on(HOST1, "weave connect host2 nowhere.invalid 198.18.0.99").ok();
        assertThat(LAB.on(HOST1, "weave status targets").ok().lines())
                .containsExactly("host2", "nowhere.invalid", "198.18.0.99");
        Await.within(
                BACK,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("nowhere.invalid", "does not resolve", "198.18.0.99:6783", "retrying"));
        LAB.on(HOST1, "weave forget 198.18.0.99").ok();
        assertThat(LAB.on(HOST1, "weave connect host9:0 host3").failsInOneLine().err())
                .contains("host9:0");
        assertThat(LAB.on(HOST1, "weave status targets").ok().lines())
                .containsExactly("host2", "nowhere.invalid", "host3");
        LAB.on(HOST1, "weave connect --replace later.example").ok();
        assertThat(established(HOST1)).as("live ones stay").hasSize(2);

        LAB.on(HOST1, "weave stop").ok();
        LAB.on(HOST1, "weave launch --resume").ok();
        assertThat(LAB.on(HOST1, "weave status targets").ok().text()).isEqualTo("later.example");
        Await.within(
                BACK,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("later.example", "does not resolve"));

        // A name that appears is found without a word.
        LAB.on(HOST1, "echo 198.18.0.12 later.example >>/etc/hosts").ok();
        // The look that is under way may wait for a resolver that does not answer.
        Await.within(
                LOST.plus(BACK),
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("-> 198.18.0.12:6783")
                        .doesNotContain("later.example"));
        Await.within(BACK, () -> assertThat(established(HOST1)).hasSize(2));
    }

    @Test
    @Order(6)
    void theSecondPeerOfANameIsRefusedAndBothAddressesAreNamed() {
        String name = LAB.on(HOST1, "weave report -f '{{.Router.Name}}'").ok().text();
        LAB.on(HOST3, "docker rm -f baz; weave reset").ok();
        LAB.on(HOST3, "weave launch --name " + name + " --nickname clone host2").ok();
        List.of(HOST1, HOST2, HOST3)
                .forEach(host -> Await.within(
                        BACK,
                        () -> assertThat(LAB.on(host, "weave status connections")
                                        .ok()
                                        .text())
                                .contains("failed", "198.18.0.11", "198.18.0.33", "--name")));
        assertThat(established(HOST2))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("(host1)"));
        LAB.on(HOST3, "weave stop && weave launch --no-discovery --conn-limit 1 --nickname charlie --name ::3 host2")
                .ok();
        Await.within(
                BACK,
                () -> assertThat(LAB.on(HOST2, "weave status peers").ok().text())
                        .contains("00:00:00:00:00:03(charlie)"));
        Await.within(
                BACK,
                () -> assertThat(LAB.on(HOST3, "weave status connections").ok().text())
                        .contains("established", "--conn-limit"));
        assertThat(LAB.on(HOST3, "weave status").ok().text()).contains("PeerDiscovery: disabled");
    }

    private static List<String> established(String host) {
        return LAB.on(host, "weave status connections").ok().lines().stream()
                .filter(line -> line.contains(" established "))
                .toList();
    }

    /** Not shown as there. Its containers may be up all the same, so the entries that lead to them stay. */
    private static void isAway(String lost, String seenBy) {
        assertThat(established(seenBy)).noneMatch(line -> line.contains("(" + lost + ")"));
        assertThat(LAB.on(seenBy, "weave status peers").ok().text()).doesNotContain("(" + lost + ")");
        assertThat(LAB.on(seenBy, "bridge fdb").ok().text())
                .contains("dst " + LAB.lab().address(lost) + " ");
    }

    private static void ping(String host, String container, String address) {
        SESSION.in(host, container, "ping -c 1 -W 1 " + address).ok();
    }
}
