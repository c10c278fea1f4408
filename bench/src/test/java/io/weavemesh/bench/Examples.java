package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Bound;
import java.time.Instant;
import java.util.List;

/** Results that nobody measured. */
final class Examples {

    static final Surroundings HERE = new Surroundings("Some CPU, 2 cores, 8 GiB, Linux 6.1", "weavemesh 1, Java 25");

    static final Figure KEPT = Figure.atMost(2, "an <endpoint> & its table", "ms", List.of(1.4, 1.2, 1.9));
    static final Figure MISSED = Figure.beside(
                    "dnsmasq",
                    List.of(40_000.0, 20_000.0, 30_000.0),
                    "answers",
                    "1/s",
                    List.of(44_000.0, 24_000.0, 30_000.0))
            .promising(Bound.AT_LEAST, 1.5);
    static final Figure UNPROMISED = Figure.unpromised("one write and sync", "ms", List.of(0.7));

    private Examples() {}

    static Measured part(Part part, String at, double loadBefore, Figure... figures) {
        return new Measured(part, Instant.parse(at), loadBefore, 1.75, HERE, List.of(figures));
    }

    static Results results() {
        return new Results(List.of(
                part(Part.ENDPOINTS, "2026-11-20T10:00:00Z", 0.25, KEPT, UNPROMISED),
                part(Part.LOAD, "2026-11-26T12:30:00Z", 0.125, MISSED)));
    }
}
