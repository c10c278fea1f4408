package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What of a pool this peer owns and has not given out: disjoint, unjoined intervals. Finding the lowest free offset, taking
 * and returning one cost the logarithm of the number of intervals.
 */
final class Space {

    private final NavigableMap<Long, Long> free = new TreeMap<>();
    private long size;

    /** The owned ranges less the offsets in use. */
    Space(List<Range> owned, Iterable<Long> used) {
        owned.forEach(range -> add(range.start(), range.end()));
        used.forEach(this::takeIfFree);
    }

    long size() {
        return size;
    }

    boolean isFree(long offset) {
        Map.Entry<Long, Long> interval = free.floorEntry(offset);
        return interval != null && offset < interval.getValue();
    }

    /** The lowest free offset of a range. */
    OptionalLong lowest(Range range) {
        if (range.isEmpty()) {
            return OptionalLong.empty();
        }
        if (isFree(range.start())) {
            return OptionalLong.of(range.start());
        }
        Long next = free.ceilingKey(range.start());
        return next == null || next >= range.end() ? OptionalLong.empty() : OptionalLong.of(next);
    }

    void take(long offset) {
        Check.that(takeIfFree(offset), "offset %d is taken but not free", offset);
    }

    void giveBack(long offset) {
        Check.that(!isFree(offset), "offset %d is given back but free", offset);
        add(offset, offset + 1);
    }

    /** Takes out a range that is wholly free, to be given to another peer. */
    void cut(Range range) {
        Map.Entry<Long, Long> interval = free.floorEntry(range.start());
        Check.that(interval != null && range.end() <= interval.getValue(), "%s is not wholly free", range);
        long start = interval.getKey();
        long end = interval.getValue();
        free.remove(start);
        size -= end - start;
        add(start, range.start());
        add(range.end(), end);
    }

    /**
     * What to give to a peer that asks for space in a range: the largest aligned block that is wholly free, or its upper half
     * if it is more than half of what is free there, so that the giver keeps some.
     */
    Optional<Range> donation(Range wanted) {
        long total = 0;
        Range best = Range.EMPTY;
        for (Map.Entry<Long, Long> interval : free.entrySet()) {
            Range part = new Range(interval.getKey(), interval.getValue()).intersect(wanted);
            total += part.size();
            Range block = largestBlock(part);
            if (block.size() > best.size()) {
                best = block;
            }
        }
        if (best.isEmpty()) {
            return Optional.empty();
        }
        boolean half = best.size() > 1 && best.size() > total / 2;
        return Optional.of(half ? new Range(best.start() + best.size() / 2, best.end()) : best);
    }

    private static Range largestBlock(Range range) {
        for (int bits = 62; bits >= 0; bits--) {
            long length = 1L << bits;
            long start = (range.start() + length - 1) & -length;
            if (length <= range.size() && start >= 0 && start + length <= range.end()) {
                return new Range(start, start + length);
            }
        }
        return Range.EMPTY;
    }

    private boolean takeIfFree(long offset) {
        Map.Entry<Long, Long> interval = free.floorEntry(offset);
        if (interval == null || offset >= interval.getValue()) {
            return false;
        }
        long start = interval.getKey();
        long end = interval.getValue();
        if (start == offset) {
            free.remove(start);
        } else {
            free.put(start, offset);
        }
        if (offset + 1 < end) {
            free.put(offset + 1, end);
        }
        size--;
        return true;
    }

    private void add(long from, long to) {
        if (from >= to) {
            return;
        }
        size += to - from;
        long start = from;
        long end = to;
        Map.Entry<Long, Long> before = free.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            Check.that(before.getValue() == start, "range [%d, %d) is partly free already", from, to);
            start = before.getKey();
        }
        Long after = free.get(end);
        if (after != null) {
            free.remove(end);
            end = after;
        }
        free.put(start, end);
    }
}
