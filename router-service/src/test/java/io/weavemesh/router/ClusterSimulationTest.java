package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.SimulatedHost.Flaw;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A hundred hosts whose containers come and go, with everything real but the bus, the kernel and the time: messages are
 * lost, repeated, delayed and overtake each other, the network splits, routers and hosts restart, hosts get other addresses
 * and some leave for good. See {@link ClusterSimulation} for what is checked.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}; {@code -Dsimulation.seeds=N} runs more of them,
 * {@code -Dsimulation.steps=N} longer lives.
 */
class ClusterSimulationTest {

    private static final int HOSTS = 100;

    @Test
    void afterQuietEveryKernelHoldsExactlyTheEndpointsThereAre() {
        long first = Long.getLong("seed", 1);
        long last = Long.getLong("seed", Integer.getInteger("simulation.seeds", 1));
        int steps = Integer.getInteger("simulation.steps", 150);
        System.out.println("ClusterSimulationTest: seeds " + first + " to " + last);
        for (long seed = first; seed <= last; seed++) {
            new ClusterSimulation(seed, HOSTS, steps, Flaw.NONE).run();
        }
    }

    /** Small clusters meet more of what is rare: two hosts, one of which restarts while the other is cut off. */
    @Test
    void soDoThoseOfFewHosts() {
        long first = Long.getLong("seed", 1_000);
        long last = Long.getLong("seed", 999L + Integer.getInteger("simulation.small.seeds", 60));
        System.out.println("ClusterSimulationTest: seeds " + first + " to " + last + " with few hosts");
        for (long seed = first; seed <= last; seed++) {
            new ClusterSimulation(seed, 2 + (int) (seed % 5), 150, Flaw.NONE).run();
        }
    }

    /** A broken variant must fail with some seed, or the simulation proves nothing. */
    @ParameterizedTest(name = "{0} is caught")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenVariantIsCaught(Flaw flaw) {
        int caught = 0;
        for (long seed = 1; seed <= 20 && caught == 0; seed++) {
            try {
                new ClusterSimulation(seed, 6, 150, flaw).run();
            } catch (AssertionError expected) {
                caught++;
            }
        }
        assertThat(caught).as("seeds that catch the broken variant").isPositive();
    }
}
