package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong on the user's side is said in one line that tells what to do. */
@Tag("system")
class BadInputIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2);

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(15);

    @AfterEach
    void clear() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(
                    host,
                    "pkill iperf; [ ! -e /run/weave/weave.pid ] || { docker ps -aq | xargs -r docker rm -f; weave stop; };"
                            + " rm -rf /var/lib/weave/*");
        }
    }

    @ParameterizedTest(name = "weave {0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "launch --frobnicate | --frobnicate",
                "launch --ipalloc-range 10.32.0.0/33 | prefix length 33 of 10.32.0.0",
                "launch --ipalloc-range 300.0.0.0/8 | 300.0.0.0",
                "launch --host 198.18.0 | 198.18.0",
                "launch --host 192.0.2.1 | 192.0.2.1",
                "launch --dns-domain a..b | a..b",
                "launch --mtu few | few",
                "launch host2:0 | host2:0",
                "frobnicate | frobnicate",
                "connect | Missing required parameter",
                "status everything | everything",
            })
    void aMistypedCommandNamesTheMistake(String command, String mistake) {
        assertThat(LAB.on(HOST1, "weave " + command).failsInOneLine().err()).contains(mistake);
    }

    @ParameterizedTest
    @CsvSource({"status", "ps", "dns-args", "connect host2", "stop", "report", "dns-lookup foo"})
    void withoutAPeerTheCommandSaysThatNoneRuns(String command) {
        assertThat(LAB.on(HOST1, "weave " + command).failsInOneLine().err())
                .contains("weave is not running on this host");
    }

    @ParameterizedTest
    @CsvSource({"6783", "6784", "6785", "6782"})
    void anOccupiedPortIsNamed(int port) {
        String address = port == 6783 || port == 6785 ? "198.18.0.11" : "127.0.0.1";
        LAB.on(HOST1, "setsid iperf -s -B " + address + " -p " + port + " </dev/null >/dev/null 2>&1 &")
                .ok();
        Await.within(
                SOON, () -> assertThat(LAB.on(HOST1, "ss -ltn").ok().text()).contains(address + ":" + port));

        assertThat(LAB.on(HOST1, "weave launch host2").failsInOneLine().err()).contains(String.valueOf(port));

        LAB.on(HOST1, "pkill iperf; while ss -ltn | grep -q '" + address + ":" + port + " '; do sleep 0.05; done")
                .ok();
        LAB.on(HOST1, "weave launch host2").ok();
    }

    @Test
    void aMissingDockerEngineIsSaid() {
        String hidden = "for d in /usr/sbin /usr/bin /usr/local/bin; do"
                + " [ -e $d/dockerd ] && mount --bind /dev/null $d/dockerd; done;";
        Outcome launch = LAB.on(
                HOST1, "unshare -m bash -c '" + hidden + " weave launch --docker-socket /run/no-docker.sock host2'");
        assertThat(launch.failsInOneLine().err()).contains("Docker Engine", "install");
    }

    @Test
    void missingPrivilegesAreSaid() {
        // Somebody who is not root, but may read this checkout wherever it lies.
        Outcome launch = LAB.on(
                HOST1,
                "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+dac_read_search"
                        + " --ambient-caps=-all,+dac_read_search weave launch host2");
        assertThat(launch.failsInOneLine().err()).contains("root");
    }

    @Test
    void aPeerThatCannotBeResolvedOrReachedDoesNotStopTheLaunch() {
        LAB.on(HOST1, "weave launch host2 host9 nowhere.invalid").ok();
        assertThat(LAB.on(HOST1, "weave status targets").ok().lines()).contains("host2", "host9", "nowhere.invalid");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("nowhere.invalid")
                        .doesNotContain("Exception"));

        // It keeps trying: what appears later is found.
        LAB.on(HOST2, "weave launch").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status connections").ok().text())
                        .contains("(host2)", "established"));
    }

    @Test
    void aPeerWithAnotherAddressRangeIsRefusedOnBothSides() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch --ipalloc-range 10.96.0.0/12 host1").ok();
        bothSidesName("10.32.0.0/12", "10.96.0.0/12");
    }

    @Test
    void aPeerWithAnotherDomainIsRefusedOnBothSides() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch --dns-domain mesh.example. host1").ok();
        bothSidesName("weave.local.", "mesh.example.");
    }

    private static void bothSidesName(String one, String other) {
        for (String host : LAB.lab().hosts()) {
            Await.within(
                    SOON,
                    () -> assertThat(LAB.on(host, "weave status connections")
                                    .ok()
                                    .lines())
                            .as("connections of %s", host)
                            .anyMatch(line -> line.contains(one) && line.contains(other) && line.contains("failed")));
        }
    }

    @Test
    void socketsLeftOverFromACrashAreTakenOver() {
        LAB.on(HOST1, "weave launch").ok();
        LAB.lab().killPeer(HOST1);
        LAB.on(HOST1, "ls /run/docker/plugins/weavemesh.sock /run/docker/plugins/weave.sock")
                .ok();
        LAB.on(HOST1, "weave launch").ok();
        SESSION.start(HOST1, "foo");
    }

    @ParameterizedTest
    @CsvSource({"ipam.db", "router.db", "plugin.db", "peer-name"})
    void aDamagedStateFileIsNamedAndNotOverwritten(String file) {
        LAB.on(HOST1, "weave launch").ok();
        SESSION.start(HOST1, "foo");
        LAB.on(HOST1, "docker rm -f foo; weave stop").ok();
        LAB.on(HOST1, "test -s /var/lib/weave/" + file).ok();
        LAB.on(HOST1, "head -c 20000 /dev/zero | tr '\\0' x >/var/lib/weave/" + file)
                .ok();

        assertThat(LAB.on(HOST1, "weave launch").failsInOneLine().err()).contains("/var/lib/weave/" + file, "damaged");

        assertThat(LAB.on(HOST1, "wc -c </var/lib/weave/" + file).ok().text()).isEqualTo("20000");
    }

    @Test
    void aNetworkWithDockersOwnAddressesIsRefusedWithTheCommandToUse() {
        LAB.on(HOST1, "weave launch").ok();
        Outcome create = LAB.docker(HOST1, "network create --driver weavemesh mixed");
        assertThat(create.exit()).isNotZero();
        assertThat(create.err()).contains("--ipam-driver").doesNotContain("Exception");
    }
}
