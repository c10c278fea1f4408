package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.plugin.SimulatedNetworks.Flaw;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Networks of all hosts are defined and removed on any, with everything real but the bus, the time and Docker: messages are
 * lost, repeated, delayed and overtake each other, the network splits, services and Dockers are away for a while, clocks
 * differ, containers hold networks back, people make and remove networks by hand, one host leaves for good. See {@link
 * NetworksSimulation} for what is checked.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class NetworksSimulationTest {

    private static final int HOSTS = 5;
    private static final int SEEDS = 30;

    @Test
    void afterQuietEveryHostHasExactlyTheNetworksThatAreDefined() {
        long first = Long.getLong("seed", 1);
        long last = Long.getLong("seed", SEEDS);
        System.out.println("NetworksSimulationTest: seeds " + first + " to " + last);
        for (long seed = first; seed <= last; seed++) {
            new NetworksSimulation(seed, HOSTS, Flaw.NONE).run();
        }
    }

    /** A broken variant must fail with some seed, or the simulation proves nothing. */
    @ParameterizedTest(name = "{0} is caught")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenVariantIsCaught(Flaw flaw) {
        int caught = 0;
        for (long seed = 1; seed <= 200 && caught == 0; seed++) {
            try {
                new NetworksSimulation(seed, HOSTS, flaw).run();
            } catch (AssertionError expected) {
                caught++;
            }
        }
        assertThat(caught).as("seeds that catch the broken variant").isPositive();
    }
}
