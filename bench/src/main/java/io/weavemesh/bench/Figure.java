package io.weavemesh.bench;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One number, measured several times, maybe next to what something else does.
 *
 * @param promise what it must be, if anything was said; of the ratio, where something is beside it
 * @param samples sorted, not empty
 */
record Figure(String name, String unit, Optional<Promise> promise, List<Double> samples, Optional<Beside> beside) {

    Figure {
        samples = sorted(name, samples);
    }

    /**
     * The same number of another program, measured in turn with ours.
     *
     * @param what the other program
     * @param samples sorted, not empty
     * @param ratios ours to the other's, of each pair; sorted
     */
    record Beside(String what, List<Double> samples, List<Double> ratios) {

        Beside {
            samples = sorted(what, samples);
            ratios = sorted(what, ratios);
        }
    }

    /** A bound that is kept by a median. */
    record Promise(Bound bound, double value) {

        boolean keptBy(double median) {
            return bound == Bound.AT_LEAST ? median >= value : median <= value;
        }

        @Override
        public String toString() {
            return bound.sign + " " + Numbers.text(value);
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
        return unpromised(name, unit, samples).promising(Bound.AT_LEAST, bound);
    }

    static Figure atMost(double bound, String name, String unit, List<Double> samples) {
        return unpromised(name, unit, samples).promising(Bound.AT_MOST, bound);
    }

    static Figure unpromised(String name, String unit, List<Double> samples) {
        return new Figure(name, unit, Optional.empty(), samples, Optional.empty());
    }

    /** Ours and another's, in the order in which they were measured, so that each is compared with its neighbour. */
    static Figure beside(String what, List<Double> theirs, String name, String unit, List<Double> ours) {
        Beside beside = new Beside(what, theirs, ratios(ours, theirs));
        return new Figure(name, unit, Optional.empty(), ours, Optional.of(beside));
    }

    Figure promising(Bound bound, double value) {
        return new Figure(name, unit, Optional.of(new Promise(bound, value)), samples, beside);
    }

    double median() {
        return median(samples);
    }

    Optional<Double> ratio() {
        return beside.map(other -> median(other.ratios));
    }

    /** What a promise is about: the ratio, where there is one. */
    List<Double> promised() {
        return beside.map(Beside::ratios).orElse(samples);
    }

    boolean kept() {
        return promise.map(said -> said.keptBy(median(promised()))).orElse(true);
    }

    /** Of sorted ones. */
    static double median(List<Double> samples) {
        int middle = samples.size() / 2;
        return samples.size() % 2 == 1 ? samples.get(middle) : (samples.get(middle - 1) + samples.get(middle)) / 2;
    }

    static List<Double> ratios(List<Double> of, List<Double> to) {
        if (of.size() != to.size()) {
            throw new IllegalArgumentException(of.size() + " samples are no pairs with " + to.size());
        }
        return IntStream.range(0, of.size())
                .mapToObj(i -> of.get(i) / to.get(i))
                .toList();
    }

    private static List<Double> sorted(String name, List<Double> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured of '" + name + "'");
        }
        return samples.stream().sorted().toList();
    }
}
