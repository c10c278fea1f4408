package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Space and what is held of it, compared with sets of single offsets. */
class SpaceTest {

    private static final int END = 1_000;

    @Property(tries = 300)
    void spaceIsASetOfOffsets(@ForAll long seed) {
        Random random = new Random(seed);
        TreeSet<Long> free = new TreeSet<>();
        List<Range> owned = new ArrayList<>();
        for (long at = random.nextInt(100); at < END; at += random.nextInt(1, 150)) {
            Range range = new Range(at, Math.min(END, at + random.nextInt(300)));
            owned.add(range);
            for (at = range.start(); at < range.end(); at++) {
                free.add(at);
            }
        }
        List<Long> used = random.longs(50, 0, END).boxed().toList();
        used.forEach(free::remove);
        Space space = new Space(owned, used);
        for (int step = 0; step < 300; step++) {
            assertSame(space, free, random);
            long offset = random.nextInt(END);
            Range range = range(random);
            switch (random.nextInt(6)) {
                case 0 -> donate(space, free, aligned(random));
                case 1, 2 -> toggle(space, free, space.lowest(range).orElse(offset));
                default -> toggle(space, free, offset);
            }
        }
    }

    private static void toggle(Space space, NavigableSet<Long> free, long offset) {
        if (free.remove(offset)) {
            space.take(offset);
        } else {
            free.add(offset);
            space.giveBack(offset);
        }
    }

    private static void donate(Space space, NavigableSet<Long> free, Range wanted) {
        Optional<Range> given = space.donation(wanted);
        long there = free.subSet(wanted.start(), wanted.end()).size();
        assertThat(given.isPresent()).isEqualTo(there > 0);
        given.ifPresent(range -> {
            assertThat(range.intersect(wanted)).isEqualTo(range);
            assertThat(Long.bitCount(range.size())).as("%s is a block", range).isOne();
            assertThat(range.start() % range.size()).as("%s is aligned", range).isZero();
            assertThat(range.size()).isLessThanOrEqualTo(Math.max(1, there / 2));
            for (long offset = range.start(); offset < range.end(); offset++) {
                assertThat(free.remove(offset)).isTrue();
            }
            space.cut(range);
        });
    }

    private static void assertSame(Space space, NavigableSet<Long> free, Random random) {
        assertThat(space.size()).isEqualTo(free.size());
        long offset = random.nextInt(END);
        assertThat(space.isFree(offset)).isEqualTo(free.contains(offset));
        Range range = range(random);
        Long lowest = free.ceiling(range.start());
        assertThat(space.lowest(range))
                .isEqualTo(lowest == null || lowest >= range.end() ? OptionalLong.empty() : OptionalLong.of(lowest));
    }

    @Property(tries = 100)
    void whatIsHeldIsAMapInOrder(@ForAll long seed) {
        Random random = new Random(seed);
        NavigableMap<Long, Allocation> model = new TreeMap<>();
        Held held = new Held();
        for (int step = 0; step < 500; step++) {
            long offset = random.nextInt(END);
            Allocation allocation = new Allocation(
                    new Cidr(IpAddress.ipv4(step), 12),
                    new Owner(Owner.Kind.ENDPOINT, "e" + step, Optional.empty()),
                    Instant.EPOCH);
            if (random.nextInt(3) == 0) {
                assertThat(held.put(offset, allocation)).isEqualTo(Optional.ofNullable(model.put(offset, allocation)));
            } else {
                assertThat(held.remove(offset)).isEqualTo(Optional.ofNullable(model.remove(offset)));
            }
            Range range = range(random);
            assertThat(held.anyIn(range))
                    .isEqualTo(!model.subMap(range.start(), range.end()).isEmpty());
            assertThat(held.get(range.start())).isEqualTo(Optional.ofNullable(model.get(range.start())));
            assertThat(held.size()).isEqualTo(model.size());
        }
        assertThat(held.all()).containsExactlyElementsOf(model.values());
        assertThat(held.offsets()).containsExactlyElementsOf(model.keySet());
    }

    private static Range range(Random random) {
        long start = random.nextInt(END);
        return new Range(start, start + random.nextInt(random.nextBoolean() ? 5 : 400));
    }

    /** As a subnet covers it. */
    private static Range aligned(Random random) {
        long size = 1L << random.nextInt(11);
        long start = random.nextInt(END) & -size;
        return new Range(start, start + size);
    }
}
