package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetersTest {

    private final Meters meters = new Meters();

    @Test
    void timesAreCountedInEveryBucketTheyFitInto() {
        Meters.Times times = meters.times("weave_x_seconds", "How long x takes.", "service=\"dns\"");
        times.add(1_000_000); // Exactly a bound belongs below it.
        times.add(30_000_000);
        times.add(60_000_000_000L);
        assertThat(meters.text())
                .startsWith("# HELP weave_x_seconds How long x takes.\n# TYPE weave_x_seconds histogram\n")
                .contains("weave_x_seconds_bucket{service=\"dns\",le=\"5.0E-4\"} 0\n")
                .contains("weave_x_seconds_bucket{service=\"dns\",le=\"0.001\"} 1\n")
                .contains("weave_x_seconds_bucket{service=\"dns\",le=\"0.05\"} 2\n")
                .contains("weave_x_seconds_bucket{service=\"dns\",le=\"5.0\"} 2\n")
                .contains("weave_x_seconds_bucket{service=\"dns\",le=\"+Inf\"} 3\n")
                .contains("weave_x_seconds_sum{service=\"dns\"} 60.031\n")
                .endsWith("weave_x_seconds_count{service=\"dns\"} 3\n");
    }

    @Test
    void aNameIsDescribedOnceAndItsLabelsStandTogether() {
        meters.gauge("weave_b", "B.", "", () -> 2);
        meters.gauge("weave_a", "A.", "table=\"y\"", () -> 1);
        meters.gauge("weave_a", "A.", "table=\"x\"", () -> 0.5);
        assertThat(meters.text()).isEqualTo("""
                # HELP weave_a A.
                # TYPE weave_a gauge
                weave_a{table="x"} 0.5
                weave_a{table="y"} 1.0
                # HELP weave_b B.
                # TYPE weave_b gauge
                weave_b 2.0
                """);
    }

    @Test
    void theSameNameAndLabelsAreTheSameTimes() {
        assertThat(meters.times("weave_x_seconds", "", "a=\"1\""))
                .isSameAs(meters.times("weave_x_seconds", "", "a=\"1\""));
    }
}
