package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A peer that is killed comes back by itself, before anybody who works with Docker notices. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SupervisionIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    /** What is promised, with room for a machine that does other things: see the figures printed. */
    private static final Duration SOCKETS = Duration.ofSeconds(5);

    /** Docker's own pause after a first refusal is one second, after a second one two. */
    private static final Duration COMMAND = Duration.ofSeconds(10);

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final SessionSteps SESSION = new SessionSteps(LAB);

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST2, "bar");
    }

    @Test
    @Order(1)
    void itsSocketsAnswerAgainByThemselves() {
        kill();
        Figures.print("kill -9 of the peer until both sockets answer", Await.within(SOCKETS, () -> {
            answers("weave");
            answers("weavemesh");
        }));
        awaitReady();
        assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("Supervisor: ", "1 time", "after signal 9");
        assertThat(LAB.on(HOST1, "weave logs -n 200").ok().text())
                .contains("Peer ended without being told to; starting it again. status=137 restarts=1");
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + SESSION.address(HOST1, "foo"))
                .ok();
        Await.within(SOON, () -> assertThat(SESSION.dig("foo.weave.local")).isEqualTo(SESSION.address(HOST1, "foo")));
    }

    @Test
    @Order(2)
    void dockersCommandsThatAreGivenMeanwhileSucceed() {
        LAB.docker(HOST1, "network create -d weave --ipam-driver weave --subnet 10.5.0.0/24 spare")
                .ok();
        SESSION.start(HOST1, "brief");
        List<String> commands = List.of(
                "run --rm --net=weave --name meanwhile busybox true",
                "stop -t 0 brief",
                "network rm spare",
                "network create -d weave --ipam-driver weave --subnet 10.6.0.0/24 other");
        kill();
        List<CompletableFuture<Outcome>> given = commands.stream()
                .map(command ->
                        CompletableFuture.supplyAsync(() -> LAB.docker(HOST1, command), Thread::startVirtualThread))
                .toList();
        for (CompletableFuture<Outcome> one : given) {
            Outcome outcome = one.join().ok();
            assertThat(outcome.took()).as(outcome.toString()).isLessThan(COMMAND);
            Figures.print(
                    "meanwhile: docker " + outcome.command().replaceAll("docker | --.*| -d .*", ""), outcome.took());
        }
        awaitReady();
        LAB.docker(HOST1, "rm brief").ok();
        LAB.docker(HOST1, "network rm other").ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave ps").ok().text())
                        .contains(SESSION.address(HOST1, "foo"))
                        .hasLineCount(2));
    }

    @Test
    @Order(3)
    void aSupervisorThatIsKilledIsReplacedAndTheNewOneDoesItsWork() {
        LAB.on(HOST1, "kill -9 $(sed -n s/^pid=//p /run/weave/weave.supervisor)")
                .ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "weave status").ok().text())
                        .contains("Supervisor: process " + supervisor() + ","));
        kill();
        awaitReady();
        assertThat(LAB.on(HOST1, "weave launch host2").failsInOneLine().err()).contains("already running");
    }

    @Test
    @Order(4)
    void theSupervisorCostsNextToNothing() {
        String kilobytes = LAB.on(HOST1, "awk '/^Pss:/ { print $2 }' /proc/" + supervisor() + "/smaps_rollup")
                .ok()
                .text();
        Figures.print("memory of the supervisor (PSS)", kilobytes + " kB");
        assertThat(Integer.parseInt(kilobytes)).isLessThan(2_000);
    }

    @Test
    @Order(5)
    void aPeerThatIsStoppedStaysStopped() {
        String supervisor = supervisor();
        assertThat(LAB.on(HOST1, "weave stop").ok().text())
                .contains("network weave stays, it is used by foo", "when-docker-waits.md");
        for (String command : List.of("ps", "info", "network ls", "inspect foo", "exec foo true")) {
            assertThat(LAB.docker(HOST1, command).ok().took()).as(command).isLessThan(Duration.ofSeconds(2));
        }
        LAB.on(HOST1, "! kill -0 " + supervisor + " 2>/dev/null && ! ls /run/weave/weave.*")
                .ok();
        assertThat(LAB.on(HOST1, "weave status").failsInOneLine().err()).contains("not running");
    }

    @Test
    @Order(6)
    void aLaunchThatIsRefusedIsNotRepeated() {
        LAB.on(HOST1, "weave launch --port 99999 host2").failsInOneLine();
        LAB.on(HOST1, "weave launch --http-addr 192.0.2.1:1 host2").failsInOneLine();
        Await.within(SOON, () -> LAB.on(HOST1, "! pgrep -f [s]upervise").ok());
        LAB.on(HOST1, "weave launch host2").ok();
    }

    @Test
    @Order(7)
    void aPeerThatKeepsCrashingIsSaidToAndALaunchTakesOver() {
        // Its own store is the one thing it cannot start without.
        LAB.on(HOST1, "mv /var/lib/weave/plugin.db /var/lib/weave/plugin.kept; mkdir /var/lib/weave/plugin.db")
                .ok();
        LAB.on(HOST1, "kill -9 $(cat /run/weave/weave.pid)").ok();
        Await.within(
                Duration.ofSeconds(30),
                () -> assertThat(LAB.on(HOST1, "weave status").failsInOneLine().err())
                        .contains("being started", "exit status 1", "because it keeps crashing", "weave logs"));
        LAB.on(HOST1, "rmdir /var/lib/weave/plugin.db; mv /var/lib/weave/plugin.kept /var/lib/weave/plugin.db")
                .ok();
        LAB.on(HOST1, "weave launch host2").ok();
        assertThat(LAB.on(HOST1, "weave status").ok().text()).contains("no restart since the launch");
    }

    @Test
    @Order(8)
    void aResetLeavesNoSupervisor() {
        LAB.on(HOST1, "weave reset --force").ok();
        LAB.on(HOST1, "! pgrep -f [s]upervise && ! ls /run/weave/weave.*").ok();
    }

    @Test
    @Order(9)
    void aPeerThatMayNotAskDockerServesItAllTheSame() {
        String docker = "DOCKER_HOST=unix:///run/docker.hidden docker ";
        LAB.on(HOST1, "mv /run/docker.sock /run/docker.hidden").ok();
        assertThat(LAB.on(HOST1, "weave launch --no-docker-api host2").ok().text())
                .contains("docker network create -d weavemesh");
        LAB.on(
                        HOST1,
                        docker + "network create -d weavemesh --ipam-driver weavemesh --subnet 10.32.0.0/12 weave && "
                                + docker + "run -d --net=weave --name quiet busybox sleep 1000")
                .ok();
        LAB.on(HOST1, docker + "exec quiet ping -c 1 -W 2 " + SESSION.address(HOST2, "bar"))
                .ok();
        assertThat(LAB.on(HOST1, "weave attach quiet").failsInOneLine().err()).contains("--no-docker-api");
        LAB.on(
                        HOST1,
                        docker + "rm -f quiet && " + docker
                                + "network rm weave && mv /run/docker.hidden /run/docker.sock")
                .ok();
        assertThat(LAB.on(HOST1, "ip -o link").ok().text()).doesNotContain("vethwl");
    }

    private static void kill() {
        ProcessHandle peer = LAB.lab().peer(HOST1);
        peer.destroyForcibly();
        peer.onExit().join();
    }

    private static void awaitReady() {
        Await.within(
                SOON,
                () -> LAB.on(HOST1, "kill -0 $(cat /run/weave/weave.pid) && test -e /run/weave/weave.ready")
                        .ok());
    }

    private static String supervisor() {
        return LAB.on(HOST1, "sed -n s/^pid=//p /run/weave/weave.supervisor")
                .ok()
                .text();
    }

    private static void answers(String driver) {
        Path socket = LAB.lab().inside(HOST1, "/run/docker/plugins/" + driver + ".sock");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap("POST /Plugin.Activate HTTP/1.1\r\nHost: plugin\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1024);
            channel.read(answer);
            assertThat(new String(answer.array(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200");
        } catch (IOException e) {
            throw new AssertionError("no answer on " + socket + ": " + e.getMessage(), e);
        }
    }
}
