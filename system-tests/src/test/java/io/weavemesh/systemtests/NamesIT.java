package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers come, go and change on one host; another host always knows them by their right names. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NamesIT {

    /** A change is answered on the other host after milliseconds; the rest is for a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(10);

    /** After a break, the engine's event stream is opened again within five seconds. */
    private static final Duration AFTER_A_BREAK = Duration.ofSeconds(20);

    private static final int ROUNDS = 20;

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    /** Docker's bridge on either host. */
    private static final String SERVER = "172.17.0.1";

    /** Where the peer of host1 finds Docker; a test can take it away. */
    private static final String ENGINE = "/var/lib/weave/engine.sock";

    private static SocketRelay engine = SocketRelay.NONE;

    @BeforeAll
    static void launch() throws IOException {
        engine = SocketRelay.between(
                LAB.lab().disk(HOST1).resolve("varlib/engine.sock"), LAB.lab().inside(HOST1, "/run/docker.sock"));
        launchHost1();
        LAB.on(HOST2, "weave launch host1").ok();
        assertThat(LAB.on(HOST2, "weave docker-bridge-ip").ok().text()).isEqualTo(SERVER);
        LAB.docker(HOST1, "network create --driver weave --ipam-driver weave --subnet 10.50.0.0/24 store")
                .ok();
    }

    @AfterAll
    static void closeRelay() throws IOException {
        engine.cut();
    }

    private static void launchHost1() {
        LAB.on(HOST1, "weave launch --docker-socket " + ENGINE + " host2").ok();
    }

    @Test
    @Order(1)
    void hostNameContainerNameAndEveryAliasAreKnownOnTheOtherHost() {
        run("box", "-h host.weave.local --network-alias short --network-alias long.weave.local");
        String address = SESSION.address(HOST1, "box");
        for (String name : List.of("host", "box", "short", "long")) {
            knows(name, address);
        }
        assertThat(SESSION.dig("-x " + address)).isIn("host.weave.local.", "box.weave.local.");

        LAB.docker(HOST1, "rename box crate").ok();
        knows("crate", address);
        knows("box");
        run("plain", "-h bare");
        knows("bare", SESSION.address(HOST1, "plain"));
    }

    @Test
    @Order(2)
    void aContainerInTwoNetworksHasBothAddressesUnderItsNames() {
        String first = SESSION.address(HOST1, "crate");
        LAB.docker(HOST1, "network connect --alias shelf store crate").ok();
        String second = SESSION.address(HOST1, "crate", "store");
        knows("crate", first, second);
        knows("host", first, second);
        knows("shelf", second);

        LAB.docker(HOST1, "network disconnect store crate").ok();
        knows("crate", first);
        knows("shelf");
    }

    @Test
    @Order(3)
    void twentyTimesKilledAndStartedAndNeverAWrongName() {
        Duration gone = Duration.ZERO;
        Duration back = Duration.ZERO;
        for (int round = 0; round < ROUNDS; round++) {
            LAB.docker(HOST1, "kill crate").ok();
            gone = longer(gone, knows("crate"));
            LAB.docker(HOST1, "start crate").ok();
            back = longer(back, knows("crate", SESSION.address(HOST1, "crate")));
        }
        assertThat(answers(HOST1, "crate")).isEqualTo(Set.of(SESSION.address(HOST1, "crate")));
        Figures.print("slowest of 20: a killed container's name gone on the other host", gone);
        Figures.print("slowest of 20: a started container's name right on the other host", back);
    }

    @Test
    @Order(4)
    void servicesOfAComposeProjectAreKnownByServiceNameAndAlias() {
        String file = "/run/shop.yml";
        String yaml = "version: '2.4'\\nservices:\\n"
                + "  web:\\n    image: busybox\\n    command: sleep 1000\\n    scale: 2\\n"
                + "    networks: {default: {aliases: [www]}}\\n"
                + "  db:\\n    image: busybox\\n    command: sleep 1000\\n"
                + "networks:\\n  default:\\n    external: {name: weave}\\n";
        LAB.on(HOST1, "printf \"" + yaml + "\" >" + file).ok();
        LAB.on(HOST1, "docker-compose -p shop -f " + file + " up -d").ok();
        String one = SESSION.address(HOST1, "shop_web_1");
        String two = SESSION.address(HOST1, "shop_web_2");
        knows("web", one, two);
        knows("www", one, two);
        knows("shop_web_1", one);
        knows("db", SESSION.address(HOST1, "shop_db_1"));

        LAB.on(HOST1, "docker-compose -p shop -f " + file + " down -t 0").ok();
        knows("web");
        knows("www");
        knows("db");
    }

    @Test
    @Order(5)
    void whatHappensWhileTheEngineIsOutOfReachIsMadeGoodAfterwards() throws IOException {
        run("early", "");
        knows("early", SESSION.address(HOST1, "early"));
        engine.cut();
        LAB.docker(HOST1, "rename early renamed").ok();
        run("late", "--network-alias later");
        LAB.docker(HOST1, "rm -f plain").ok();
        assertThat(answers(HOST2, "late")).as("nobody could have known").isEmpty();
        assertThat(answers(HOST2, "early")).isNotEmpty();
        engine.open();

        Await.within(
                AFTER_A_BREAK,
                () -> assertThat(answers(HOST2, "late")).isEqualTo(Set.of(SESSION.address(HOST1, "late"))));
        knows("later", SESSION.address(HOST1, "late"));
        knows("renamed", SESSION.address(HOST1, "renamed"));
        knows("early");
        knows("plain");
        knows("bare");
        LAB.docker(HOST1, "rm -f renamed late").ok();
    }

    @Test
    @Order(6)
    void theOtherHostHearsThatAContainerIsUnwellAndThatItIsWellAgain() {
        String check = "--network-alias pool --health-interval 200ms --health-retries 1 --health-cmd 'test ! -e /ill'";
        run("good", check);
        run("weak", check);
        String good = SESSION.address(HOST1, "good");
        String weak = SESSION.address(HOST1, "weak");
        knows("pool", good, weak);

        SESSION.in(HOST1, "weak", "touch /ill").ok();
        Await.within(SOON, () -> assertThat(entry("weak")).contains("\"Healthy\":false"));
        assertThat(entry("good")).contains("\"Healthy\":true");
        knows("pool", good);
        knows("weak", weak);
        SESSION.in(HOST1, "weak", "rm /ill").ok();
        Await.within(SOON, () -> assertThat(entry("weak")).contains("\"Healthy\":true"));
        knows("pool", good, weak);
        LAB.docker(HOST1, "rm -f good weak").ok();
    }

    @Test
    @Order(7)
    void namesByHandOutliveAKilledPeerAndThoseRemovedStayRemoved() {
        String crate = SESSION.address(HOST1, "crate");
        LAB.on(HOST1, "weave dns-add 192.0.2.7 192.0.2.8 -h printer.weave.local")
                .ok();
        LAB.on(HOST1, "weave dns-add 192.0.2.9 -h scanner").ok();
        LAB.on(HOST1, "weave dns-add crate -h parcel").ok();
        LAB.on(HOST1, "weave dns-remove 192.0.2.9 -h scanner").ok();
        LAB.on(HOST1, "weave dns-remove crate -h host").ok();
        knows("printer", "192.0.2.7", "192.0.2.8");
        knows("parcel", crate);
        knows("scanner");
        knows("host");
        assertThat(LAB.on(HOST1, "weave dns-lookup parcel").ok().text()).isEqualTo(crate);
        assertThat(LAB.on(HOST2, "weave status dns").ok().lines())
                .anyMatch(row ->
                        row.matches("printer      192\\.0\\.2\\.7       weave:extern ([0-9a-f]{2}:){5}[0-9a-f]{2}"));
        assertThat(LAB.on(HOST1, "weave dns-add nobody").failsInOneLine().err())
                .contains("there is no container 'nobody'");
        assertThat(LAB.on(HOST1, "weave dns-add crate -h www.example.com")
                        .failsInOneLine()
                        .err())
                .contains("www.example.com. is not in our domain weave.local.");

        LAB.lab().killPeer(HOST1);
        launchHost1();

        Await.within(AFTER_A_BREAK, () -> assertThat(answers(HOST2, "crate")).isEqualTo(Set.of(crate)));
        knows("printer", "192.0.2.7", "192.0.2.8");
        knows("parcel", crate);
        assertThat(answers(HOST2, "scanner")).isEmpty();
        assertThat(answers(HOST2, "host")).isEmpty();

        LAB.on(HOST1, "weave dns-remove 192.0.2.7 192.0.2.8 -h printer").ok();
        knows("printer");
        LAB.docker(HOST1, "restart -t 0 crate").ok();
        knows("host", SESSION.address(HOST1, "crate"));
        knows("parcel");
    }

    @Test
    @Order(8)
    void afterARestartOfDockerTheNamesAreThoseOfTheContainersThatCameBack() throws IOException {
        run("keeper", "--restart always");
        LAB.on(HOST1, "kill $(cat /run/docker.pid); while test -e /run/docker.pid; do sleep 0.05; done")
                .ok();
        Await.within(AFTER_A_BREAK, () -> assertThat(answers(HOST2, "crate")).isEmpty());
        LAB.lab().startDocker(HOST1);
        Await.within(
                AFTER_A_BREAK,
                () -> assertThat(answers(HOST2, "keeper")).isEqualTo(Set.of(SESSION.address(HOST1, "keeper"))));
        assertThat(answers(HOST2, "crate")).isEmpty();
    }

    private static void run(String name, String options) {
        LAB.docker(HOST1, "run -d --net=weave --name " + name + " " + options + " busybox sleep 1000")
                .ok();
    }

    /** Waits until host2 answers exactly these addresses for a name; none of them means that there is no such name. */
    private static Duration knows(String name, String... addresses) {
        return Await.within(
                SOON,
                () -> assertThat(answers(HOST2, name))
                        .as("addresses of %s", name)
                        .isEqualTo(Set.of(addresses)));
    }

    private static Set<String> answers(String host, String name) {
        return new TreeSet<>(LAB.on(host, "dig @" + SERVER + " +short +tries=1 +time=2 " + name + ".weave.local")
                .ok()
                .lines());
    }

    private static String entry(String name) {
        return LAB.on(
                        HOST2,
                        "curl -s -H 'Accept: application/json' http://127.0.0.1:6784/name/" + name + ".weave.local")
                .ok()
                .text();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
