package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.PathProbes.Probe;
import io.weavemesh.router.PathProbes.Verdict;
import io.weavemesh.router.PathProbes.Verdict.Carries;
import io.weavemesh.router.PathProbes.Verdict.TooNarrow;
import io.weavemesh.router.PathProbes.Verdict.Unknown;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Paths that carry what they do, and what is found out about them. */
class PathProbesTest {

    private final AtomicLong tokens = new AtomicLong();
    private final PathProbes probes = new PathProbes(tokens::incrementAndGet);
    private long now;
    private int sent;

    @Test
    void aPathThatCarriesEverythingIsTestedWithOneDatagramAMinute() {
        probes.follow(List.of(World.beta()), 1500);
        pass(300_000, probe -> probe.bytes() <= 1500);
        assertThat(verdict()).isEqualTo(new Carries(1500));
        assertThat(sent).isEqualTo(5);
    }

    @Test
    void theLargestPacketThatPassesIsFoundWhateverItIs() {
        for (int limit : List.of(576, 577, 1280, 1400, 1420, 1476, 1492, 1499)) {
            PathProbes fresh = new PathProbes(tokens::incrementAndGet);
            fresh.follow(List.of(World.beta()), 1500);
            pass(fresh, 59_000, probe -> probe.bytes() <= limit);
            assertThat(fresh.verdicts().get(World.BETA)).isInstanceOfSatisfying(TooNarrow.class, narrow -> {
                assertThat(narrow.lost()).isEqualTo(1500);
                assertThat(narrow.passing()).isBetween(limit - PathProbes.PRECISION, limit);
            });
        }
    }

    @Test
    void aPeerThatAnswersNothingIsNotBlamedOnThePathAndAskedLessAndLess() {
        probes.follow(List.of(World.beta()), 1500);
        pass(600_000, _ -> false);
        assertThat(verdict()).isEqualTo(new Unknown());
        assertThat(sent)
                .as("three of the largest and three of the smallest in each of about 14 rounds")
                .isBetween(13 * 2 * PathProbes.ATTEMPTS, 15 * 2 * PathProbes.ATTEMPTS);
    }

    @Test
    void aPeerThatIsStillStartingIsTestedAsSoonAsItAnswers() {
        probes.follow(List.of(World.beta()), 1500);
        pass(15_000, _ -> false);
        pass(10_000, _ -> true);
        assertThat(verdict()).isEqualTo(new Carries(1500));
    }

    @Test
    void aPeerThatStartsInTheMiddleOfARoundIsNotBlamedEither() {
        for (long start = 0; start < 10_000; start += 100) {
            PathProbes fresh = new PathProbes(tokens::incrementAndGet);
            fresh.follow(List.of(World.beta()), 1500);
            pass(fresh, start, _ -> false);
            for (int i = 0; i < 100; i++) {
                pass(fresh, 250, _ -> true);
                assertThat(fresh.verdicts().get(World.BETA)).isNotInstanceOf(TooNarrow.class);
            }
            assertThat(fresh.verdicts().get(World.BETA)).isEqualTo(new Carries(1500));
        }
    }

    @Test
    void aPathThatIsRepairedIsWellAgainAndOneThatBreaksIsFound() {
        probes.follow(List.of(World.beta()), 1500);
        pass(59_000, probe -> probe.bytes() <= 1400);
        assertThat(verdict()).isInstanceOf(TooNarrow.class);
        pass(61_000, _ -> true);
        assertThat(verdict()).isEqualTo(new Carries(1500));
        pass(121_000, probe -> probe.bytes() <= 1400);
        assertThat(verdict()).isInstanceOf(TooNarrow.class);
    }

    @Test
    void lossAloneIsNotMistakenForANarrowPath() {
        long seed = Long.getLong("seed", new Random().nextLong());
        Random random = new Random(seed);
        int wronged = 0;
        for (int run = 0; run < 1000; run++) {
            PathProbes fresh = new PathProbes(tokens::incrementAndGet);
            fresh.follow(List.of(World.beta()), 1500);
            pass(fresh, 30_000, _ -> random.nextInt(100) >= 5);
            wronged += fresh.verdicts().get(World.BETA) instanceof TooNarrow ? 1 : 0;
        }
        assertThat(wronged).as("of 1000 paths that lose 5 %%, -Dseed=%d", seed).isLessThan(5);
    }

    @Test
    void whatOurOwnHostRefusesToSendIsTooLargeAtOnce() {
        probes.follow(List.of(World.beta()), 1500);
        while (verdict() instanceof Unknown) {
            for (Probe probe : probes.tick(now)) {
                if (probe.bytes() > 1400) {
                    probes.refused(probe.token(), now);
                } else {
                    probes.answered(probe.token(), now);
                }
            }
            assertThat(now++).isLessThan(100);
        }
        assertThat(verdict()).isInstanceOf(TooNarrow.class);
    }

    @Test
    void anotherSizeOrAddressIsTestedAnewAndAPeerThatWentIsForgotten() {
        probes.follow(List.of(World.beta(), World.gamma()), 1500);
        pass(2_000, _ -> true);
        probes.follow(List.of(World.beta(), World.gamma()), 1500);
        assertThat(probes.tick(now)).isEmpty();
        probes.follow(List.of(World.beta()), 1400);
        assertThat(probes.verdicts()).containsOnlyKeys(World.BETA);
        assertThat(probes.tick(now)).extracting(Probe::bytes).containsExactly(1400);
        probes.follow(List.of(World.peer(World.BETA, "beta", "192.0.2.77", 1450)), 1400);
        assertThat(probes.tick(now)).extracting(probe -> probe.to().toString()).containsExactly("192.0.2.77");
    }

    @Test
    void answersThatAreForgedOrLateChangeNothing() {
        probes.follow(List.of(World.beta()), 1500);
        long first = probes.tick(now).getFirst().token();
        probes.answered(first + 1000, now);
        assertThat(verdict()).isEqualTo(new Unknown());
        now += PathProbes.LOST_MILLIS;
        probes.tick(now);
        probes.answered(first, now);
        assertThat(verdict()).isEqualTo(new Unknown());
    }

    private Verdict verdict() {
        return Objects.requireNonNull(probes.verdicts().get(World.BETA));
    }

    private void pass(long millis, Predicate<Probe> arrives) {
        pass(probes, millis, arrives);
    }

    /** Time goes by in quarters of a second; what arrives is answered at once. */
    private void pass(PathProbes some, long millis, Predicate<Probe> arrives) {
        for (long end = now + millis; now < end; now += 250) {
            for (Probe probe : some.tick(now)) {
                sent++;
                if (arrives.test(probe)) {
                    some.answered(probe.token(), now);
                }
            }
        }
    }
}
