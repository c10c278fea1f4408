package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import java.util.List;
import java.util.stream.Stream;

/**
 * Offsets from start to end.
 *
 * @param start the first one
 * @param end the one behind the last
 */
record Range(long start, long end) {

    static final Range EMPTY = new Range(0, 0);

    Range {
        Check.that(0 <= start && start <= end, "range [%d, %d) is upside down", start, end);
    }

    boolean isEmpty() {
        return start == end;
    }

    long size() {
        return end - start;
    }

    boolean contains(long offset) {
        return start <= offset && offset < end;
    }

    Range intersect(Range other) {
        long from = Math.max(start, other.start);
        long to = Math.min(end, other.end);
        return from < to ? new Range(from, to) : EMPTY;
    }

    /** What is left of this range without another. */
    List<Range> without(Range other) {
        Range gone = intersect(other);
        if (gone.isEmpty()) {
            return List.of(this);
        }
        return Stream.of(new Range(start, gone.start), new Range(gone.end, end))
                .filter(range -> !range.isEmpty())
                .toList();
    }
}
