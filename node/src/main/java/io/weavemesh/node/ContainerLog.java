package io.weavemesh.node;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** The logs of several containers as one: a line of each at a time is held, and the oldest comes next. */
final class ContainerLog {

    private ContainerLog() {}

    /**
     * A line of {@code docker logs --timestamps}.
     *
     * @param time when Docker got it, always of the same length, so that texts compare as times do; empty if it is not said
     * @param service who wrote it
     */
    record Line(String time, String service, String text) {

        private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\S+Z";

        static Line parse(String service, String raw) {
            int end = raw.indexOf(' ');
            boolean timed = end > 0 && raw.substring(0, end).matches(TIME);
            return timed
                    ? new Line(raw.substring(0, end), service, raw.substring(end + 1))
                    : new Line("", service, raw);
        }

        /** As it is shown: who, and what. */
        String shown() {
            return "%-6s | %s".formatted(service, text);
        }
    }

    private record Source(Line next, int number, Iterator<Line> rest) {}

    /** Each of {@code logs} is in order. Lines of one time keep the order of their logs. */
    static void merge(List<Iterator<Line>> logs, Consumer<Line> out) {
        PriorityQueue<Source> sources = new PriorityQueue<>(
                Comparator.comparing((Source source) -> source.next().time()).thenComparingInt(Source::number));
        for (int i = 0; i < logs.size(); i++) {
            offer(sources, i, logs.get(i));
        }
        while (!sources.isEmpty()) {
            Source oldest = sources.remove();
            out.accept(oldest.next());
            offer(sources, oldest.number(), oldest.rest());
        }
    }

    private static void offer(PriorityQueue<Source> sources, int number, Iterator<Line> log) {
        if (log.hasNext()) {
            sources.add(new Source(log.next(), number, log));
        }
    }
}
