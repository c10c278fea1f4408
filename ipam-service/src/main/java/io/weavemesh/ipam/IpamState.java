package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamBroadcast.RingDigest;
import io.weavemesh.contract.IpamBroadcast.RingNews;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RingState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What all parts of address management work on: the rings, the peers, and the effects of the turn under way. */
final class IpamState {

    /** Other rings than the universe's. A host with more Docker networks than this has other limits to think of. */
    private static final int MAX_RINGS = 4_096;

    private static final int MAX_CONFLICTS = 1_000;

    /** A peer that is gone for good. */
    public record Removed(PeerName peer) {}

    private final PeerName self;
    private final IpamRules rules;
    private final Map<Cidr, Allocations> pools = new TreeMap<>();
    private final Map<PeerName, String> nicknames = new TreeMap<>();
    private final Map<PeerName, Instant> lastSeen = new HashMap<>();
    private final Set<PeerName> removed = new TreeSet<>();
    private final Set<PeerName> leaving = new TreeSet<>();
    private final Set<String> conflicts = new TreeSet<>();
    private final Map<Long, BiConsumer<PeerName, Optional<Reply>>> questions = new HashMap<>();
    private long nextQuestion;
    private Map<PeerName, String> peers = Map.of();
    private Optional<Founding> founding;
    private boolean inUseElsewhere;
    private boolean handedOver;
    private Instant now = Instant.MIN;
    private Optional<Instant> begin = Optional.empty();
    private List<Effect> effects = new ArrayList<>();

    IpamState(PeerName self, IpamRules rules, DurableState durable) {
        this.self = self;
        this.rules = rules;
        this.founding = durable.founding();
        durable.nicknames().known().forEach(known -> nicknames.put(known.peer(), known.name()));
        durable.removed().forEach(gone -> removed.add(gone.peer()));
        durable.rings().forEach(ring -> pools.put(ring.pool(), new Allocations(self, new Ring(ring))));
        durable.allocations().forEach(given -> pool(given.address().subnet()).ifPresent(pool -> pool.restore(given)));
        pools.values().forEach(Allocations::ringChanged);
    }

    // ---- the turn ----

    void begin(Instant time) {
        now = time;
        begin = begin.or(() -> Optional.of(time));
        effects = new ArrayList<>();
    }

    List<Effect> effects() {
        return effects;
    }

    Instant now() {
        return now;
    }

    void add(Effect effect) {
        effects.add(effect);
    }

    void note(String text) {
        add(new Effect.Note(text));
    }

    void reply(long call, Reply reply) {
        add(new Effect.Reply(call, reply));
    }

    void fail(long call, Failure.Code code, String text) {
        reply(call, new Failure(code, text));
    }

    /** Asks a peer; the answer is nothing if it did not give one in time. */
    void question(PeerName peer, IpamRequest<?> request, BiConsumer<PeerName, Optional<Reply>> then) {
        long number = nextQuestion++;
        questions.put(number, then);
        add(new Effect.AskPeer(number, peer, request));
    }

    void answered(Input.PeerAnswered answered) {
        BiConsumer<PeerName, Optional<Reply>> then = questions.remove(answered.ask());
        if (then != null) {
            then.accept(answered.from(), answered.answer());
        }
    }

    // ---- peers ----

    PeerName self() {
        return self;
    }

    IpamRules rules() {
        return rules;
    }

    void peersChanged(Map<PeerName, String> present) {
        peers.keySet().forEach(peer -> lastSeen.put(peer, now));
        peers = present;
        leaving.retainAll(present.keySet());
        present.keySet().stream()
                .filter(removed::remove)
                .forEach(peer -> add(new Effect.Erase(IpamCore.REMOVED, peer.toString())));
        if (!nicknames.entrySet().containsAll(present.entrySet())) {
            nicknames.putAll(present);
            List<Nicknames.Nickname> known = new ArrayList<>();
            nicknames.forEach((peer, name) -> known.add(new Nicknames.Nickname(peer, name)));
            add(new Effect.Persist(IpamCore.NICKNAMES, IpamCore.NICKNAMES, new Nicknames(known)));
        }
    }

    /** The peers that are present, without ourselves. */
    Set<PeerName> peers() {
        return peers.keySet();
    }

    boolean isPresent(PeerName peer) {
        return peers.containsKey(peer);
    }

    /** The peers that are present and stay, without ourselves. */
    Set<PeerName> stayingPeers() {
        Set<PeerName> staying = new TreeSet<>(peers.keySet());
        staying.removeAll(leaving);
        return staying;
    }

    void leaves(PeerName peer, boolean whether) {
        if (whether) {
            leaving.add(peer);
        } else {
            leaving.remove(peer);
        }
    }

    /** Whether a peer has not been here for some time, of which this peer was running all the while. */
    boolean isUnseen(PeerName peer, Duration time) {
        Instant since = lastSeen.getOrDefault(peer, begin.orElse(now));
        return !isPresent(peer) && !now.isBefore(since.plus(time));
    }

    /** An operator said that peers are gone for good, and their space was taken. */
    void removed(Collection<PeerName> gone) {
        gone.stream()
                .filter(removed::add)
                .forEach(peer -> add(new Effect.Persist(IpamCore.REMOVED, peer.toString(), new Removed(peer))));
    }

    boolean isRemoved(PeerName peer) {
        return removed.contains(peer);
    }

    /** How a peer is spoken of. */
    String label(PeerName peer) {
        String nickname = peers.getOrDefault(peer, nicknames.get(peer));
        return nickname == null ? peer.toString() : peer + "(" + nickname + ")";
    }

    /** The peer with a name or nickname. Of two with one nickname the one that owns something and is not here is meant. */
    Optional<PeerName> named(String text) {
        Set<PeerName> owners = owners();
        Set<PeerName> known = new TreeSet<>(owners);
        known.addAll(nicknames.keySet());
        return known.stream()
                .filter(peer -> peer.toString().equals(text) || text.equals(nicknames.get(peer)))
                .min((one, other) -> Boolean.compare(
                        isPresent(one) || !owners.contains(one), isPresent(other) || !owners.contains(other)));
    }

    // ---- rings ----

    Optional<Founding> founding() {
        return founding;
    }

    void found(Founding chosen) {
        founding = Optional.of(chosen);
        add(new Effect.Persist(IpamCore.FOUNDING, IpamCore.FOUNDING, chosen));
        note("Addresses are divided. founders=" + chosen.founders());
        tellRing(ensurePool(rules.universe()));
    }

    /** Forgets every ring, for those of another division; what is in use stays so. */
    void foundAnew(Founding chosen, boolean inUse) {
        List<Allocation> given = all();
        inUseElsewhere = inUse;
        pools.keySet().forEach(pool -> add(new Effect.Erase(IpamCore.RINGS, pool.toString())));
        pools.clear();
        found(chosen);
        given.forEach(one -> ensurePool(one.address().subnet()).restore(one));
        pools.values().forEach(Allocations::ringChanged);
    }

    Collection<Allocations> pools() {
        return pools.values();
    }

    Set<Cidr> subnets() {
        return pools.keySet();
    }

    Optional<Allocations> pool(Cidr subnet) {
        return Optional.ofNullable(pools.get(key(subnet)));
    }

    Allocations ensurePool(Cidr subnet) {
        Cidr key = key(subnet);
        Allocations pool = pools.get(key);
        if (pool == null) {
            if (pools.size() >= MAX_RINGS) {
                throw new IllegalArgumentException("there are already " + MAX_RINGS + " pools");
            }
            pool = new Allocations(
                    self, new Ring(Division.of(key, founding.orElseThrow().founders())));
            pools.put(key, pool);
            persistRing(pool);
        }
        return pool;
    }

    private Cidr key(Cidr subnet) {
        return rules.universe().contains(subnet) ? rules.universe() : subnet;
    }

    boolean isUniverse(Allocations pool) {
        return pool.ring().pool().cidr().equals(rules.universe());
    }

    /** Those who own something of any pool. */
    Set<PeerName> owners() {
        Set<PeerName> owners = new TreeSet<>();
        if (founding.isPresent()) {
            ensurePool(rules.universe());
            pools.values().forEach(pool -> owners.addAll(pool.ring().owners()));
        }
        return owners;
    }

    List<RingState> rings() {
        return pools.values().stream().map(pool -> pool.ring().state()).toList();
    }

    /** Merges what another peer knows of a ring. */
    void learn(PeerName from, RingState theirs) {
        Cidr universe = rules.universe();
        if (founding.isEmpty() || (!theirs.pool().equals(universe) && universe.overlaps(theirs.pool()))) {
            return;
        }
        Allocations pool = ensurePool(theirs.pool());
        Ring.Merge merge = pool.ring().merge(self, from, theirs, pool::inUse);
        merge.refused().forEach(this::conflict);
        if (merge.changed()) {
            pool.ringChanged();
            persistRing(pool);
        }
    }

    void learn(PeerName from, List<RingState> theirs) {
        theirs.forEach(ring -> learn(from, ring));
    }

    /** The ring of a pool was changed by us. */
    void changed(Allocations pool) {
        persistRing(pool);
        tellRing(pool);
    }

    void tellRing(Allocations pool) {
        add(new Effect.TellAll(
                new RingNews(founding.orElseThrow(), isInUse(), pool.ring().state())));
    }

    private void persistRing(Allocations pool) {
        RingState state = pool.ring().state();
        add(new Effect.Persist(IpamCore.RINGS, state.pool().toString(), state));
    }

    /** The same wherever founding and rings are the same. */
    long hash() {
        long hash = founding.map(value -> (long) value.toString().hashCode()).orElse(0L);
        for (Allocations pool : pools.values()) {
            hash = hash * 31 + pool.ring().hash();
        }
        return hash;
    }

    void conflict(String text) {
        if (conflicts.size() < MAX_CONFLICTS && conflicts.add(text)) {
            note("Disagreement about addresses; what is in use stays. " + text);
        }
    }

    Set<String> conflicts() {
        return conflicts;
    }

    // ---- what is in use ----

    void persist(Allocation allocation) {
        add(new Effect.Persist(IpamCore.ALLOCATIONS, allocation.address().toString(), allocation));
    }

    void erase(Allocation allocation) {
        add(new Effect.Erase(IpamCore.ALLOCATIONS, allocation.address().toString()));
    }

    List<Allocation> all() {
        return pools.values().stream().flatMap(pool -> pool.all().stream()).toList();
    }

    /** Whether somebody has given out addresses of our division, as far as we know. */
    boolean isInUse() {
        return inUseElsewhere || givesAddresses();
    }

    boolean givesAddresses() {
        return pools.values().stream().anyMatch(pool -> !pool.isEmpty());
    }

    /** Another peer says whether our division is in use. Once it is, it counts as such for ever, so that all agree. */
    void inUseElsewhere(boolean inUse) {
        inUseElsewhere |= inUse;
    }

    /** Nothing is given by this peer any more, and nothing taken. */
    void leave() {
        handedOver = true;
        tellDigest();
    }

    void tellDigest() {
        add(new Effect.TellAll(new RingDigest(hash(), handedOver)));
    }

    boolean hasLeft() {
        return handedOver;
    }
}
