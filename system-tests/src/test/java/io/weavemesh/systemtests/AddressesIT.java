package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.systemtests.DriverCalls.Made;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The promise about addresses: none is ever held twice, none is lost, nobody waits for a dead host. On three hosts with a
 * Docker Engine each.
 *
 * <p>{@code -Dkills=N} kills peers so many times, 20 if not said. {@code -Dreal=N} says how many of the 200 containers of
 * each side of a split are real ones; the others are the very calls Docker makes for one, on the plugin's socket.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AddressesIT {

    private static final List<String> HOSTS = List.of("host1", "host2", "host3");
    private static final List<String> KILLED = List.of("host1", "host2");
    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final int SIDE = 200;
    private static final int REAL = Integer.getInteger("real", 20);

    private static final Duration SOON = Duration.ofSeconds(20);

    /** A minute for Docker to claim an address, half a minute to the next comparison, and some for a busy machine. */
    private static final Duration COMPARED = Duration.ofSeconds(110);

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final AddressSteps STEPS = new AddressSteps(LAB);
    private static final List<String> LOST = new ArrayList<>();

    @BeforeAll
    static void launch() {
        STEPS.launch(HOSTS, "");
        LAB.on("host1", "weave prime").ok();
    }

    @Test
    @Order(1)
    void aPeerKilledBetweenTheDiskAndTheAnswerGivesNothingTwice() {
        STEPS.run("host1", "--net=weave --name keeper1").ok();
        STEPS.run("host2", "--net=weave --name keeper2").ok();
        List<SuddenDeath> deaths = KILLED.stream()
                .map(host -> new SuddenDeath(
                        LAB,
                        host,
                        "weave launch --no-restart " + (host.equals("host1") ? "host2" : "host1") + " host3"))
                .toList();
        List<Supplier<Integer>> strikes = deaths.stream()
                .<Supplier<Integer>>map(death -> () -> {
                    death.strike(KILLS / KILLED.size());
                    return death.kills();
                })
                .toList();
        AddressSteps.together(strikes);
        int kills = deaths.stream().mapToInt(SuddenDeath::kills).sum();
        int lost = deaths.stream().mapToInt(SuddenDeath::lostAnswers).sum();
        deaths.forEach(death -> LOST.add(death.lostAddresses().getLast()));
        Figures.print("peers killed after a write", kills + " times, " + lost + " of them before the answer");
        assertThat(kills).isEqualTo(KILLS);
        assertThat(lost).as("a busy machine may be too slow for some").isGreaterThan(kills / 2);
    }

    @Test
    @Order(2)
    void aSubnetIsOneNetworkOnEveryHost() {
        for (String host : HOSTS) {
            STEPS.createNetwork(
                            host,
                            "--subnet 10.99.0.0/24 --ip-range 10.99.0.128/25 --gateway 10.99.0.254"
                                    + " --aux-address printer=10.99.0.130 shared")
                    .ok();
        }
        STEPS.run("host1", "--net=shared --name one").ok();
        STEPS.run("host2", "--net=shared --name two").ok();
        String one = STEPS.addresses("host1", "one").getFirst();
        String two = STEPS.addresses("host2", "two").getFirst();
        assertThat(List.of(one, two))
                .doesNotHaveDuplicates()
                .allSatisfy(address -> assertThat(Integer.parseInt(address.replace("10.99.0.", "")))
                        .as("within --ip-range")
                        .isBetween(128, 253));
        Await.within(
                SOON,
                () -> LAB.docker("host1", "exec one ping -c 1 -W 1 " + two).ok());
        assertThat(STEPS.rings("host3")).anyMatch(line -> line.startsWith("pool 10.99.0.0/24"));
    }

    @Test
    @Order(3)
    void anAddressThatIsAskedForIsGrantedOrItsHolderIsNamed() {
        STEPS.run("host1", "--net=shared --ip 10.99.0.200 --name chosen").ok();
        assertThat(STEPS.addresses("host1", "chosen")).containsExactly("10.99.0.200");
        String holder = LAB.docker("host1", "inspect -f '{{.NetworkSettings.Networks.shared.EndpointID}}' chosen")
                .ok()
                .text();
        for (String host : HOSTS) {
            Outcome refused = STEPS.run(host, "--net=shared --ip 10.99.0.200");
            assertThat(refused.exit()).isNotZero();
            assertThat(refused.err()).contains("held by endpoint " + holder);
            assertThat(refused.err()).contains(host.equals("host1") ? "on this host" : "(host1)");
        }
        for (String reserved : List.of("10.99.0.254", "10.99.0.130")) {
            assertThat(STEPS.run("host2", "--net=shared --ip " + reserved).err())
                    .contains("claim " + reserved, "held by reserved network");
        }
    }

    @Test
    @Order(4)
    void oneOfTwoThatAskForTheSameAddressAtTheSameTimeGetsIt() {
        for (String address : List.of("10.99.0.210", "10.99.0.211", "10.99.0.212")) {
            List<Supplier<Outcome>> both = List.of(
                    () -> STEPS.run("host2", "--net=shared --ip " + address),
                    () -> STEPS.run("host3", "--net=shared --ip " + address));
            List<Outcome> outcomes = AddressSteps.together(both);
            assertThat(outcomes.stream().filter(outcome -> outcome.exit() == 0))
                    .as("%s", outcomes)
                    .hasSize(1);
        }
    }

    @Test
    @Order(5)
    void networksWithoutASubnetGetDifferentOnesAndOverlapsAreRefused() {
        STEPS.createNetwork("host1", "automatic").ok();
        STEPS.createNetwork("host2", "automatic").ok();
        assertThat(STEPS.pools("host1", "automatic")).isNotEqualTo(STEPS.pools("host2", "automatic"));

        Outcome overlap = STEPS.createNetwork("host3", "--subnet 10.99.0.0/16 overlap");
        assertThat(overlap.exit()).isNotZero();
        assertThat(overlap.err()).contains("10.99.0.0/16 overlaps 10.99.0.0/24");
    }

    @Test
    @Order(6)
    void ipv6IsTheSame() {
        for (String host : HOSTS) {
            STEPS.createNetwork(host, "--ipv6 --subnet 10.98.0.0/24 --subnet fd00:db8:77::/64 both")
                    .ok();
        }
        STEPS.run("host1", "--net=both --name six1").ok();
        STEPS.run("host2", "--net=both --name six2").ok();
        String one = STEPS.addresses("host1", "six1").getLast();
        String two = STEPS.addresses("host2", "six2").getLast();
        assertThat(List.of(one, two)).doesNotHaveDuplicates().allMatch(address -> address.startsWith("fd00:db8:77:"));
        Await.within(
                SOON,
                () -> LAB.docker("host2", "exec six2 ping -6 -c 1 -W 1 " + one).ok());

        STEPS.createNetwork("host1", "--ipv6 six").ok();
        assertThat(STEPS.pools("host1", "six")).containsPattern("fd[0-9a-f]{2}:[0-9a-f:]+/64");
    }

    @Test
    @Order(7)
    void aFullPoolIsAnErrorAtOnce() {
        for (String host : HOSTS) {
            STEPS.createNetwork(host, "--subnet 10.97.0.0/29 --gateway 10.97.0.6 small")
                    .ok();
        }
        DriverCalls calls = new DriverCalls(LAB.lab(), "host1");
        String pool = calls.pool("10.97.0.0/29");
        Set<String> given = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            given.add(DriverCalls.required(calls.requestAddress(pool)).field("Address"));
        }
        assertThat(given).hasSize(5).doesNotContain("10.97.0.0/29", "10.97.0.6/29", "10.97.0.7/29");
        Outcome full = STEPS.run("host2", "--net=small");
        assertThat(full.exit()).isNotZero();
        assertThat(full.err()).contains("no free address in 10.97.0.0/29");
        assertThat(full.took()).isLessThan(Duration.ofSeconds(4));
        given.forEach(address -> DriverCalls.required(calls.releaseAddress(pool, address)));
        STEPS.run("host2", "--net=small --rm").ok();
    }

    @Test
    @Order(8)
    void aRestartedContainerKeepsItsAddresses() {
        for (String container : List.of("chosen", "keeper1")) {
            List<String> before = STEPS.addresses("host1", container);
            LAB.docker("host1", "restart -t 0 " + container).ok();
            assertThat(STEPS.addresses("host1", container)).isEqualTo(before);
        }
    }

    @Test
    @Order(9)
    void aKilledPeerLeavesNothingBehind() {
        KILLED.forEach(host -> Await.within(COMPARED, () -> STEPS.nothingIsLeftOver(host)));
        STEPS.run("host3", "--net=weave --name far").ok();
        for (int i = 0; i < KILLED.size(); i++) {
            String host = KILLED.get(i);
            String address = LOST.get(i);
            STEPS.run(host, "--net=weave --name heir --ip " + address).ok();
            Await.within(
                    SOON,
                    () -> LAB.docker("host3", "exec far ping -c 1 -W 1 " + address)
                            .ok());
        }
        Await.within(
                SOON,
                () -> assertThat(STEPS.run("host3", "--net=shared --ip 10.99.0.200")
                                .err())
                        .as("peers know the names of containers, too")
                        .contains("(chosen)", "(host1)"));
    }

    @Test
    @Order(10)
    void bothSidesOfASplitGiveAddressesAndNoneTwice() {
        LAB.lab().cut("host1");
        for (String host : HOSTS) {
            Await.within(
                    SOON,
                    () -> assertThat(LAB.on(host, "weave status connections")
                                    .ok()
                                    .lines())
                            .filteredOn(line -> line.contains("established"))
                            .hasSize(host.equals("host1") ? 0 : 1));
        }
        // The calls come last: a peer gives back what Docker does not know after a minute.
        Duration begin = Duration.ofNanos(System.nanoTime());
        List<Supplier<List<String>>> containers = List.of(
                () -> realContainers("host1", REAL),
                () -> realContainers("host2", REAL / 2),
                () -> realContainers("host3", REAL - REAL / 2));
        List<String> real =
                AddressSteps.together(containers).stream().flatMap(List::stream).toList();
        Duration middle = Duration.ofNanos(System.nanoTime());
        int rest = SIDE - REAL;
        List<Supplier<List<String>>> calls = List.of(
                () -> calledContainers("host1", rest),
                () -> calledContainers("host2", rest / 2),
                () -> calledContainers("host3", rest - rest / 2));
        List<String> called =
                AddressSteps.together(calls).stream().flatMap(List::stream).toList();
        Figures.print(2 * REAL + " containers on both sides of a split", middle.minus(begin));
        Figures.print(
                2 * rest + " more by calls", Duration.ofNanos(System.nanoTime()).minus(middle));
        LAB.lab().heal("host1");

        List<String> all = new ArrayList<>(called);
        all.addAll(real);
        HOSTS.forEach(host -> STEPS.dockersEndpoints(host).values().stream()
                .flatMap(List::stream)
                .filter(address -> address.endsWith("/12") && !real.contains(address))
                .forEach(all::add));
        assertThat(all).hasSizeGreaterThanOrEqualTo(2 * SIDE).doesNotHaveDuplicates();
        Await.within(
                SOON,
                () -> assertThat(HOSTS.stream().map(STEPS::rings).distinct()).hasSize(1));
        assertThat(STEPS.rings("host1")).noneMatch(line -> line.contains("conflict"));
    }

    private static List<String> realContainers(String host, int number) {
        LAB.on(
                        host,
                        "seq " + number + " | xargs -P 4 -I{} docker run -d --net=weave --name split{} --label split"
                                + " busybox sleep 3600",
                        Duration.ofMinutes(10))
                .ok();
        return IntStream.rangeClosed(1, number)
                .mapToObj(i -> STEPS.addresses(host, "split" + i).getFirst() + "/12")
                .toList();
    }

    private static List<String> calledContainers(String host, int number) {
        DriverCalls calls = new DriverCalls(LAB.lab(), host);
        String network = STEPS.networkId(host, "weave");
        String pool = calls.pool("10.32.0.0/12");
        List<Supplier<Made>> all = new ArrayList<>();
        IntStream.range(0, number).forEach(i -> all.add(() -> calls.make(network, pool)));
        return AddressSteps.together(all).stream().map(Made::address).toList();
    }
}
