package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpamReply.ReserveNoted;
import io.weavemesh.contract.IpamRequest.NoteReserve;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Reserve;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/*
 * Taking over the free space of a peer that is away, without asking it. Why that never gives an address twice is argued in
 * docs/adr/0004. In short: a peer gives only what it does not hold back. What it holds back is written down with witnesses,
 * and it frees some by telling a majority of them. The heir takes what is held back after it has fenced the peer at a
 * majority. The two majorities share a witness: either that has noted what was freed, and tells the heir, or it has fenced
 * the peer, and does not note it.
 */

/** What this peer holds back of its free space. */
final class Reserves {

    /** Enough for a majority to survive, and few enough for many peers. */
    private static final int MAX_WITNESSES = 5;

    private static final Duration ASK_AGAIN = Duration.ofMillis(500);

    /** What this peer holds back. A change counts when it is noted; until then both versions are held back. */
    public record Own(long version, Optional<Reserve> noted, Optional<Reserve> pending) {
        public static final Own NOTHING = new Own(0, Optional.empty(), Optional.empty());
    }

    private final IpamState state;
    private final Set<PeerName> acknowledged = new HashSet<>();
    private Instant nextAsk = Instant.MIN;
    private boolean freeAll;
    private Own own;

    Reserves(IpamState state, Own own) {
        this.state = state;
        this.own = own;
        apply();
    }

    // ---- what we hold back ----

    boolean isNone() {
        return parts(own.noted()).isEmpty() && parts(own.pending()).isEmpty();
    }

    /** Frees everything, and holds back nothing from now on. */
    void freeAll() {
        freeAll = true;
        if (own.pending().isEmpty()) {
            review();
        }
    }

    /** Undoes {@link #freeAll}. */
    void hold() {
        freeAll = false;
    }

    /** Whether something of a range is held back and being freed. */
    boolean free(Allocations pool, Range wanted) {
        Range part = pool.reserve().intersect(wanted);
        if (part.isEmpty()) {
            return false;
        }
        if (own.pending().isPresent()) {
            askAgain();
            return canBeNoted(own.pending().get());
        }
        Range rest = rest(pool.reserve(), part);
        List<Reserve.Part> parts = new ArrayList<>();
        for (Allocations other : state.pools()) {
            part(other, other == pool ? rest : other.reserve()).ifPresent(parts::add);
        }
        Reserve noted = own.noted().orElseThrow();
        Reserve next = next(parts, noted.witnesses(), noted.heir());
        if (!canBeNoted(next)) {
            return false;
        }
        propose(next);
        return own.pending().isPresent() || !pool.reserve().intersect(wanted).equals(part);
    }

    String whyNotFree() {
        Set<PeerName> witnesses = new TreeSet<>();
        own.noted().ifPresent(reserve -> witnesses.addAll(reserve.witnesses()));
        own.pending().ifPresent(reserve -> witnesses.addAll(reserve.witnesses()));
        return "holds back space until most of its witnesses are reachable: "
                + String.join(", ", witnesses.stream().map(state::label).toList());
    }

    /** Half of what is held back, or all but what is wanted on its larger side. */
    private static Range rest(Range reserve, Range wanted) {
        if (wanted.equals(reserve)) {
            long kept = reserve.size() < 4 ? 0 : reserve.size() / 2;
            return new Range(reserve.end() - kept, reserve.end());
        }
        Range below = new Range(reserve.start(), wanted.start());
        Range above = new Range(wanted.end(), reserve.end());
        return below.size() > above.size() ? below : above;
    }

    /** Compares what is held back with what should be. */
    private void review() {
        Optional<Duration> reclaimAfter = state.rules().reclaimAfter();
        List<PeerName> witnesses = reclaimAfter.isEmpty() || freeAll ? List.of() : witnesses(reclaimAfter.get());
        Optional<PeerName> heir = heir(witnesses);
        List<Reserve.Part> parts = new ArrayList<>();
        if (witnesses.size() > 1 && heir.isPresent()) {
            for (Allocations pool : state.pools()) {
                part(pool, wanted(pool)).ifPresent(parts::add);
            }
        }
        if (parts.isEmpty()) {
            heir = Optional.empty();
        }
        Reserve next = next(parts, parts.isEmpty() ? List.of() : witnesses, heir);
        boolean same = own.noted().isEmpty()
                ? parts.isEmpty()
                : own.noted().get().parts().equals(parts)
                        && own.noted().get().witnesses().equals(next.witnesses())
                        && own.noted().get().heir().equals(heir);
        if (!same && canBeNoted(next)) {
            propose(next);
        }
    }

    /** What to hold back next: some of what is held back now, or anything if that is nothing. */
    private Range wanted(Allocations pool) {
        Range reserve = pool.reserve();
        if (reserve.isEmpty()) {
            Cidr cidr = pool.ring().pool().cidr();
            boolean taken =
                    parts(own.noted()).stream().anyMatch(part -> part.pool().equals(cidr));
            return taken ? Range.EMPTY : pool.upperHalf(); // First the witnesses must forget what was taken.
        }
        return pool.free() < (pool.free() + reserve.size()) / 4 ? rest(reserve, reserve) : reserve;
    }

    private static Optional<Reserve.Part> part(Allocations pool, Range range) {
        Pool all = pool.ring().pool();
        return range.isEmpty()
                ? Optional.empty()
                : Optional.of(new Reserve.Part(all.cidr(), all.address(range.start()), range.size()));
    }

    private Reserve next(List<Reserve.Part> parts, List<PeerName> witnesses, Optional<PeerName> heir) {
        List<PeerName> before = own.noted()
                .filter(reserve -> !reserve.parts().isEmpty())
                .map(Reserve::witnesses)
                .orElse(List.of());
        return new Reserve(
                state.self(), own.version() + 1, before, witnesses, parts.isEmpty() ? Optional.empty() : heir, parts);
    }

    /** Those of before that were here lately, and others in the order of their names after ours. */
    private List<PeerName> witnesses(Duration reclaimAfter) {
        Set<PeerName> owners = state.owners();
        Set<PeerName> chosen = new LinkedHashSet<>();
        own.noted()
                .ifPresent(reserve -> reserve.witnesses().stream()
                        .filter(peer -> !state.isUnseen(peer, reclaimAfter.dividedBy(4)))
                        .filter(peer -> state.isPresent(peer) || owners.contains(peer))
                        .forEach(chosen::add));
        TreeSet<PeerName> present = new TreeSet<>(state.peers());
        Stream.concat(present.tailSet(state.self()).stream(), present.stream()).forEach(chosen::add);
        return chosen.stream().limit(MAX_WITNESSES).toList();
    }

    private Optional<PeerName> heir(List<PeerName> witnesses) {
        Set<PeerName> owners = state.owners();
        return own.noted()
                .flatMap(Reserve::heir)
                .filter(peer -> witnesses.contains(peer) && owners.contains(peer))
                .or(() -> witnesses.stream()
                        .filter(peer -> state.isPresent(peer) && owners.contains(peer))
                        .findFirst());
    }

    private void propose(Reserve next) {
        own = new Own(next.version(), own.noted(), Optional.of(next));
        acknowledged.clear();
        nextAsk = Instant.MIN;
        save();
        apply();
        settle();
        askAgain();
    }

    /** Goes on after the change is noted: a majority suffices for that, but an heir that does not know takes nothing. */
    private void askAgain() {
        acknowledged.removeIf(peer -> !state.isPresent(peer));
        Set<PeerName> asked = new LinkedHashSet<>();
        told().ifPresent(reserve -> Stream.of(reserve.before(), reserve.witnesses(), heirs(reserve))
                .flatMap(List::stream)
                .filter(peer -> state.isPresent(peer) && !acknowledged.contains(peer))
                .forEach(asked::add));
        if (asked.isEmpty() || state.now().isBefore(nextAsk)) {
            return;
        }
        nextAsk = state.now().plus(ASK_AGAIN);
        Reserve told = told().orElseThrow();
        NoteReserve request = new NoteReserve(state.founding().orElseThrow(), told);
        asked.forEach(peer -> state.question(peer, request, (from, answer) -> noted(told.version(), from, answer)));
    }

    private Optional<Reserve> told() {
        return own.pending().or(own::noted);
    }

    private void noted(long version, PeerName from, Optional<Reply> answer) {
        if (!(answer.orElse(null) instanceof ReserveNoted noted)
                || told().filter(reserve -> reserve.version() == version).isEmpty()) {
            return;
        }
        state.learn(from, noted.rings());
        if (noted.version() > version) {
            // We have forgotten what we told, with our disk. Versions go on from there.
            Reserve old = told().orElseThrow();
            own = new Own(noted.version(), own.noted(), Optional.empty());
            propose(new Reserve(
                    old.peer(), noted.version() + 1, old.before(), old.witnesses(), old.heir(), old.parts()));
            return;
        }
        acknowledged.add(from);
        settle();
    }

    private void settle() {
        Optional<Reserve> pending = own.pending().filter(reserve -> isNoted(reserve, acknowledged));
        if (pending.isPresent()) {
            own = new Own(own.version(), pending, Optional.empty());
            save();
            apply();
        }
    }

    private boolean canBeNoted(Reserve reserve) {
        return isNoted(reserve, state.peers());
    }

    /** Whether a majority knows, or else every heir: only these take anything. Who was removed cannot. */
    private boolean isNoted(Reserve reserve, Set<PeerName> by) {
        boolean majority = counts(reserve.before(), by) && counts(reserve.witnesses(), by);
        return majority || heirs(reserve).stream().allMatch(peer -> by.contains(peer) || state.isRemoved(peer));
    }

    private static boolean counts(List<PeerName> witnesses, Set<PeerName> by) {
        long known = witnesses.stream().filter(by::contains).count();
        return known >= (witnesses.size() + 1) / 2;
    }

    private List<PeerName> heirs(Reserve next) {
        return Stream.of(own.noted().flatMap(Reserve::heir), next.heir())
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    private void save() {
        state.add(new Effect.Persist(IpamCore.RESERVE, IpamCore.RESERVE, own));
    }

    /** Of two versions that hold back something of a pool the one includes the other; {@link #wanted} sees to that. */
    private void apply() {
        Map<Cidr, Range> ranges = new HashMap<>();
        Stream.of(own.noted(), own.pending())
                .flatMap(reserve -> parts(reserve).stream())
                .forEach(part -> state.pool(part.pool())
                        .ifPresent(pool -> ranges.merge(
                                part.pool(),
                                range(pool, part),
                                (one, other) -> one.size() > other.size() ? one : other)));
        for (Allocations pool : state.pools()) {
            Range range = ranges.getOrDefault(pool.ring().pool().cidr(), Range.EMPTY);
            if (!range.equals(pool.reserve())) {
                pool.hold(range);
            }
        }
    }

    static Range range(Allocations pool, Reserve.Part part) {
        long start = pool.ring().pool().offset(part.first());
        return new Range(start, start + part.size());
    }

    private static List<Reserve.Part> parts(Optional<Reserve> reserve) {
        return reserve.map(Reserve::parts).orElse(List.of());
    }

    // ---- time ----

    void tick() {
        if (state.founding().isEmpty() || state.hasLeft()) {
            return;
        }
        if (own.pending().isPresent()) {
            settle();
        } else {
            review();
        }
        askAgain();
    }

    /** Before the rings become others: nothing that was said of the old ones holds. */
    void forget() {
        own = new Own(own.version(), Optional.empty(), Optional.empty());
        save();
        apply();
    }
}
