package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RingState;
import io.weavemesh.contract.RingState.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/*
 * A ring of tokens (after weave's ring, itself after consistent hashing).
 *
 * A token at an address says who owns everything from there to the next token. Only the owner of a range changes its tokens,
 * and raises their version when it does. Two rings are merged token by token: one that is only here or only there is kept, of
 * two with the same address the one with the higher version wins. That is idempotent, commutative and associative as long as
 * the rule holds; where somebody broke it (same version, different owner; a token inside a range of ours that we did not put
 * there) the foreign token is refused and counted, and everything else goes on.
 */

/** Who owns which part of a pool, as this peer knows it. */
final class Ring {

    /** More changes than a peer makes to one token in the time it is away. */
    private static final long LEAP = 1L << 20;

    private final Pool pool;
    private final NavigableMap<Long, Token> tokens = new TreeMap<>();

    /** What {@link #hash} said; every peer asks for it with every digest it hears. */
    private OptionalLong hash = OptionalLong.empty();

    Ring(RingState state) {
        pool = new Pool(state.pool());
        state.tokens().forEach(token -> tokens.put(pool.offset(token.start()), token));
        check();
    }

    Pool pool() {
        return pool;
    }

    RingState state() {
        return new RingState(pool.cidr(), List.copyOf(tokens.values()));
    }

    /** The same wherever the ring is the same; hints of free space do not count. */
    long hash() {
        if (hash.isEmpty()) {
            long sum = pool.cidr().toString().hashCode();
            for (Map.Entry<Long, Token> entry : tokens.entrySet()) {
                Token token = entry.getValue();
                sum = sum * 31 + entry.getKey();
                sum = sum * 31 + token.owner().bits();
                sum = sum * 31 + token.version();
            }
            hash = OptionalLong.of(sum);
        }
        return hash.getAsLong();
    }

    /**
     * What a merge did.
     *
     * @param changed whether this ring is different now
     * @param refused why foreign tokens were not taken
     */
    record Merge(boolean changed, List<String> refused) {}

    /**
     * Takes another peer's copy of this ring.
     *
     * @param inUse whether this peer has given out an address in a range
     */
    Merge merge(PeerName self, PeerName from, RingState theirs, Predicate<Range> inUse) {
        if (!theirs.pool().equals(pool.cidr())) {
            return new Merge(
                    false, List.of("ring of " + theirs.pool() + " cannot be merged into that of " + pool.cidr()));
        }
        boolean changed = false;
        List<String> refused = new ArrayList<>();
        NavigableSet<Long> starts = new TreeSet<>(tokens.keySet());
        theirs.tokens().stream()
                .filter(token -> pool.cidr().contains(token.start()))
                .forEach(token -> starts.add(pool.offset(token.start())));
        for (Token token : theirs.tokens().reversed()) { // So what owns a range is what did before the merge.
            if (!pool.cidr().contains(token.start())) {
                refused.add("token " + token.start() + " of " + from + " is outside " + pool.cidr());
                continue;
            }
            long offset = pool.offset(token.start());
            Token mine = tokens.get(offset);
            if (mine == null) {
                PeerName owner = ownerOf(offset);
                if (owner.equals(self) && !token.owner().equals(self) && inUse.test(rangeFrom(offset, starts))) {
                    refused.add("token " + token.start() + " of " + token.owner() + ", told by " + from
                            + ", is inside a range this peer has given addresses of");
                    continue;
                }
                tokens.put(offset, token);
                changed = true;
            } else if (token.version() > mine.version()) {
                boolean taken = mine.owner().equals(self) && !token.owner().equals(self);
                if (taken && inUse.test(rangeFrom(offset, starts))) {
                    refused.add("token " + token.start() + " would go from this peer to " + token.owner() + ", told by "
                            + from + ", but this peer has given addresses of it");
                    continue;
                }
                tokens.put(offset, token);
                changed = true;
            } else if (token.version() == mine.version() && !token.owner().equals(mine.owner())) {
                refused.add("token " + token.start() + " belongs to " + mine.owner() + " here and to " + token.owner()
                        + " at " + from + ", both in version " + mine.version());
            } else if (token.version() == mine.version() && token.owner().equals(from) && token.free() != mine.free()) {
                tokens.put(offset, token); // The owner's own hint; not a change worth telling.
            }
        }
        check();
        return new Merge(changed, refused);
    }

    /** Gives a part of our ranges to another peer; it may reach over several that lie side by side. */
    void grant(PeerName self, Range part, PeerName to) {
        List<Token> ours = List.copyOf(
                tokens.subMap(tokens.floorKey(part.start()), part.end()).values());
        Check.that(
                ours.stream().allMatch(token -> token.owner().equals(self)), "granting %s that is not all ours", part);
        if (part.end() < pool.size() && !tokens.containsKey(part.end())) {
            put(part.end(), self, ours.getLast().version() + 1, 0);
        }
        if (!tokens.containsKey(part.start())) {
            put(part.start(), self, ours.getFirst().version(), 0);
        }
        tokens.subMap(part.start(), part.end())
                .replaceAll((start, token) -> new Token(token.start(), to, token.version() + 1, endOf(start) - start));
        check();
    }

    private void put(long start, PeerName owner, long version, long free) {
        tokens.put(start, new Token(pool.address(start), owner, version, free));
    }

    /** Gives all a peer owns to another. Only for the peer itself, or where all others agreed that it is gone for good. */
    long takeOver(PeerName from, PeerName to) {
        long before = owned(from, new Range(0, pool.size()));
        tokens.replaceAll((start, token) ->
                token.owner().equals(from) ? new Token(token.start(), to, token.version() + 1, 0) : token);
        check();
        return before;
    }

    /**
     * Gives what a peer owns of a range to another without asking it. It may have changed its tokens around the range since
     * we heard of it, but none in it; the versions leap over what it can have counted meanwhile.
     *
     * @return how many addresses that were
     */
    long takeOver(PeerName from, PeerName to, Range part) {
        long taken = 0;
        for (Range owned : ranges(from)) {
            Range range = owned.intersect(part);
            if (range.isEmpty()) {
                continue;
            }
            long version = tokens.floorEntry(range.start()).getValue().version();
            if (range.end() < owned.end()) {
                put(range.end(), from, version, 0);
            }
            put(range.start(), to, version + LEAP, 0);
            taken += range.size();
        }
        check();
        return taken;
    }

    /** The ranges a peer owns, in order. Neighbouring ones are not joined. */
    List<Range> ranges(PeerName peer) {
        List<Range> ranges = new ArrayList<>();
        tokens.forEach((start, token) -> {
            if (token.owner().equals(peer)) {
                ranges.add(new Range(start, endOf(start)));
            }
        });
        return ranges;
    }

    PeerName ownerOf(long offset) {
        return tokens.floorEntry(offset).getValue().owner();
    }

    Set<PeerName> owners() {
        Set<PeerName> owners = new TreeSet<>();
        tokens.values().forEach(token -> owners.add(token.owner()));
        return owners;
    }

    /** How many addresses of a part a peer owns. */
    long owned(PeerName peer, Range part) {
        return ranges(peer).stream()
                .mapToLong(range -> range.intersect(part).size())
                .sum();
    }

    /** The peers that own something of a part, those with most free (as they said last) first. */
    List<PeerName> donors(Range part) {
        Map<PeerName, Long> free = new TreeMap<>();
        tokens.forEach((start, token) -> {
            if (!new Range(start, endOf(start)).intersect(part).isEmpty()) {
                free.merge(token.owner(), token.free(), Long::sum);
            }
        });
        return free.entrySet().stream()
                .sorted(Map.Entry.<PeerName, Long>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .toList();
    }

    private Range rangeFrom(long offset, NavigableSet<Long> starts) {
        Long next = starts.higher(offset);
        return new Range(offset, next == null ? pool.size() : next);
    }

    private long endOf(long start) {
        Long next = tokens.higherKey(start);
        return next == null ? pool.size() : next;
    }

    /** Everything of the pool has exactly one owner; that is so if the first token is at its start. Ends every change. */
    private void check() {
        hash = OptionalLong.empty();
        Check.that(
                !tokens.isEmpty() && tokens.firstKey() == 0, "the ring of %s does not start at its start", pool.cidr());
        Check.that(tokens.lastKey() < pool.size(), "the ring of %s has a token behind its end", pool.cidr());
    }

    static RingState founded(Cidr pool, List<PeerName> founders) {
        return Division.of(pool, founders);
    }
}
