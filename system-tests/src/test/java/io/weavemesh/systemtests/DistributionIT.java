package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The archive and the Debian package on a host without any Java: installed, used, replaced by another version while a peer
 * runs, and removed. The host has its own {@code /opt}, {@code /usr/local}, and places for settings and units.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DistributionIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(1).forwardDrop();

    /** Making both, and recording a start, on a machine that does other things too. */
    private static final Duration LONG = Duration.ofMinutes(4);

    private static final Duration SOON = Duration.ofSeconds(15);

    /** Recording takes longer than all the rest; one version is enough for it. */
    private static final String WITHOUT_RECORDING = "export WEAVE_RECORD=no; ";

    private static final String OWN_PLACES = """
            mkdir -p /run/own/upper /run/own/work /run/unpacked
            mount -t overlay overlay -o lowerdir=/usr/local,upperdir=/run/own/upper,workdir=/run/own/work /usr/local
            for place in /opt /etc/default /etc/systemd/system $(ls -d /usr/lib/jvm); do mount -t tmpfs tmpfs $place; done
            """;

    /** Made once more while the session goes on. */
    private static CompletableFuture<Outcome> again = CompletableFuture.failedFuture(new IllegalStateException());

    @BeforeAll
    static void makeBoth() {
        Path made = LAB.lab().disk(HOST1);
        Outcome first = make(made).ok();
        Figures.print("making the archive and the package", first.took());
        again = CompletableFuture.supplyAsync(() -> make(made.resolve("again")), Thread::startVirtualThread);
        String jar = System.getProperty("java.home") + "/bin/jar";
        // As a version that was built earlier: other jars, another name.
        LAB.on(
                        HOST1,
                        "cd /run && mkdir unpacked && cd unpacked && tar xzf " + made + "/weavemesh-*.tar.gz"
                                + " && mv weavemesh-* newer && cp -r newer older && printf 'VERSION=0.0.9\\nID=01234567\\nARCH=%s\\n' $(uname -m) >older/release"
                                + " && mkdir -p p/io/weavemesh/node && echo version=0.0.9 >p/io/weavemesh/node/version.properties"
                                + " && " + jar
                                + " uf older/lib/weavemesh-node-*.jar -C p io/weavemesh/node/version.properties")
                .ok();
        LAB.on(HOST1, OWN_PLACES).ok();
        assertThat(LAB.on(HOST1, "command -v java || ls /usr/lib/jvm/*").out()).isEmpty();
    }

    private static Outcome make(Path output) {
        String script = Lab.repository().resolve("scripts/dist").toString();
        return Terminal.run(
                "here",
                "scripts/dist",
                List.of(script, "--no-build", "--output", output.toString()),
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                LONG);
    }

    /** As somebody types who has no checkout. */
    private static Outcome on(String line) {
        return LAB.on(
                HOST1,
                "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; unset JAVA_HOME; cd /run/unpacked; "
                        + line,
                LONG);
    }

    private static String address() {
        return on("docker inspect -f '{{.NetworkSettings.Networks.weave.IPAddress}}' foo")
                .ok()
                .text();
    }

    private static String newVersion() {
        return on("sed -n s/^VERSION=//p newer/release").ok().text();
    }

    @Test
    @Order(1)
    void itIsWhole() {
        on("test -s newer/sbom.cdx.json && test -s newer/licences/Apache-2.0.txt && test -s newer/runtime/release")
                .ok();
        assertThat(on("cat newer/THIRD-PARTY.txt").ok().text()).contains("hazelcast 5", "OpenJDK runtime 25");
        assertThat(on("bash -c '. newer/completion/weave && complete -p weave'")
                        .ok()
                        .text())
                .endsWith(" weave");
        // Nothing is said of a machine or a user, and everything has one time.
        assertThat(on("tar tvzf " + LAB.lab().disk(HOST1)
                                + "/weavemesh-*.tar.gz | awk '{ print $2, $4, $5 }' | sort -u")
                        .ok()
                        .lines())
                .singleElement()
                .asString()
                .startsWith("0/0 ");
    }

    @Test
    @Order(2)
    void aHostWithoutJavaIsServed() {
        assertThat(on(WITHOUT_RECORDING + "older/install.sh").ok().text())
                .contains("weave 0.0.9 is installed in /opt/weavemesh", "weave launch");
        assertThat(on(WITHOUT_RECORDING + "weave version").ok().text()).isEqualTo("weave 0.0.9");
        on(WITHOUT_RECORDING + "weave launch").ok();
        assertThat(on(WITHOUT_RECORDING + "weave version").ok().lines())
                .containsExactly("weave 0.0.9", "peer 0.0.9 runs on this host");
        on("docker run -d --net=weave --name foo -h foo.weave.local busybox sleep 100000")
                .ok();
        on("docker run --rm --net=weave busybox ping -c 1 -W 2 " + address()).ok();
        on("test -s /etc/default/weave && grep -q 'ExecStart=/opt/weavemesh/current/weave ' "
                        + "/usr/local/lib/systemd/system/weave.service")
                .ok();
        // By the name that stays through upgrades, with the Java that comes with it.
        on("weave setup --systemd host2").ok();
        assertThat(on("cat /etc/systemd/system/weave.service").ok().text())
                .contains("ExecStart=/opt/weavemesh/current/weave launch --foreground host2")
                .doesNotContain("JAVA_HOME");
    }

    @Test
    @Order(3)
    void anotherVersionTakesItsPlaceWithoutAnInterruption() {
        String version = newVersion();
        String address = address();
        assertThat(on("newer/install.sh").ok().text())
                .contains("weave " + version + " is installed", "What runs here is still 0.0.9", "--resume");
        assertThat(on("weave version").ok().lines())
                .containsExactly(
                        "weave " + version, "peer 0.0.9 runs on this host, and is not of this version: start it again");
        // Until then it is what it was, and its supervisor can start it again.
        on("kill -9 $(cat /run/weave/weave.pid)").ok();
        Await.within(SOON, () -> assertThat(on("weave version").ok().text()).contains("peer 0.0.9 runs"));

        on("weave stop && weave launch --resume").ok();

        assertThat(on("weave version").ok().lines())
                .containsExactly("weave " + version, "peer " + version + " runs on this host");
        assertThat(address()).isEqualTo(address);
        on("docker run --rm --net=weave busybox ping -c 1 -W 2 " + address).ok();
        on("grep -q /weave.aot /proc/$(cat /run/weave/weave.pid)/maps").ok();
    }

    @Test
    @Order(4)
    void installingAgainChangesNothingButRemovesWhatNobodyUses() {
        on("test -d /opt/weavemesh/0.0.9-01234567").ok();
        assertThat(on("newer/install.sh").ok().text()).contains("was installed in /opt/weavemesh already");
        assertThat(on("ls /opt/weavemesh").ok().lines())
                .hasSize(3)
                .contains("current", "installed")
                .allMatch(name -> !name.startsWith("0.0.9"));
    }

    @Test
    @Order(5)
    void itIsRemovedWhenNothingRunsAndStateStays() {
        Outcome refused = on("/opt/weavemesh/current/uninstall.sh");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("still runs from /opt/weavemesh", "weave stop");
        on("docker rm -f foo && weave stop").ok();

        assertThat(on("/opt/weavemesh/current/uninstall.sh").ok().text()).contains("its state stays in /var/lib/weave");

        assertThat(on("ls -A /opt; find /usr/local /run/weave -newer /run/unpacked/older/release -name 'weave*'")
                        .out())
                .isEmpty();
        on("test -s /var/lib/weave/ipam.db && test -s /etc/default/weave && test ! -e /etc/systemd/system/weave.service")
                .ok();
    }

    @Test
    @Order(6)
    void removalWithPurgeLeavesNothing() {
        on(WITHOUT_RECORDING + "older/install.sh").ok();
        assertThat(on("/opt/weavemesh/current/uninstall.sh --purge").ok().text())
                .contains("did not leave by 'weave reset'", "its state from /var/lib/weave");
        assertThat(on("ls -A /opt /etc/default /var/lib/weave | grep -v :")
                        .out()
                        .strip())
                .isEmpty();
    }

    /** In a root of its own, which shows all of the host's and keeps what changes to itself. */
    @Test
    @Order(7)
    void thePackageInstallsAndGoesAsPackagesDo() {
        on("mkdir -p /run/deb/upper /run/deb/work /run/deb/root && cd /run/deb && mount -t overlay overlay"
                        + " -o lowerdir=/,upperdir=upper,workdir=work root && mount --rbind /proc root/proc"
                        + " && mount --rbind /dev root/dev && cp " + LAB.lab().disk(HOST1)
                        + "/weavemesh_*.deb root/weavemesh.deb")
                .ok();
        on(WITHOUT_RECORDING + "chroot /run/deb/root dpkg -i weavemesh.deb").ok();
        assertThat(on(WITHOUT_RECORDING + "chroot /run/deb/root weave version")
                        .ok()
                        .text())
                .isEqualTo("weave " + newVersion());
        String unit = "/usr/lib/systemd/system/weave.service";
        on("cd /run/deb/root && test -s etc/default/weave && grep -q '^ExecStart=/usr/lib/weavemesh/current/weave ' ."
                        + unit)
                .ok();

        on("chroot /run/deb/root dpkg -r weavemesh").ok();
        on("cd /run/deb/root && test -s etc/default/weave && test ! -e usr/bin/weave && test ! -e usr/lib/weavemesh && test ! -e ."
                        + unit)
                .ok();
        on("chroot /run/deb/root dpkg -P weavemesh && test ! -e /run/deb/root/etc/default/weave")
                .ok();
    }

    @Test
    @Order(8)
    void whatIsMadeAgainIsTheSame() throws IOException {
        List<String> files = again.join().ok().lines();
        assertThat(files).hasSize(2);
        for (String file : files) {
            Path second = Path.of(file);
            Path first = LAB.lab().disk(HOST1).resolve(second.getFileName());
            assertThat(Files.mismatch(first, second)).as(file).isEqualTo(-1);
        }
    }
}
