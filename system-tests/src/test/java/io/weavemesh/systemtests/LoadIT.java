package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many containers at once on two hosts, and one after the other: no command fails, and afterwards nothing is left of them, in
 * the kernel, in the tables, and in the peer's process. Small by default; {@code -Dload.burst=100} containers are started at
 * once on each host until it has {@code -Dload.containers=200}, and {@code -Dload.cycles=500} come and go one by one.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LoadIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final int BURST = Integer.getInteger("load.burst", 8);
    private static final int CONTAINERS = Integer.getInteger("load.containers", BURST);
    private static final int CYCLES = Integer.getInteger("load.cycles", 10);
    private static final List<String> HOSTS = List.of(HOST1, HOST2);

    /** A start costs Docker about half a second of a processor, of which tests may have a tenth. */
    private static final Duration BURST_LIMIT = Duration.ofSeconds(60 + 5L * BURST);

    /** The reconciler's period and more. */
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Threads and files of pools that are made when they are first needed; a leak would be one for each container. */
    private static final int SLACK = Math.max(8, CYCLES / 20);

    /** The heap, caches and compiled code fill in the first minutes; a leak of 100 KB for each container is more. */
    private static final int SLACK_KB = 32 * 1024 + 20 * CYCLES;

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    /** What a peer and its containers have of a host. */
    private record Use(int memoryKb, int threads, int files, int veths, int endpoints, int addresses) {}

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        HOSTS.forEach(host -> cycles(host, 3)); // What every host needs once.
    }

    @Test
    @Order(1)
    void manyContainersAtOnceOnBothHosts() {
        List<Use> before = HOSTS.stream().map(LoadIT::use).toList();
        for (int started = 0; started < CONTAINERS; started += BURST) {
            int first = started + 1;
            int last = Math.min(CONTAINERS, started + BURST);
            long begin = System.nanoTime();
            onBoth(
                    "for i in $(seq " + first + " " + last + "); do docker run -d --net=weave --name $(hostname)-$i"
                            + " busybox sleep 100000 2>&1 >/dev/null & done; wait",
                    BURST_LIMIT);
            Figures.print(
                    "load: " + (last - first + 1) + " containers at once on each of two hosts, beside " + started,
                    Duration.ofNanos(System.nanoTime() - begin));
        }
        Set<String> addresses = new HashSet<>();
        for (String host : HOSTS) {
            List<String> given = LAB.docker(
                            host, "inspect -f '{{.NetworkSettings.Networks.weave.IPAddress}}' $(docker ps -q)")
                    .ok()
                    .lines();
            assertThat(given).hasSize(CONTAINERS).doesNotContain("");
            addresses.addAll(given);
            Use use = use(host);
            assertThat(use.endpoints()).isEqualTo(CONTAINERS);
            assertThat(use.addresses()).isEqualTo(CONTAINERS);
        }
        assertThat(addresses).as("no address twice").hasSize(2 * CONTAINERS);
        Stream.of(1, (CONTAINERS + 1) / 2, CONTAINERS).distinct().forEach(i -> {
            String other = SESSION.address(HOST2, "host2-" + i);
            SESSION.in(HOST1, "host1-" + i, "ping -c 1 -W 2 " + other).ok();
            Await.within(SOON, () -> assertThat(SESSION.dig("host1-" + i + ".weave.local"))
                    .isEqualTo(SESSION.address(HOST1, "host1-" + i)));
        });

        long begin = System.nanoTime();
        onBoth("docker ps -aq | xargs -P 20 -n 5 docker rm -f 2>&1 >/dev/null", BURST_LIMIT.multipliedBy(2));
        Figures.print(
                "load: " + CONTAINERS + " containers on each of two hosts removed",
                Duration.ofNanos(System.nanoTime() - begin));
        nothingIsLeft(before);
    }

    @Test
    @Order(2)
    void containersThatComeAndGoLeaveNothingBehind() {
        int half = CYCLES / 2;
        cycles(HOST1, half);
        List<Use> before = HOSTS.stream().map(LoadIT::use).toList();
        long begin = System.nanoTime();
        cycles(HOST1, CYCLES - half);
        Figures.print(
                "load: a container's run on weave, one after the other",
                Duration.ofNanos(System.nanoTime() - begin).dividedBy(CYCLES - half));
        nothingIsLeft(before);
    }

    private static void cycles(String host, int count) {
        Outcome outcome = LAB.on(
                host,
                "for i in $(seq " + count + "); do docker run --rm --net=weave busybox true 2>&1 || echo failed; done",
                Duration.ofSeconds(60 + 5L * count));
        assertThat(outcome.ok().text()).as("errors").isEmpty();
    }

    /** Both at the same time; what is printed is an error. */
    private static void onBoth(String line, Duration limit) {
        List<CompletableFuture<Outcome>> outcomes = HOSTS.stream()
                .map(host -> CompletableFuture.supplyAsync(() -> LAB.on(host, line, limit), Thread::startVirtualThread))
                .toList();
        outcomes.forEach(
                outcome -> assertThat(outcome.join().ok().text()).as("errors").isEmpty());
    }

    private static void nothingIsLeft(List<Use> before) {
        for (int i = 0; i < HOSTS.size(); i++) {
            String host = HOSTS.get(i);
            Use then = before.get(i);
            Await.within(SOON, () -> {
                Use now = use(host);
                assertThat(now.veths()).as("veths of %s", host).isEqualTo(then.veths());
                assertThat(now.endpoints()).as("endpoints of %s", host).isZero();
                assertThat(now.addresses()).as("addresses of %s", host).isZero();
                assertThat(now.threads()).as("threads of %s", host).isLessThanOrEqualTo(then.threads() + SLACK);
                assertThat(now.files()).as("open files of %s", host).isLessThanOrEqualTo(then.files() + SLACK);
            });
            Use now = use(host);
            Figures.print("load: the peer of " + host + " before", then.toString());
            Figures.print("load: the peer of " + host + " after", now.toString());
            assertThat(now.memoryKb())
                    .as("KB in memory of the peer of %s", host)
                    .isLessThanOrEqualTo(then.memoryKb() + SLACK_KB);
            assertThat(LAB.on(host, "weave status dns").ok().text())
                    .as("names")
                    .doesNotContain("host1-", "host2-");
        }
        assertThat(LAB.on(HOST1, "docker network inspect -f '{{len .Containers}}' weave")
                        .ok()
                        .text())
                .isEqualTo("0");
    }

    private static Use use(String host) {
        List<String> numbers = LAB.on(
                        host,
                        "p=$(cat /run/weave/weave.pid); awk '/^(VmRSS|Threads):/ {print $2}' /proc/$p/status;"
                                + " ls /proc/$p/fd | wc -l; ip -o link | grep -c veth;"
                                + " weave ps | grep -vc weave:expose; curl -s 127.0.0.1:6784/ip | grep -o '/12' | wc -l")
                .lines();
        List<Integer> values = numbers.stream().map(String::strip).map(Integer::valueOf).toList();
        assertThat(values).as("figures of %s", host).hasSize(6);
        return new Use(values.get(0), values.get(1), values.get(2), values.get(3), values.get(4), values.get(5));
    }
}
