package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What of a pool this peer owns and has not given out. Finding the lowest free offset, taking and returning one cost the
 * logarithm of the number of blocks that are partly free.
 *
 * <p>Offsets are kept in aligned blocks of 64: those that are partly free as bits, runs of those that are wholly free as
 * intervals, the others not at all. So space full of holes stays small, and so does a /64 nobody has touched.
 */
final class Space {

    private static final int BLOCK_BITS = 6;
    private static final long ALL = -1L;

    /** Blocks from the key to before the value are wholly free; neighbouring runs are joined. */
    private final NavigableMap<Long, Long> whole = new TreeMap<>();

    private final NavigableMap<Long, Part> parts = new TreeMap<>();

    /** The one looked at last: what is given back is what is taken next, and that in the block where it was found. */
    private Part last = new Part(-1);

    private long size;

    /** A block that is partly free: bit n says whether its offset n is; never none of them and never all. */
    private static final class Part {
        private final long block;
        private long bits;

        private Part(long block) {
            this.block = block;
        }

        private long in(Range range) {
            return bits & mask(block, range);
        }
    }

    /** The owned ranges less the offsets in use. */
    Space(List<Range> owned, Iterable<Long> used) {
        owned.forEach(this::add);
        used.forEach(offset -> {
            if (isFree(offset)) {
                take(offset);
            }
        });
    }

    long size() {
        return size;
    }

    boolean isFree(long offset) {
        return (bits(block(offset)) & bit(offset)) != 0;
    }

    /** The lowest free offset of a range. */
    OptionalLong lowest(Range range) {
        if (range.isEmpty()) {
            return OptionalLong.empty();
        }
        long first = block(range.start());
        long best = range.end();
        Map.Entry<Long, Part> part = parts.ceilingEntry(first);
        if (part != null && part.getValue().in(range) == 0) {
            part = parts.higherEntry(part.getKey()); // What is free in the first block is before the range.
        }
        if (part != null && part.getValue().in(range) != 0) {
            last = part.getValue();
            best = start(last.block) + Long.numberOfTrailingZeros(last.in(range));
        }
        Map.Entry<Long, Long> around = whole.floorEntry(first);
        if (around != null && first < around.getValue()) {
            best = range.start();
        } else {
            Long next = whole.higherKey(first);
            best = next == null ? best : Math.min(best, start(next));
        }
        return best < range.end() ? OptionalLong.of(best) : OptionalLong.empty();
    }

    void take(long offset) {
        long block = block(offset);
        long bits = bits(block);
        Check.that((bits & bit(offset)) != 0, "offset %d is taken but not free", offset);
        replace(block, bits, bits & ~bit(offset));
    }

    void giveBack(long offset) {
        long block = block(offset);
        long bits = bits(block);
        Check.that((bits & bit(offset)) == 0, "offset %d is given back but free", offset);
        replace(block, bits, bits | bit(offset));
    }

    /** Takes out a range that is wholly free, to be given to another peer. */
    void cut(Range range) {
        edges(range, (block, mask) -> {
            long bits = bits(block);
            Check.that((bits & mask) == mask, "%s is not wholly free", range);
            replace(block, bits, bits & ~mask);
        });
        Range middle = middle(range);
        if (!middle.isEmpty()) {
            Map.Entry<Long, Long> run = whole.floorEntry(middle.start());
            Check.that(run != null && middle.end() <= run.getValue(), "%s is not wholly free", range);
            removeRun(run.getKey(), run.getValue(), middle.start(), middle.end());
            size -= middle.size() << BLOCK_BITS;
        }
    }

    /**
     * What to give to a peer that asks for space in a range: the largest aligned block that is wholly free, or its upper half
     * if it is more than half of what is free there, so that the giver keeps some.
     */
    Optional<Range> donation(Range wanted) {
        long total = 0;
        Range best = Range.EMPTY;
        for (Range interval : intervals()) {
            Range free = interval.intersect(wanted);
            total += free.size();
            best = larger(best, free);
        }
        if (best.isEmpty()) {
            return Optional.empty();
        }
        boolean half = best.size() > 1 && best.size() > total / 2;
        return Optional.of(half ? new Range(best.start() + best.size() / 2, best.end()) : best);
    }

    /** The upper part, a power of two and at most so long, of the largest aligned block that is wholly free. */
    Optional<Range> spare(long atMost) {
        Range best = Range.EMPTY;
        for (Range free : intervals()) {
            best = larger(best, free);
        }
        long length = Math.min(best.size(), Long.highestOneBit(atMost));
        return length == 0 ? Optional.empty() : Optional.of(new Range(best.end() - length, best.end()));
    }

    /** The upper part, at most so long and at most half, of the largest run that is free. */
    Range upper(long atMost) {
        Range best = Range.EMPTY;
        for (Range free : intervals()) {
            best = free.size() > best.size() ? free : best;
        }
        return new Range(best.end() - Math.min(atMost, best.size() / 2), best.end());
    }

    /** All that is free, in no order; neighbouring ones are not joined. */
    List<Range> intervals() {
        List<Range> intervals = new ArrayList<>();
        whole.forEach((from, to) -> intervals.add(new Range(start(from), start(to))));
        for (Part part : parts.values()) {
            long bits = part.bits;
            while (bits != 0) {
                int from = Long.numberOfTrailingZeros(bits);
                int length = Long.numberOfTrailingZeros(~(bits >>> from));
                long start = start(part.block) + from;
                intervals.add(new Range(start, start + length));
                bits &= ~((1L << length) - 1 << from);
            }
        }
        return intervals;
    }

    private static Range larger(Range best, Range free) {
        if (free.size() <= best.size()) {
            return best;
        }
        for (int bits = 62; bits >= 0 && 1L << bits > best.size(); bits--) {
            long length = 1L << bits;
            long start = (free.start() + length - 1) & -length;
            if (length <= free.size() && start >= 0 && start + length <= free.end()) {
                return new Range(start, start + length);
            }
        }
        return best;
    }

    // ---- blocks ----

    private static long block(long offset) {
        return offset >> BLOCK_BITS;
    }

    private static long start(long block) {
        return block << BLOCK_BITS;
    }

    private static long bit(long offset) {
        return 1L << offset;
    }

    /** Which offsets of a block are in a range. */
    private static long mask(long block, Range range) {
        long from = Math.max(range.start() - start(block), 0);
        long to = Math.min(range.end() - start(block), 64);
        return from >= to ? 0 : (ALL << from) & (ALL >>> 64 - to);
    }

    private long bits(long block) {
        Part part = last.block == block ? last : parts.get(block);
        if (part != null) {
            last = part;
            return part.bits;
        }
        Map.Entry<Long, Long> run = whole.floorEntry(block);
        return run != null && block < run.getValue() ? ALL : 0;
    }

    private void replace(long block, long old, long now) {
        size += Long.bitCount(now) - Long.bitCount(old);
        if (old == ALL && now != ALL) {
            Map.Entry<Long, Long> run = whole.floorEntry(block);
            removeRun(run.getKey(), run.getValue(), block, block + 1);
        }
        if (now == ALL || now == 0) {
            parts.remove(block);
            last = new Part(-1);
            if (now == ALL && old != ALL) {
                addRun(block, block + 1);
            }
            return;
        }
        if (last.block != block) {
            last = parts.computeIfAbsent(block, Part::new);
        }
        last.bits = now;
    }

    private void add(Range range) {
        edges(range, (block, mask) -> {
            long bits = bits(block);
            Check.that((bits & mask) == 0, "%s is partly free already", range);
            replace(block, bits, bits | mask);
        });
        Range middle = middle(range);
        if (!middle.isEmpty()) {
            addRun(middle.start(), middle.end());
            size += middle.size() << BLOCK_BITS;
        }
    }

    @FunctionalInterface
    private interface Edge {
        void at(long block, long mask);
    }

    /** The blocks that a range covers in part. */
    private static void edges(Range range, Edge edge) {
        if (range.isEmpty()) {
            return;
        }
        long first = block(range.start());
        long last = block(range.end() - 1);
        if (mask(first, range) != ALL) {
            edge.at(first, mask(first, range));
        }
        if (last != first && mask(last, range) != ALL) {
            edge.at(last, mask(last, range));
        }
    }

    /** The blocks that a range covers wholly. */
    private static Range middle(Range range) {
        long from = block(range.start() + 63);
        return new Range(from, Math.max(from, block(range.end())));
    }

    private void addRun(long from, long to) {
        long start = from;
        long end = to;
        Map.Entry<Long, Long> before = whole.floorEntry(from);
        if (before != null && before.getValue() >= from) {
            Check.that(before.getValue() == from, "blocks [%d, %d) are partly free already", from, to);
            start = before.getKey();
        }
        Long after = whole.remove(to);
        if (after != null) {
            end = after;
        }
        whole.put(start, end);
    }

    private void removeRun(long start, long end, long from, long to) {
        if (start < from) {
            whole.put(start, from);
        } else {
            whole.remove(start);
        }
        if (to < end) {
            whole.put(to, end);
        }
    }
}
