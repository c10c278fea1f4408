package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Power cuts of a host whose containers have {@code --restart always}: all are back on their network by themselves, whether
 * the peer starts before Docker, as its unit of systemd has it, or after it. {@code -Dboot.containers=30} for more of them.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BootIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final int CONTAINERS = Integer.getInteger("boot.containers", 6);
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Docker waits at least 15 s for a driver that is not there. */
    private static final Duration NO_DRIVER = Duration.ofSeconds(10);

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    /** Starts the peer as systemd does, and prints what it was told, one line each, until Docker may start. */
    private static final String AS_SYSTEMD = "import os,socket,subprocess,time\n"
            + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind('/run/notify'); s.settimeout(30)\n"
            + "begin=time.time()\n"
            + "subprocess.Popen(['weave','launch','--foreground','--resume'],start_new_session=True,"
            + "env=dict(os.environ,NOTIFY_SOCKET='/run/notify',WATCHDOG_USEC='30000000'),stdin=subprocess.DEVNULL,"
            + "stdout=open('/var/lib/weave/foreground.log','a'),stderr=subprocess.STDOUT)\n"
            + "while 'READY=1' not in s.recv(1000).decode().split('\\n'): pass\n"
            + "print(int((time.time()-begin)*1000))\n"
            + "assert all(os.path.exists('/run/docker/plugins/%s.sock'%n) for n in ('weave','weavemesh'))\n"
            + "while 'WATCHDOG=1' not in s.recv(1000).decode(): pass\n";

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        LAB.docker(HOST2, "network create plain").ok();
        LAB.docker(HOST2, "network rm weave").ok(); // What a dockerd without us has to do.
        for (int i = 1; i <= CONTAINERS; i++) {
            run(HOST1, "weave", i);
            run(HOST2, "plain", i);
        }
        LAB.on(HOST2, "weave stop").ok();
    }

    private static void run(String host, String network, int i) {
        LAB.docker(host, "run -d --restart always --net=" + network + " --name c" + i + " busybox sleep 100000")
                .ok();
    }

    @Test
    @Order(1)
    void thePeerFirstAndThenDocker() {
        List<String> before = new ArrayList<>(addresses().values());
        LAB.lab().crash(HOST2);
        LAB.lab().bootWithoutDocker(HOST2);
        Duration plain = LAB.lab().startDocker(HOST2);
        assertThat(running(HOST2)).isEqualTo(CONTAINERS);
        LAB.lab().crash(HOST1);
        LAB.lab().bootWithoutDocker(HOST1);

        String ready = LAB.on(HOST1, "python3 -c \"" + AS_SYSTEMD + "\"").ok().text();
        Duration took = LAB.lab().startDocker(HOST1);

        Figures.print("boot: from the peer's start until Docker may start", ready + " ms");
        Figures.print("boot: dockerd with " + CONTAINERS + " containers on a bridge of its own", plain);
        Figures.print("boot: dockerd with " + CONTAINERS + " containers on weave", took);
        assertThat(took).isLessThan(plain.plus(NO_DRIVER));
        allAreBack(before);
    }

    @Test
    @Order(2)
    void dockerFirstAndThenThePeer() {
        List<String> before = new ArrayList<>(addresses().values());
        LAB.lab().crash(HOST1);
        LAB.lab().bootWithoutDocker(HOST1);
        int searched = searches();
        CompletableFuture<Duration> docker =
                CompletableFuture.supplyAsync(() -> LAB.lab().startDocker(HOST1), Thread::startVirtualThread);
        Await.within(SOON, () -> assertThat(searches()).isGreaterThan(searched));

        LAB.on(HOST1, "weave launch --resume").ok();

        Figures.print("boot: dockerd that had to wait for the peer", docker.join());
        allAreBack(before);
    }

    /** How often dockerd has looked for a driver in vain. */
    private static int searches() {
        return LAB.lab().dockerLog(HOST1).split("Unable to locate plugin", -1).length - 1;
    }

    /** Engines before 29 do not say who asks for an address, so it may be another one of the same. */
    private static void allAreBack(List<String> before) {
        Await.within(SOON, () -> assertThat(running(HOST1)).isEqualTo(CONTAINERS));
        Map<String, String> after = addresses();
        assertThat(after.values()).containsExactlyInAnyOrderElementsOf(before);
        String resolver = LAB.on(HOST1, "weave docker-bridge-ip").ok().text();
        after.forEach((name, address) -> Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "dig +short +tries=1 +time=2 @" + resolver + " " + name + ".weave.local")
                                .ok()
                                .text())
                        .as(name)
                        .isEqualTo(address)));
        SESSION.in(HOST1, "c1", "ping -c 1 -W 1 " + after.get("c" + CONTAINERS)).ok();
        assertThat(LAB.on(HOST1, "ip -o link | grep -c vethwl").text()).isEqualTo(Integer.toString(CONTAINERS));
    }

    private static int running(String host) {
        return LAB.docker(host, "ps -q").ok().lines().size();
    }

    private static Map<String, String> addresses() {
        Map<String, String> addresses = new TreeMap<>();
        LAB.docker(HOST1, "inspect -f '{{.Name}} {{.NetworkSettings.Networks.weave.IPAddress}}' $(docker ps -q)")
                .ok()
                .lines()
                .forEach(line -> addresses.put(line.substring(1).split(" ", -1)[0], line.split(" ", -1)[1]));
        return addresses;
    }
}
