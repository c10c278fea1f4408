package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.SimulatedPeer.Flaw;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thirty peers whose containers come and go, with everything real but the bus and the time: messages are lost, repeated,
 * delayed and overtake each other, the network splits, Docker's events are missed, services and hosts restart, some peers
 * leave for good. See {@link NamesSimulation} for what is checked.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class NamesSimulationTest {

    private static final int PEERS = 30;
    private static final int SEEDS = 12;

    @Test
    void afterQuietEveryLiveNameResolvesEverywhereAndNoDeadOneDoes() {
        long first = Long.getLong("seed", 1);
        long last = Long.getLong("seed", SEEDS);
        System.out.println("NamesSimulationTest: seeds " + first + " to " + last);
        for (long seed = first; seed <= last; seed++) {
            new NamesSimulation(seed, PEERS, Flaw.NONE).run();
        }
    }

    /** A broken variant must fail with some seed, or the simulation proves nothing. */
    @ParameterizedTest(name = "{0} is caught")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenVariantIsCaught(Flaw flaw) {
        int caught = 0;
        for (long seed = 1; seed <= 20 && caught == 0; seed++) {
            try {
                new NamesSimulation(seed, 6, flaw).run();
            } catch (AssertionError expected) {
                caught++;
            }
        }
        assertThat(caught).as("seeds that catch the broken variant").isPositive();
    }
}
