package io.weavemesh.cluster;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * What this process measures while it runs, as Prometheus text (exposition format 0.0.4). Safe to use from any thread; a
 * measurement is a few additions.
 *
 * <p>Our own, since the registry everybody uses costs 14 MB in a JVM that is to take 150 (docs/adr/0005).
 */
public final class Meters {

    /** A name and, as they are written, its labels: {@code weave_bus_request_seconds}, {@code service="dns"}. */
    private record Key(String name, String labels) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : labels.compareTo(other.labels);
        }
    }

    /** What stands behind a name and its labels. */
    sealed interface Meter permits Times, Gauge {}

    record Gauge(DoubleSupplier value) implements Meter {}

    private record Described(String help, Meter meter) {}

    private final Map<Key, Described> meters = new ConcurrentSkipListMap<>();

    /** How often something happened, and how long it took: a histogram. */
    public static final class Times implements Meter {

        private static final double[] BOUNDS = {
            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
        };

        /** How often it took up to a bound and longer than the one before; the last one is for what took longer still. */
        private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);

        private final LongAdder nanos = new LongAdder();

        private Times() {}

        public void add(long tookNanos) {
            double seconds = tookNanos / 1e9;
            int bucket = 0;
            while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
                bucket++;
            }
            counts.incrementAndGet(bucket);
            nanos.add(tookNanos);
        }

        private void write(Key key, StringBuilder text) {
            String before = key.labels().isEmpty() ? "" : key.labels() + ",";
            long total = 0;
            for (int i = 0; i <= BOUNDS.length; i++) {
                total += counts.get(i);
                String bound = i < BOUNDS.length ? Double.toString(BOUNDS[i]) : "+Inf";
                sample(text, key.name() + "_bucket", before + "le=\"" + bound + "\"", Long.toString(total));
            }
            sample(text, key.name() + "_sum", key.labels(), Double.toString(nanos.sum() / 1e9));
            sample(text, key.name() + "_count", key.labels(), Long.toString(total));
        }
    }

    /**
     * The times of this name and these labels; made at the first call.
     *
     * @param name ends in {@code _seconds}
     * @param labels as Prometheus writes them, without braces: {@code service="dns"}; may be empty
     */
    public Times times(String name, String help, String labels) {
        Described found = meters.computeIfAbsent(new Key(name, labels), ignored -> new Described(help, new Times()));
        return (Times) found.meter();
    }

    /** Shows a number that is asked for whenever the page is; in place of one of the same name and labels. */
    public void gauge(String name, String help, String labels, DoubleSupplier value) {
        meters.put(new Key(name, labels), new Described(help, new Gauge(value)));
    }

    /** All of them as a page. */
    public String text() {
        StringBuilder text = new StringBuilder();
        Optional<String> last = Optional.empty();
        for (Map.Entry<Key, Described> entry : meters.entrySet()) {
            Key key = entry.getKey();
            Meter meter = entry.getValue().meter();
            if (!last.equals(Optional.of(key.name()))) {
                String type = meter instanceof Times ? "histogram" : "gauge";
                text.append("# HELP ")
                        .append(key.name())
                        .append(' ')
                        .append(entry.getValue().help());
                text.append("\n# TYPE ")
                        .append(key.name())
                        .append(' ')
                        .append(type)
                        .append('\n');
                last = Optional.of(key.name());
            }
            switch (meter) {
                case Times times -> times.write(key, text);
                case Gauge gauge ->
                    sample(
                            text,
                            key.name(),
                            key.labels(),
                            Double.toString(gauge.value().getAsDouble()));
            }
        }
        return text.toString();
    }

    private static void sample(StringBuilder text, String name, String labels, String value) {
        text.append(Objects.requireNonNull(name));
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(value).append('\n');
    }
}
