package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CallStatisticsTest {

    @Test
    void quantilesAreThoseOfTheCallsRecorded() {
        CallStatistics statistics = new CallStatistics();
        for (int micros = 1; micros <= 1_000; micros++) {
            statistics.record("Join", micros, micros == 1_000);
        }
        assertThat(statistics.status()).singleElement().satisfies(join -> {
            assertThat(join.calls()).isEqualTo(1_000);
            assertThat(join.failures()).isEqualTo(1);
            assertThat(join.medianMicros()).isBetween(500L, 575L);
            assertThat(join.p99Micros()).isBetween(990L, 1_140L);
            assertThat(join.totalMicros()).isEqualTo(500_500);
        });
    }

    @Property
    void everyDurationIsAtMostAnEighthBelowTheBoundOfItsBucket(
            @ForAll @LongRange(min = 0, max = 1L << 40) long micros) {
        long bound = CallStatistics.upperBound(CallStatistics.bucket(micros));
        assertThat(bound).isGreaterThanOrEqualTo(micros);
        assertThat(bound).isLessThanOrEqualTo(micros + micros / 8 + 1);
    }
}
