package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamBroadcast.RingDigest;
import io.weavemesh.contract.IpamBroadcast.RingNews;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamReply.PoolStatus;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.BindAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.IpamStatusQuery;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.IpamRequest.PullRings;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.ReleaseOwner;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.IpamRequest.RequestSpace;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RingState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Address management of one peer: the one door through which everything comes in, and the effects that come out.
 *
 * <p>Every pool is divided by a ring. Subnets inside the universe share the universe's; any other subnet has its own, which
 * every peer computes alone from the founding peers. A peer gives addresses out of its own ranges without asking anybody.
 * What it cannot answer yet waits with a deadline: for the first division, or for space from one other peer at a time.
 */
public final class IpamCore {

    /** Map names of the durable state. */
    public static final String META = "meta";

    public static final String RINGS = "rings";
    public static final String ALLOCATIONS = "allocations";

    static final String FOUNDING = "founding";
    static final String PAXOS = "paxos";
    static final String IDENTITY = "identity";

    /** Less than what the caller waits, so that our words arrive and not its own. */
    private static final Duration PATIENCE = Duration.ofMillis(1_700);

    /** Waiting requests. Docker starts containers a few at a time; more than this is a fault, and refused at once. */
    private static final int MAX_WAITING = 10_000;

    /** Other rings than the universe's. A host with more Docker networks than this has other limits to think of. */
    private static final int MAX_RINGS = 4_096;

    private final PeerName self;
    private final Cidr universe;
    private final Cidr defaultSubnet;
    private final InitMode mode;
    private final FirstDivision division;
    private final Map<Cidr, Allocations> pools = new TreeMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final Set<String> conflicts = new HashSet<>();
    private Map<PeerName, String> peers = Map.of();
    private Optional<Founding> founding;
    private List<Effect> effects = new ArrayList<>();

    /** A request that cannot be answered yet. */
    private static final class Waiting {
        private final long call;
        private final IpamRequest<?> request;
        private final Instant deadline;
        private final Set<PeerName> asked = new HashSet<>();
        private Optional<PeerName> asking = Optional.empty();

        private Waiting(long call, IpamRequest<?> request, Instant deadline) {
            this.call = call;
            this.request = request;
            this.deadline = deadline;
        }
    }

    /** Who wrote the durable state. */
    record Identity(PeerName self, Cidr universe) {}

    /** Starts from what is on disk. */
    public IpamCore(PeerName self, Cidr universe, Cidr defaultSubnet, InitMode mode, DurableState durable) {
        this.self = self;
        this.universe = universe;
        this.defaultSubnet = defaultSubnet;
        this.mode = mode;
        this.founding = durable.founding();
        this.division = new FirstDivision(self, universe, mode, durable.memory());
        durable.rings().forEach(ring -> pools.put(ring.pool(), new Allocations(self, new Ring(ring))));
        for (Allocation allocation : durable.allocations()) {
            pool(allocation.address().subnet()).ifPresent(pool -> pool.restore(allocation));
        }
        pools.values().forEach(Allocations::ringChanged);
    }

    /** Takes one input. The effects are to be carried out in order; see {@link Effect} for what must be durable first. */
    public List<Effect> handle(Input input, Instant now) {
        effects = new ArrayList<>();
        switch (input) {
            case Input.Asked asked -> ask(asked, now);
            case Input.Heard heard -> hear(heard.from(), heard.news());
            case Input.Pulled pulled -> pulled(pulled.from(), pulled.rings());
            case Input.SpaceAnswered answered -> spaceAnswered(answered.from(), answered.answer());
            case Input.PeersChanged changed -> peers = changed.peers();
            case Input.Tick tick -> tick();
        }
        divide(now);
        retry(now);
        return effects;
    }

    /** The soonest that waiting requests want a tick, if any wait. */
    public boolean isWaiting() {
        return !waiting.isEmpty() || founding.isEmpty();
    }

    // ---- requests ----

    private void ask(Input.Asked asked, Instant now) {
        switch (asked.request()) {
            case RequestPool request -> reply(asked.call(), requestPool(request));
            case ReleasePool request -> reply(asked.call(), new Done());
            case AllocateAddress request -> enqueue(asked, PoolName.parse(request.pool()), request, now);
            case ClaimAddress request -> enqueue(asked, PoolName.parse(request.pool()), request, now);
            case ReleaseAddress request -> {
                Cidr subnet = PoolName.parse(request.pool()).subnet();
                if (subnet.contains(request.address())) {
                    pool(subnet)
                            .flatMap(pool -> pool.release(request.address(), now))
                            .ifPresent(this::erase);
                }
                reply(asked.call(), new Done());
            }
            case ReleaseOwner request -> {
                pools.values()
                        .forEach(pool -> pool.heldBy(request.ownerId())
                                .forEach(allocation -> pool.release(
                                                allocation.address().address(), now)
                                        .ifPresent(this::erase)));
                reply(asked.call(), new Done());
            }
            case BindAddress request -> {
                pool(request.subnet())
                        .flatMap(pool -> pool.bind(request.address(), request.owner()))
                        .ifPresent(this::persist);
                reply(asked.call(), new Done());
            }
            case ListAllocations request -> reply(asked.call(), new io.weavemesh.contract.IpamReply.Allocations(all()));
            case IpamStatusQuery request -> reply(asked.call(), status());
            case RequestSpace request -> donate(asked, request);
            case PullRings request -> reply(asked.call(), new Rings(founding, rings()));
        }
    }

    private io.weavemesh.contract.Reply requestPool(RequestPool request) {
        if (request.subnet().isEmpty()) {
            return failure(
                    Failure.Code.INVALID,
                    "a network without a subnet is not made yet: give one with --subnet, outside " + universe
                            + " or inside it");
        }
        Cidr subnet = request.subnet().get();
        Cidr range = request.range().orElse(subnet);
        if (!subnet.contains(range)) {
            return failure(Failure.Code.INVALID, "range " + range + " is not inside subnet " + subnet);
        }
        if (subnet.hostBits() < 2) {
            return failure(Failure.Code.INVALID, "subnet " + subnet + " is too small: it needs at least 4 addresses");
        }
        for (Cidr other : pools.keySet()) {
            boolean nested = other.equals(universe) && universe.contains(subnet);
            if (!nested && !other.equals(subnet) && other.overlaps(subnet)) {
                return failure(Failure.Code.CONFLICT, "subnet " + subnet + " overlaps " + other + ", which is in use");
            }
        }
        if (!universe.contains(subnet) && universe.overlaps(subnet)) {
            return failure(
                    Failure.Code.CONFLICT, "subnet " + subnet + " overlaps the range " + universe + " only partly");
        }
        return new PoolGranted(new PoolName(subnet, range).id(), subnet);
    }

    private void enqueue(Input.Asked asked, PoolName pool, IpamRequest<?> request, Instant now) {
        if (universe.overlaps(pool.subnet()) && !universe.contains(pool.subnet())) {
            reply(asked.call(), failure(Failure.Code.INVALID, pool.subnet() + " is only partly inside " + universe));
            return;
        }
        if (waiting.size() >= MAX_WAITING) {
            reply(asked.call(), failure(Failure.Code.NOT_READY, "more than " + MAX_WAITING + " requests are waiting"));
            return;
        }
        waiting.add(new Waiting(asked.call(), request, now.plus(PATIENCE)));
    }

    private void retry(Instant now) {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            Optional<io.weavemesh.contract.Reply> answer = attempt(one, now);
            if (answer.isEmpty() && !now.isBefore(one.deadline)) {
                answer = Optional.of(tooLate(one));
            }
            if (answer.isPresent()) {
                reply(one.call, answer.get());
                all.remove();
            }
        }
    }

    private Optional<io.weavemesh.contract.Reply> attempt(Waiting one, Instant now) {
        if (founding.isEmpty()) {
            return Optional.empty();
        }
        return switch (one.request) {
            case AllocateAddress request -> allocate(one, request, now);
            case ClaimAddress request -> claim(one, request, now);
            default -> throw new IllegalStateException("nothing waits with " + one.request);
        };
    }

    private Optional<io.weavemesh.contract.Reply> allocate(Waiting one, AllocateAddress request, Instant now) {
        PoolName name = PoolName.parse(request.pool());
        Allocations pool = ensurePool(name.subnet());
        Optional<Allocation> allocation = pool.allocate(name, request.owner(), now);
        if (allocation.isPresent()) {
            persist(allocation.get());
            return Optional.of(Allocations.reply(allocation.get()));
        }
        Range wanted = pool.ring()
                .pool()
                .range(name.range())
                .intersect(pool.ring().pool().usable(name.subnet()));
        return askDonor(one, pool, wanted, name.range())
                ? Optional.empty()
                : Optional.of(failure(
                        Failure.Code.EXHAUSTED, "no free address in " + name.range() + ": " + whoOwns(pool, wanted)));
    }

    private Optional<io.weavemesh.contract.Reply> claim(Waiting one, ClaimAddress request, Instant now) {
        PoolName name = PoolName.parse(request.pool());
        IpAddress address = request.address();
        if (!name.subnet().contains(address)) {
            return Optional.of(
                    failure(Failure.Code.INVALID, "claim " + address + ": it is outside subnet " + name.subnet()));
        }
        Allocations pool = ensurePool(name.subnet());
        Optional<Allocation> holder = pool.holder(address);
        if (holder.isPresent()) {
            return holder.get().owner().id().equals(request.owner().id())
                    ? Optional.of(Allocations.reply(holder.get()))
                    : Optional.of(failure(
                            Failure.Code.CONFLICT,
                            "claim " + address + ": held by " + holder.get().owner() + " on this host"));
        }
        if (pool.owns(address)) {
            Allocation allocation = pool.claim(address, name.subnet(), request.owner(), now);
            persist(allocation);
            return Optional.of(Allocations.reply(allocation));
        }
        long offset = pool.ring().pool().offset(address);
        PeerName owner = pool.ring().ownerOf(offset);
        Range wanted = new Range(offset, offset + 1);
        return askDonor(one, pool, wanted, new Cidr(address, address.family().bits()))
                ? Optional.empty()
                : Optional.of(failure(
                        Failure.Code.CONFLICT,
                        "claim " + address + ": "
                                + (one.asked.contains(owner)
                                        ? "peer " + label(owner) + " holds it"
                                        : "it belongs to peer " + label(owner) + ", which is not reachable")));
    }

    /** Whether somebody is being asked for space, now or already. */
    private boolean askDonor(Waiting one, Allocations pool, Range wanted, Cidr range) {
        if (one.asking.isPresent()) {
            return true;
        }
        Optional<PeerName> donor = pool.ring().donors(wanted).stream()
                .filter(peer -> !peer.equals(self) && peers.containsKey(peer) && !one.asked.contains(peer))
                .findFirst();
        donor.ifPresent(peer -> {
            one.asking = donor;
            one.asked.add(peer);
            effects.add(new Effect.AskSpace(
                    peer, new RequestSpace(pool.ring().pool().cidr(), range)));
        });
        return donor.isPresent();
    }

    private io.weavemesh.contract.Reply tooLate(Waiting one) {
        if (founding.isPresent()) {
            return failure(
                    Failure.Code.UNAVAILABLE,
                    "no answer in time from peer " + one.asking.map(this::label).orElse("(none)") + ", which was asked"
                            + " for space");
        }
        return switch (mode) {
            case InitMode.Consensus consensus ->
                failure(
                        Failure.Code.NOT_READY,
                        "addresses are given once " + consensus.quorum() + " of " + consensus.expectedPeers()
                                + " peers have met to divide them; known: " + known()
                                + ". Start the others, or launch with --ipalloc-init");
            case InitMode.Seed seed -> failure(Failure.Code.INTERNAL, "addresses are not divided although seeded");
            case InitMode.Observer observer ->
                failure(
                        Failure.Code.NOT_READY,
                        "this peer only observes: addresses are given once a peer that does not has divided them; known: "
                                + known());
        };
    }

    private String known() {
        List<String> names = new ArrayList<>(List.of("this peer"));
        peers.keySet().forEach(peer -> names.add(label(peer)));
        return String.join(", ", names);
    }

    private String whoOwns(Allocations pool, Range wanted) {
        List<String> owners = new ArrayList<>();
        for (PeerName peer : pool.ring().donors(wanted)) {
            String state = peer.equals(self) ? "full" : peers.containsKey(peer) ? "has none to give" : "not reachable";
            owners.add((peer.equals(self) ? "this peer" : label(peer)) + " " + state);
        }
        return String.join(", ", owners);
    }

    private String label(PeerName peer) {
        return peers.containsKey(peer) ? peer + "(" + peers.get(peer) + ")" : peer.toString();
    }

    // ---- space between peers ----

    private void donate(Input.Asked asked, RequestSpace request) {
        Optional<Allocations> pool = founding.isEmpty() ? Optional.empty() : Optional.of(ensurePool(request.pool()));
        if (pool.isEmpty() || !pool.get().ring().pool().cidr().equals(request.pool())) {
            reply(asked.call(), failure(Failure.Code.NOT_FOUND, "no ring for " + request.pool() + " here"));
            return;
        }
        Range wanted = pool.get().ring().pool().range(request.range());
        Optional<Range> given = pool.get().donate(wanted, asked.from());
        Optional<Cidr> granted = given.map(range -> block(pool.get().ring().pool(), range));
        if (given.isPresent()) {
            persistRing(pool.get());
            tellRing(pool.get());
        }
        reply(asked.call(), new SpaceAnswer(granted, pool.get().ring().state()));
    }

    private static Cidr block(Pool pool, Range range) {
        int bits = 63 - Long.numberOfLeadingZeros(range.size());
        return new Cidr(
                pool.address(range.start()), pool.cidr().address().family().bits() - bits);
    }

    private void spaceAnswered(PeerName from, Optional<SpaceAnswer> answer) {
        answer.ifPresent(space -> learn(from, space.ring()));
        waiting.stream().filter(one -> one.asking.equals(Optional.of(from))).forEach(one -> {
            one.asking = Optional.empty();
            if (answer.flatMap(SpaceAnswer::granted).isPresent()) {
                one.asked.remove(from); // It gave something, perhaps to another request of ours; it may give more.
            }
        });
    }

    // ---- first division ----

    private void divide(Instant now) {
        if (founding.isPresent()) {
            return;
        }
        if (mode instanceof InitMode.Seed seed) {
            found(new Founding(universe, seed.peers()));
            return;
        }
        carryOut(division.tick(peers.keySet(), now));
    }

    private void carryOut(FirstDivision.Outcome outcome) {
        if (outcome.remember()) {
            effects.add(new Effect.Persist(META, PAXOS, division.memory()));
        }
        outcome.news().forEach(news -> effects.add(new Effect.TellAll(news)));
        outcome.chosen().ifPresent(this::found);
    }

    private void found(Founding chosen) {
        if (founding.isPresent()) {
            return;
        }
        founding = Optional.of(chosen);
        effects.add(new Effect.Persist(META, FOUNDING, chosen));
        effects.add(new Effect.Note("Addresses are divided. founders=" + chosen.founders()));
        tellRing(ensurePool(universe));
    }

    private void hear(PeerName from, IpamBroadcast news) {
        switch (news) {
            case RingNews ring -> {
                if (agree(from, ring.founding())) {
                    learn(from, ring.ring());
                }
            }
            case RingDigest digest -> {
                if (digest.hash() != hash()) {
                    effects.add(new Effect.Pull(from));
                }
            }
            default -> {
                if (founding.isEmpty()) {
                    carryOut(division.hear(from, news, peers.keySet()));
                } else {
                    tellRing(ensurePool(universe)); // Somebody does not know yet that it is decided.
                }
            }
        }
    }

    private void pulled(PeerName from, Rings rings) {
        rings.founding()
                .filter(theirs -> agree(from, theirs))
                .ifPresent(theirs -> rings.rings().forEach(ring -> learn(from, ring)));
    }

    /** Whether both know the same founding afterwards. A side that has given out nothing adopts the other's. */
    private boolean agree(PeerName from, Founding theirs) {
        if (founding.isEmpty()) {
            found(theirs);
            return true;
        }
        if (founding.get().equals(theirs)) {
            return true;
        }
        boolean unused = pools.values().stream().allMatch(Allocations::isEmpty);
        if (unused && founding.get().toString().compareTo(theirs.toString()) > 0) {
            pools.keySet().forEach(pool -> effects.add(new Effect.Erase(RINGS, pool.toString())));
            pools.clear();
            founding = Optional.empty();
            found(theirs);
            return true;
        }
        conflict("peer " + label(from) + " divided the addresses among " + theirs.founders() + ", this peer among "
                + founding.get().founders()
                + ": stop one side's containers and remove its " + IpamCore.class.getSimpleName() + " state");
        return false;
    }

    // ---- rings ----

    private void learn(PeerName from, RingState theirs) {
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

    private void conflict(String text) {
        if (conflicts.size() < 1_000 && conflicts.add(text)) {
            effects.add(new Effect.Note("Disagreement about addresses; what is in use stays. " + text));
        }
    }

    private Optional<Allocations> pool(Cidr subnet) {
        return Optional.ofNullable(pools.get(universe.contains(subnet) ? universe : subnet));
    }

    private Allocations ensurePool(Cidr subnet) {
        Cidr key = universe.contains(subnet) ? universe : subnet;
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

    private void tick() {
        if (founding.isPresent()) {
            effects.add(new Effect.TellAll(new RingDigest(hash())));
        }
    }

    private List<RingState> rings() {
        return pools.values().stream().map(pool -> pool.ring().state()).toList();
    }

    /** The same wherever the rings are the same; hints of free space do not count. */
    private long hash() {
        long hash = founding.map(value -> (long) value.toString().hashCode()).orElse(0L);
        for (RingState ring : rings()) {
            for (RingState.Token token : ring.tokens()) {
                String text = ring.pool() + " " + token.start() + " " + token.owner() + " " + token.version();
                hash = hash * 31 + text.hashCode();
            }
        }
        return hash;
    }

    private void tellRing(Allocations pool) {
        effects.add(new Effect.TellAll(
                new RingNews(founding.orElseThrow(), pool.ring().state())));
    }

    private void persistRing(Allocations pool) {
        RingState state = pool.ring().state();
        effects.add(new Effect.Persist(RINGS, state.pool().toString(), state));
    }

    private void persist(Allocation allocation) {
        effects.add(new Effect.Persist(ALLOCATIONS, allocation.address().toString(), allocation));
    }

    private void erase(Allocation allocation) {
        effects.add(new Effect.Erase(ALLOCATIONS, allocation.address().toString()));
    }

    // ---- status ----

    private List<Allocation> all() {
        return pools.values().stream()
                .map(Allocations::all)
                .flatMap(Collection::stream)
                .toList();
    }

    private IpamStatus status() {
        String state = founding.isPresent()
                ? conflicts.isEmpty() ? "ready" : "ready, but peers disagree: " + String.join("; ", conflicts)
                : mode instanceof InitMode.Consensus consensus
                        ? "awaiting consensus (quorum: " + consensus.quorum() + ", known: " + (peers.size() + 1) + ")"
                        : "priming";
        List<PoolStatus> statuses = new ArrayList<>();
        pools.forEach((cidr, pool) -> {
            List<Share> shares = new ArrayList<>();
            pool.shares()
                    .forEach((peer, size) -> shares.add(new Share(
                            peer, size, peer.equals(self) ? Optional.of((long) pool.count()) : Optional.empty())));
            statuses.add(cidr.equals(universe) ? 0 : statuses.size(), new PoolStatus(cidr, shares));
        });
        return new IpamStatus(state, universe, defaultSubnet, statuses);
    }

    private void reply(long call, io.weavemesh.contract.Reply reply) {
        effects.add(new Effect.Reply(call, reply));
    }

    private static Failure failure(Failure.Code code, String text) {
        return new Failure(code, text);
    }
}
