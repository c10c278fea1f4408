package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hosts die, return, die for good and leave; their addresses do what the operator would want. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LostPeersIT {

    private static final List<String> HOSTS = List.of("host1", "host2", "host3");
    private static final List<String> SURVIVORS = List.of("host1", "host2");

    /** The shortest there is; peers that are away for longer lose their free space. */
    private static final String RECLAIM = "--ipalloc-reclaim-after 20s";

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration TAKEN_OVER = Duration.ofSeconds(60);

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(3).forwardDrop();

    private static final AddressSteps STEPS = new AddressSteps(LAB);

    @BeforeAll
    static void launch() {
        STEPS.launch(HOSTS, RECLAIM);
        LAB.on("host1", "weave prime").ok();
    }

    @Test
    @Order(1)
    void theFreeSpaceOfAHostThatIsAwayIsTakenOverAndWhatItUsesStaysItsOwn() {
        STEPS.run("host3", "--net=weave --name keeper").ok();
        List<String> keeper = STEPS.addresses("host3", "keeper");
        long before = owned("host1", "host3");
        assertThat(before).isPositive();

        LAB.lab().crash("host3");
        Duration took = Await.within(
                TAKEN_OVER,
                () -> assertThat(LAB.lab().weaveLog("host1") + LAB.lab().weaveLog("host2"))
                        .contains("Took free space of a peer that is away"));
        Figures.print("free space of a host that is away taken over (--ipalloc-reclaim-after 20s)", took);
        Await.within(SOON, () -> assertThat(owned("host1", "host3")).isLessThan(before));
        for (String host : SURVIVORS) {
            Outcome refused = STEPS.run(host, "--net=weave --ip " + keeper.getFirst());
            assertThat(refused.exit()).isNotZero();
            assertThat(refused.err()).contains("claim " + keeper.getFirst());
        }

        LAB.lab().boot("host3");
        LAB.on("host3", "weave launch " + RECLAIM + " host1 host2").ok();
        LAB.docker("host3", "start keeper").ok();
        List<String> back = STEPS.addresses("host3", "keeper");
        SURVIVORS.forEach(host -> STEPS.run(host, "--net=weave --name other").ok());
        assertThat(List.of(
                        back.getFirst(),
                        STEPS.addresses("host1", "other").getFirst(),
                        STEPS.addresses("host2", "other").getFirst()))
                .doesNotHaveDuplicates();
        Await.within(
                SOON,
                () -> LAB.docker("host1", "exec other ping -c 1 -W 1 " + back.getFirst())
                        .ok());
        ringsAreEqual(HOSTS);
    }

    @Test
    @Order(2)
    void aPeerThatRunsCannotBeRemoved() {
        assertThat(LAB.on("host1", "weave rmpeer host3").failsInOneLine().err())
                .contains("(host3) is running", "weave reset");
    }

    @Test
    @Order(3)
    void aDeadPeerIsRemovedOnTwoHostsAtOnceAndTwice() {
        LAB.lab().crash("host3");
        Await.within(
                SOON,
                () -> assertThat(LAB.on("host1", "weave status ipam").ok().text())
                        .contains("unreachable"));
        List<Supplier<Outcome>> both =
                List.of(() -> LAB.on("host1", "weave rmpeer host3"), () -> LAB.on("host2", "weave rmpeer host3"));
        String tunnelsFrom = "nft list table ip weave-firewall; bridge fdb show dev vxlan-weave | grep dst";
        String host3 = LAB.lab().address("host3");
        SURVIVORS.forEach(host -> assertThat(LAB.on(host, tunnelsFrom).text())
                .as("while it is only away")
                .contains(host3));
        assertThat(AddressSteps.together(both))
                .allSatisfy(outcome -> assertThat(outcome.ok().text()).contains("IPs taken over from"));
        SURVIVORS.forEach(host -> Await.within(
                SOON, () -> assertThat(LAB.on(host, tunnelsFrom).text()).doesNotContain(host3)));
        assertThat(LAB.on("host2", "weave rmpeer host3").ok().text()).contains("0 IPs taken over");
        Await.within(SOON, () -> assertThat(owned("host1", "host3")).isZero());
        ringsAreEqual(SURVIVORS);
        STEPS.run("host1", "--net=weave --rm").ok();
    }

    @Test
    @Order(4)
    void aPeerThatLeavesHandsItsAddressesOver() {
        String before = LAB.on("host2", "weave status ipam").ok().text();
        Outcome reset = LAB.on("host2", "weave reset").ok();
        assertThat(reset.text()).contains("other is out of network weave", "IPs handed over to");
        Await.within(
                SOON,
                () -> assertThat(LAB.on("host1", "weave status ipam").ok().text())
                        .as("before on host2:%n%s%n%s", before, reset)
                        .contains("(host1)", "(100.0% of total)"));
        STEPS.run("host1", "--net=weave --rm").ok();
    }

    /** How many addresses of the default network a host owns, as another sees it. */
    private static long owned(String seenBy, String host) {
        return LAB.on(seenBy, "weave status ipam").ok().lines().stream()
                .takeWhile(line -> !line.isBlank())
                .filter(line -> line.contains("(" + host + ")"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("^\\S+\\s+(\\d+) IPs.*", "$1")))
                .sum();
    }

    private static void ringsAreEqual(List<String> hosts) {
        Await.within(
                SOON,
                () -> assertThat(hosts.stream().map(STEPS::rings).distinct()).hasSize(1));
    }
}
