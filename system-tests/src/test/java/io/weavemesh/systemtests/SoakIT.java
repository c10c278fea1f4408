package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Round after round something is killed while containers come and go on two hosts, and nothing may be left of it: no
 * container that is stuck, no interface, no address that leaked or is held twice, no stale name; and dockerd answers.
 *
 * <p>{@code -Dsoak.rounds=N} rounds, 5 if not said; {@code -Dseed=N} draws them again as a run with that seed did, and
 * {@code -Dsoak.first=N} begins with a later round of it. What happens at the same time in a round may end otherwise.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SoakIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int FIRST = Integer.getInteger("soak.first", 1);
    private static final int ROUNDS = Integer.getInteger("soak.rounds", 5);
    private static final List<String> HOSTS = List.of(HOST1, HOST2);
    private static final SoakSteps STEPS = new SoakSteps(LAB);

    @BeforeAll
    static void launch() {
        System.out.println("SoakIT seed=" + SEED + " rounds=" + ROUNDS + " first=" + FIRST);
        new AddressSteps(LAB).launch(HOSTS, "");
        STEPS.prepare();
    }

    /** Seeds that follow each other share no round. */
    private static Random random(int number) {
        return new Random(SEED * 1_000_003 + number);
    }

    @Test
    @Order(1)
    void nothingThatIsKilledLeavesAnythingBehind() {
        long begin = System.nanoTime();
        for (int number = FIRST; number < FIRST + ROUNDS; number++) {
            SoakRound round = STEPS.draw(random(number));
            System.out.println("soak " + LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS)
                    + " round " + number + ": " + round);
            try {
                STEPS.play(round);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "seed " + SEED + ", round " + number + ", " + round + ": " + e.getMessage(), e);
            }
        }
        Figures.print(
                "soak: a round, mean of " + ROUNDS,
                Duration.ofNanos(System.nanoTime() - begin).dividedBy(ROUNDS));
    }

    @Test
    @Order(2)
    void whatACallThatWasCutShortLeftIsPutRight() {
        Figures.print("soak: all is put right after the last round", Await.within(SoakSteps.REPAIRED, () -> {
            STEPS.look();
            assertThat(STEPS.leftovers()).isEmpty();
        }));
        STEPS.nothingWasSeenThatMustNeverBe();
    }

    @Test
    @Order(3)
    void allOfItCanBeRemoved() {
        for (String host : HOSTS) {
            LAB.on(host, "docker ps -aq | xargs -r docker rm -f && docker network rm soak")
                    .ok();
        }
        Await.within(SoakSteps.REPAIRED, () -> {
            STEPS.look();
            assertThat(STEPS.leftovers()).isEmpty();
            for (HostState state : STEPS.states()) {
                assertThat(state.interfaces())
                        .as("interfaces on %s", state.host())
                        .isEmpty();
                assertThat(state.given()).as("addresses on %s", state.host()).isEmpty();
                assertThat(state.names()).as("names on %s", state.host()).isEmpty();
            }
        });
    }
}
