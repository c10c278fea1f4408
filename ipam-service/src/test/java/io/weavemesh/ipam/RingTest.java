package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Copies of a ring that were changed apart come to the same, in whatever order they are merged. */
class RingTest {

    private static final Cidr POOL = Cidr.parse("10.32.0.0/26");
    private static final Range ALL = new Range(0, 64);

    /** Peers with a copy each, some grants and merges later. */
    private static final class Copies {
        private final List<PeerName> peers;
        private final List<Ring> rings = new ArrayList<>();
        private final Random random;

        Copies(int count, long seed) {
            peers = LongStream.rangeClosed(1, count).mapToObj(PeerName::new).toList();
            peers.forEach(peer -> rings.add(new Ring(Division.of(POOL, peers))));
            random = new Random(seed);
            for (int step = 0; step < 60; step++) {
                change(random.nextInt(count), random.nextInt(count));
            }
        }

        private void change(int one, int other) {
            if (random.nextBoolean()) {
                tell(rings.get(other), other, one);
                return;
            }
            List<Range> owned = rings.get(one).ranges(peers.get(one));
            if (!owned.isEmpty() && one != other) {
                Range range = owned.get(random.nextInt(owned.size()));
                long start = range.start() + random.nextLong(range.size());
                Range part = new Range(start, start + 1 + random.nextLong(range.end() - start));
                rings.get(one).grant(peers.get(one), part, peers.get(other));
            }
        }

        /** The owner's own ranges may only become more by what it is told, whoever tells it. */
        private void tell(Ring told, int from, int to) {
            List<Range> before = rings.get(to).ranges(peers.get(to));
            Ring.Merge merge = rings.get(to).merge(peers.get(to), peers.get(from), told.state(), range -> false);
            assertThat(merge.refused()).isEmpty();
            for (Range range : before) {
                assertThat(rings.get(to).owned(peers.get(to), range)).isEqualTo(range.size());
            }
        }

        Ring copy(int index) {
            return new Ring(rings.get(index).state());
        }
    }

    private static String owners(Ring ring) {
        StringBuilder text = new StringBuilder();
        for (RingState.Token token : ring.state().tokens()) {
            text.append(token.start())
                    .append(' ')
                    .append(token.owner())
                    .append(' ')
                    .append(token.version())
                    .append('\n');
        }
        return text.toString();
    }

    /** An observer's copy, which owns nothing, after it was told several. */
    private static Ring merged(Ring... told) {
        PeerName observer = new PeerName(99);
        Ring ring = new Ring(told[0].state());
        for (Ring one : told) {
            ring.merge(observer, observer, one.state(), range -> false);
        }
        return ring;
    }

    @Property(tries = 300)
    void mergeIsIdempotentCommutativeAndAssociative(@ForAll @IntRange(min = 3, max = 5) int peers, @ForAll long seed) {
        Copies copies = new Copies(peers, seed);
        Ring a = copies.copy(0);
        Ring b = copies.copy(1);
        Ring c = copies.copy(2);
        assertThat(owners(merged(a, a))).isEqualTo(owners(a));
        assertThat(owners(merged(a, b))).isEqualTo(owners(merged(b, a)));
        assertThat(owners(merged(merged(a, b), c))).isEqualTo(owners(merged(a, merged(b, c))));
    }

    @Property(tries = 300)
    void afterEverybodyToldEverybodyAllCopiesAreEqualAndOwnersAgree(
            @ForAll @IntRange(min = 2, max = 5) int peers, @ForAll long seed) {
        Copies copies = new Copies(peers, seed);
        List<Long> owned = new ArrayList<>();
        for (int i = 0; i < peers; i++) {
            owned.add(copies.rings.get(i).owned(copies.peers.get(i), ALL));
        }
        for (int round = 0; round < 2; round++) {
            for (int from = 0; from < peers; from++) {
                for (int to = 0; to < peers; to++) {
                    copies.tell(copies.copy(from), from, to);
                }
            }
        }
        assertThat(copies.rings.stream().map(RingTest::owners).distinct()).hasSize(1);
        long sum = 0;
        for (int i = 0; i < peers; i++) {
            long after = copies.rings.get(i).owned(copies.peers.get(i), ALL);
            assertThat(after).isGreaterThanOrEqualTo(owned.get(i));
            sum += after;
        }
        assertThat(sum).isEqualTo(ALL.size());
    }

    /** What is held back is taken from an old copy; the peer has changed everything around it meanwhile. */
    @Property(tries = 300)
    void whatIsTakenOverStaysTakenWhateverThePeerDidAroundIt(
            @ForAll @IntRange(min = 0, max = 20) int start,
            @ForAll @IntRange(min = 1, max = 11) int size,
            @ForAll long seed) {
        Random random = new Random(seed);
        PeerName away = new PeerName(1);
        PeerName heir = new PeerName(2);
        PeerName third = new PeerName(3);
        List<PeerName> peers = List.of(away, heir);
        Ring theirs = new Ring(Division.of(POOL, peers));
        Ring ours = new Ring(Division.of(POOL, peers));
        Range held = new Range(start, start + size); // Of [0, 32), which is the share of the one that is away.
        for (int grant = 0; grant < 10; grant++) {
            List<Range> free = ours.ranges(away).stream()
                    .flatMap(range -> range.without(held).stream())
                    .toList();
            if (!free.isEmpty()) {
                Range range = free.get(random.nextInt(free.size()));
                long from = range.start() + random.nextLong(range.size());
                ours.grant(away, new Range(from, from + 1 + random.nextLong(range.end() - from)), third);
            }
        }
        String before = granted(ours, third);
        assertThat(theirs.takeOver(away, heir, held)).isEqualTo(size);

        assertThat(ours.merge(
                                away,
                                heir,
                                theirs.state(),
                                range -> range.intersect(held).isEmpty())
                        .refused())
                .isEmpty();
        theirs.merge(heir, away, ours.state(), range -> false);
        assertThat(owners(ours)).isEqualTo(owners(theirs));
        assertThat(ours.owned(heir, held)).isEqualTo(size);
        assertThat(granted(ours, third)).isEqualTo(before);
    }

    private static String granted(Ring ring, PeerName peer) {
        StringBuilder offsets = new StringBuilder();
        for (long offset = 0; offset < ALL.end(); offset++) {
            if (ring.ownerOf(offset).equals(peer)) {
                offsets.append(offset).append(' ');
            }
        }
        return offsets.toString();
    }
}
