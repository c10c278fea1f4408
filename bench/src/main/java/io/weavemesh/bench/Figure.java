package io.weavemesh.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One number, measured several times.
 *
 * @param promise what it must be, if anything was said
 * @param samples not empty
 */
record Figure(String name, String unit, Optional<Promise> promise, List<Double> samples) {

    Figure {
        samples = samples.stream().sorted().toList();
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured of '" + name + "'");
        }
    }

    /** A bound that is kept by a median. */
    record Promise(Bound bound, double value) {

        boolean keptBy(double median) {
            return bound == Bound.AT_LEAST ? median >= value : median <= value;
        }
    }

    /** On which side of a bound is good. */
    enum Bound {
        AT_LEAST(">="),
        AT_MOST("<=");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    static Figure atLeast(double bound, String name, String unit, List<Double> samples) {
        return new Figure(name, unit, Optional.of(new Promise(Bound.AT_LEAST, bound)), samples);
    }

    static Figure atMost(double bound, String name, String unit, List<Double> samples) {
        return new Figure(name, unit, Optional.of(new Promise(Bound.AT_MOST, bound)), samples);
    }

    static Figure unpromised(String name, String unit, List<Double> samples) {
        return new Figure(name, unit, Optional.empty(), samples);
    }

    double median() {
        int middle = samples.size() / 2;
        return samples.size() % 2 == 1 ? samples.get(middle) : (samples.get(middle - 1) + samples.get(middle)) / 2;
    }

    boolean kept() {
        return promise.map(said -> said.keptBy(median())).orElse(true);
    }

    /** A line of the table; the spread is from the least sample to the greatest. */
    String row() {
        String promised = promise.map(said -> said.bound().sign + " " + number(said.value()))
                .orElse("-");
        String spread = number(samples.getFirst()) + " .. " + number(samples.getLast());
        return String.format(
                Locale.ROOT,
                "%-58s %14s %12s %-10s %24s  %s",
                name,
                promised,
                number(median()),
                unit,
                spread,
                promise.isEmpty() ? "" : kept() ? "kept" : "MISSED");
    }

    static String header() {
        return String.format(
                Locale.ROOT, "%-58s %14s %12s %-10s %24s", "figure", "promised", "median", "unit", "spread");
    }

    private static String number(double value) {
        String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
