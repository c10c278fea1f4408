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
 * Many containers one after the other, and at once on two hosts: no command fails, and afterwards nothing is left of them, in
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

    /** Live objects: tables of a cluster's addresses have grown, caches are filled. */
    private static final int HEAP_SLACK_KB = 8 * 1024;

    /** All other memory: compiled code and the allocator's reserves go on filling for a while, up to their limits. */
    private static final int OUTSIDE_SLACK_KB = 32 * 1024;

    private static final SessionSteps SESSION = new SessionSteps(LAB);

    /** Makes the peer throw away what is dead, and says what is left and what the heap takes; then what the process takes. */
    private static final String MEMORY = "p=$(cat /run/weave/weave.pid); j=" + System.getProperty("java.home")
            + "/bin/jcmd; $j $p GC.run >/dev/null; $j $p GC.heap_info | awk '{gsub(/[K,]/, \"\")}"
            + " $2 == \"total\" {used += $5; all += $3} END {print used; print all}';"
            + " awk '/^(VmRSS|Threads):/ {print $2}' /proc/$p/status;";

    /**
     * What a peer and its containers have of a host.
     *
     * @param heapKb in live objects
     * @param outsideKb of its memory, without the heap
     */
    private record Use(int heapKb, int outsideKb, int threads, int files, int veths, int endpoints, int addresses) {}

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        HOSTS.forEach(host -> cycles(host, 3)); // What every host needs once.
    }

    @Test
    @Order(1)
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

    @Test
    @Order(2)
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
        Stream.of(1, CONTAINERS).distinct().forEach(i -> {
            String other = SESSION.address(HOST2, "host2-" + i);
            SESSION.in(HOST1, "host1-" + i, "ping -c 1 -W 2 " + other).ok();
            Await.within(
                    SOON,
                    () -> assertThat(SESSION.dig("host1-" + i + ".weave.local"))
                            .isEqualTo(SESSION.address(HOST1, "host1-" + i)));
        });

        long begin = System.nanoTime();
        onBoth("docker ps -aq | xargs -P 20 -n 5 docker rm -f 2>&1 >/dev/null", BURST_LIMIT.multipliedBy(2));
        Figures.print(
                "load: " + CONTAINERS + " containers on each of two hosts removed",
                Duration.ofNanos(System.nanoTime() - begin));
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
            assertThat(now.heapKb())
                    .as("KB of live objects of %s", host)
                    .isLessThanOrEqualTo(then.heapKb() + HEAP_SLACK_KB);
            assertThat(now.outsideKb())
                    .as("KB outside the heap of %s", host)
                    .isLessThanOrEqualTo(then.outsideKb() + OUTSIDE_SLACK_KB);
            assertThat(LAB.on(host, "weave status dns").ok().text()).as("names").doesNotContain("host1-", "host2-");
        }
        assertThat(LAB.on(HOST1, "docker network inspect -f '{{len .Containers}}' weave")
                        .ok()
                        .text())
                .isEqualTo("0");
    }

    private static Use use(String host) {
        List<Integer> figures = LAB
                .on(
                        host,
                        MEMORY + " ls /proc/$p/fd | wc -l; ip -o link | grep -c veth;"
                                + " weave ps | grep -vc weave:expose; curl -s 127.0.0.1:6784/ip | grep -o '/12' | wc -l")
                .lines()
                .stream()
                .map(line -> Integer.valueOf(line.strip()))
                .toList();
        assertThat(figures).as("figures of %s", host).hasSize(8);
        return new Use(
                figures.get(0),
                figures.get(2) - figures.get(1),
                figures.get(3),
                figures.get(4),
                figures.get(5),
                figures.get(6),
                figures.get(7));
    }
}
