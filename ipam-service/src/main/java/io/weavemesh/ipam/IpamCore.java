package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamBroadcast.RingDigest;
import io.weavemesh.contract.IpamBroadcast.RingNews;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamRequest.AcceptSpace;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.AwaitDivision;
import io.weavemesh.contract.IpamRequest.BindAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.FencePeers;
import io.weavemesh.contract.IpamRequest.FenceQuery;
import io.weavemesh.contract.IpamRequest.IpamStatusQuery;
import io.weavemesh.contract.IpamRequest.ListAllocations;
import io.weavemesh.contract.IpamRequest.NoteReserve;
import io.weavemesh.contract.IpamRequest.PullRings;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.ReleaseOwner;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RemovePeer;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.IpamRequest.RequestSpace;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.time.Instant;
import java.util.List;

/**
 * Address management of one peer: the one door through which everything comes in, and the effects that come out.
 *
 * <p>Every pool is divided by a ring. Subnets inside the universe share the universe's; any other subnet has its own, which
 * every peer computes alone from the founding peers. A peer gives addresses out of its own ranges without asking anybody.
 */
public final class IpamCore {

    /** The maps of the durable state. What is one value only has the map's name as key. */
    static final String RINGS = "rings";

    static final String ALLOCATIONS = "allocations";
    static final String FOUNDING = "founding";
    static final String PAXOS = "paxos";
    static final String NICKNAMES = "nicknames";
    static final String REMOVED = "removed";
    static final String RESERVE = "reserve";
    static final String WITNESSED = "witnessed";
    static final String FENCES = "fences";

    private final IpamState state;
    private final FirstDivision division;
    private final Fences fences;
    private final Witness witness;
    private final Reserves reserves;
    private final Inheritance inheritance;
    private final Requests requests;
    private final Removals removals;
    private final HandOver handOver;
    private final Spreading spreading;

    /** Starts from what is on disk. */
    public IpamCore(PeerName self, IpamRules rules, DurableState durable) {
        state = new IpamState(self, rules, durable);
        division = new FirstDivision(self, rules.universe(), rules.mode(), durable.memory());
        fences = new Fences(state, durable.fences());
        witness = new Witness(state, fences, durable.witnessed());
        reserves = new Reserves(state, durable.reserve());
        inheritance = new Inheritance(state, fences, witness);
        requests = new Requests(state, reserves);
        removals = new Removals(state, fences);
        handOver = new HandOver(state, reserves);
        spreading = new Spreading(state);
    }

    /** Takes one input. The effects are to be carried out in order; see {@link Effect} for what must be durable first. */
    public List<Effect> handle(Input input, Instant now) {
        state.begin(now);
        switch (input) {
            case Input.Asked asked -> ask(asked);
            case Input.Heard heard -> hear(heard.from(), heard.news());
            case Input.Pulled pulled -> pulled(pulled.from(), pulled.rings());
            case Input.SpaceAnswered answered -> requests.spaceAnswered(answered.from(), answered.answer());
            case Input.PeerAnswered answered -> state.answered(answered);
            case Input.PeersChanged changed -> {
                state.peersChanged(changed.peers());
                removals.peersChanged();
                inheritance.peersChanged();
            }
            case Input.Tick tick -> tick();
        }
        divide();
        handOver.proceed();
        requests.retry();
        return state.effects();
    }

    /** Compares what is free and given out with the rings; takes as long as there are addresses given out. */
    void check() {
        state.pools().forEach(Allocations::check);
    }

    /** What this peer can give of a subnet's ring without asking anybody. */
    List<Range> free(Cidr subnet) {
        return state.pool(subnet).map(Allocations::freeRanges).orElse(List.of());
    }

    /** Whether something waits for time to pass. */
    public boolean isWaiting() {
        return requests.size() > 0 || handOver.isUnderWay() || state.founding().isEmpty();
    }

    // ---- requests ----

    private void ask(Input.Asked asked) {
        long call = asked.call();
        switch (asked.request()) {
            case RequestPool request -> {
                if (request.subnet().isPresent()) {
                    state.reply(call, requestPool(request, request.subnet().get()));
                } else {
                    requests.await(asked, Requests.PATIENCE);
                }
            }
            case ReleasePool request -> {
                releaseBlock(PoolName.parse(request.pool()).subnet());
                state.reply(call, new Done());
            }
            case AwaitDivision request -> requests.await(asked, Requests.PATIENCE);
            case AllocateAddress request -> enqueue(asked, PoolName.parse(request.pool()));
            case ClaimAddress request -> enqueue(asked, PoolName.parse(request.pool()));
            case ReleaseAddress request -> {
                Cidr subnet = PoolName.parse(request.pool()).subnet();
                if (subnet.contains(request.address())) {
                    state.pool(subnet)
                            .flatMap(pool -> pool.release(request.address(), state.now()))
                            .ifPresent(state::erase);
                }
                state.reply(call, new Done());
            }
            case ReleaseOwner request -> {
                releaseAll(request.ownerId());
                state.reply(call, new Done());
            }
            case BindAddress request -> {
                state.pool(request.subnet())
                        .flatMap(pool -> pool.bind(request.address(), request.owner()))
                        .ifPresent(state::persist);
                state.reply(call, new Done());
            }
            case ListAllocations request ->
                state.reply(call, new io.weavemesh.contract.IpamReply.Allocations(state.all()));
            case IpamStatusQuery request -> state.reply(call, Status.of(state, requests.size()));
            case RequestSpace request -> requests.await(asked, Requests.PATIENCE_OF_PEERS);
            case PullRings request -> state.reply(call, new Rings(state.founding(), state.isInUse(), state.rings()));
            case io.weavemesh.contract.IpamRequest.HandOver request -> handOver.begin(call);
            case AcceptSpace request -> {
                state.learn(asked.from(), request.ring());
                state.reply(call, new Done());
            }
            case RemovePeer request -> removals.remove(call, request.peer());
            case NoteReserve request -> state.reply(call, witness.answer(asked.from(), request));
            case FencePeers request -> state.reply(call, witness.answer(asked.from(), request));
            case FenceQuery request -> state.reply(call, fences.answer(request));
        }
    }

    private Reply requestPool(RequestPool request, Cidr subnet) {
        Cidr universe = state.rules().universe();
        Cidr range = request.range().orElse(subnet);
        if (!subnet.contains(range)) {
            return new Failure(Failure.Code.INVALID, "range " + range + " is not inside subnet " + subnet);
        }
        if (subnet.hostBits() < 2) {
            return new Failure(
                    Failure.Code.INVALID, "subnet " + subnet + " is too small: it needs at least 4 addresses");
        }
        Cidr blocks = state.rules().blocks().range();
        if (blocks.overlaps(subnet) && !state.rules().blocks().isBlock(subnet)) {
            return new Failure(
                    Failure.Code.CONFLICT,
                    "subnet " + subnet + " overlaps " + blocks + ", where networks without a subnet get theirs (see"
                            + " --ipalloc-pool-range)");
        }
        for (Cidr other : state.subnets()) {
            boolean nested = other.equals(universe) && universe.contains(subnet);
            if (!nested && !other.equals(subnet) && other.overlaps(subnet)) {
                return new Failure(
                        Failure.Code.CONFLICT, "subnet " + subnet + " overlaps " + other + ", which is in use");
            }
        }
        if (!universe.contains(subnet) && universe.overlaps(subnet)) {
            return new Failure(
                    Failure.Code.CONFLICT, "subnet " + subnet + " overlaps the range " + universe + " only partly");
        }
        return new PoolGranted(new PoolName(subnet, range).id(), subnet);
    }

    private void enqueue(Input.Asked asked, PoolName pool) {
        Cidr universe = state.rules().universe();
        if (universe.overlaps(pool.subnet()) && !universe.contains(pool.subnet())) {
            state.fail(asked.call(), Failure.Code.INVALID, pool.subnet() + " is only partly inside " + universe);
        } else {
            requests.await(asked, Requests.PATIENCE);
        }
    }

    private void releaseBlock(Cidr subnet) {
        NetworkBlocks blocks = state.rules().blocks();
        state.founding()
                .flatMap(known -> blocks.number(subnet, known))
                .flatMap(number ->
                        state.pool(blocks.numbers().subnet()).flatMap(pool -> pool.release(number, state.now())))
                .ifPresent(state::erase);
    }

    private void releaseAll(String owner) {
        state.pools()
                .forEach(pool -> pool.heldBy(owner)
                        .forEach(held -> pool.release(held.address().address(), state.now())
                                .ifPresent(state::erase)));
    }

    // ---- first division ----

    private void divide() {
        if (state.founding().isPresent()) {
            return;
        }
        if (state.rules().mode() instanceof InitMode.Seed seed) {
            state.found(new Founding(state.rules().universe(), seed.peers()));
        } else {
            carryOut(division.tick(state.peers(), state.now()));
        }
    }

    private void carryOut(FirstDivision.Outcome outcome) {
        if (outcome.remember()) {
            state.add(new Effect.Persist(PAXOS, PAXOS, division.memory()));
        }
        outcome.news().forEach(news -> state.add(new Effect.TellAll(news)));
        outcome.chosen().filter(chosen -> state.founding().isEmpty()).ifPresent(state::found);
    }

    // ---- news ----

    private void hear(PeerName from, IpamBroadcast news) {
        switch (news) {
            case RingNews ring -> {
                if (agree(from, ring.founding(), ring.inUse())) {
                    state.learn(from, ring.ring());
                }
            }
            case RingDigest digest -> {
                state.leaves(from, digest.leaving());
                if (digest.hash() != state.hash()) {
                    state.add(new Effect.Pull(from));
                }
            }
            default -> {
                if (state.founding().isEmpty()) {
                    carryOut(division.hear(from, news, state.peers()));
                } else {
                    // Somebody does not know yet that it is decided.
                    state.tellRing(state.ensurePool(state.rules().universe()));
                }
            }
        }
    }

    private void pulled(PeerName from, Rings rings) {
        rings.founding()
                .filter(theirs -> agree(from, theirs, rings.inUse()))
                .ifPresent(theirs -> state.learn(from, rings.rings()));
    }

    /**
     * Whether both know the same founding afterwards. Of two sides that were divided separately and met, one adopts the
     * other's. What it has given out stays given, and the owners of these addresses are asked to leave them to it.
     */
    private boolean agree(PeerName from, Founding theirs, boolean theyUse) {
        if (state.founding().isEmpty()) {
            state.found(theirs);
            return true;
        }
        Founding ours = state.founding().get();
        if (ours.equals(theirs)) {
            state.inUseElsewhere(theyUse);
            return true;
        }
        if (isTheirsToStay(ours, theirs, theyUse)) {
            adopt(from, theirs, theyUse);
            return true;
        }
        return false; // They will adopt ours.
    }

    /** One that is in use rather than one that is not, then the one with more founders. */
    private boolean isTheirsToStay(Founding ours, Founding theirs, boolean theyUse) {
        if (theyUse != state.isInUse()) {
            return theyUse;
        }
        int more = Integer.compare(theirs.founders().size(), ours.founders().size());
        return more > 0 || more == 0 && theirs.toString().compareTo(ours.toString()) < 0;
    }

    private void adopt(PeerName from, Founding theirs, boolean theyUse) {
        if (state.givesAddresses()) {
            state.conflict("peer " + state.label(from)
                    + " and this one had divided the addresses separately; this one has adopted the other's division");
        }
        removals.abort();
        inheritance.abort();
        witness.forget();
        reserves.forget();
        state.foundAnew(theirs, theyUse);
        spreading.reclaim();
    }

    private void tick() {
        if (state.founding().isEmpty()) {
            return;
        }
        state.tellDigest();
        handOver.tick();
        fences.tick();
        inheritance.tick();
        reserves.tick();
        if (!removals.isRunning()) {
            spreading.tick();
        }
    }
}
