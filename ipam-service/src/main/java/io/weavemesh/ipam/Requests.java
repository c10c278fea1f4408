package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.AwaitDivision;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.IpamRequest.RequestSpace;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The requests that may have to wait: for the first division, for space from one other peer at a time, or until space that
 * is held back is free.
 */
final class Requests {

    /** Less than what the caller waits, so that our words arrive and not its own. */
    static final Duration PATIENCE = Duration.ofMillis(1_700);

    /** The same for a peer that asks for space, which has somebody waiting itself. */
    static final Duration PATIENCE_OF_PEERS = Duration.ofMillis(600);

    /** Docker starts containers a few at a time; more than this is a fault, and refused at once. */
    private static final int MAX_WAITING = 10_000;

    private static final Failure LEFT =
            new Failure(Failure.Code.NOT_READY, "this peer has handed its addresses over (weave reset)");

    private final IpamState state;
    private final Reserves reserves;
    private final List<Waiting> waiting = new ArrayList<>();
    private long lastNumber;

    /** A request that cannot be answered yet. */
    private static final class Waiting {
        private final long call;
        private final PeerName from;
        private final IpamRequest<?> request;
        private final Instant deadline;
        private final Set<PeerName> asked = new HashSet<>();
        private Optional<PeerName> asking = Optional.empty();
        private Optional<Owner> holder = Optional.empty();

        private Waiting(long call, PeerName from, IpamRequest<?> request, Instant deadline) {
            this.call = call;
            this.from = from;
            this.request = request;
            this.deadline = deadline;
        }
    }

    Requests(IpamState state, Reserves reserves) {
        this.state = state;
        this.reserves = reserves;
    }

    int size() {
        return waiting.size();
    }

    void await(Input.Asked asked, Duration patience) {
        long call = asked.call();
        if (state.hasLeft()) {
            state.reply(call, LEFT);
        } else if (waiting.size() >= MAX_WAITING) {
            state.fail(call, Failure.Code.NOT_READY, "more than " + MAX_WAITING + " requests are waiting");
        } else {
            waiting.add(
                    new Waiting(call, asked.from(), asked.request(), state.now().plus(patience)));
        }
    }

    /** Answers what can be answered by now. */
    void retry() {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            Optional<Reply> answer = state.hasLeft() ? Optional.of(LEFT) : attempt(one);
            if (answer.isEmpty() && !state.now().isBefore(one.deadline)) {
                answer = Optional.of(tooLate(one));
            }
            if (answer.isPresent()) {
                state.reply(one.call, answer.get());
                all.remove();
            }
        }
    }

    private Optional<Reply> attempt(Waiting one) {
        if (state.founding().isEmpty()) {
            return Optional.empty();
        }
        return switch (one.request) {
            case AllocateAddress request -> allocate(one, request);
            case ClaimAddress request -> claim(one, request);
            case RequestPool request -> newBlock(one, request);
            case RequestSpace request -> donate(one, request);
            case AwaitDivision request -> Optional.of(new Done());
            default -> throw new IllegalStateException("nothing waits with " + one.request);
        };
    }

    private Optional<Reply> allocate(Waiting one, AllocateAddress request) {
        PoolName name = PoolName.parse(request.pool());
        Allocations pool = state.ensurePool(name.subnet());
        Optional<Allocation> allocation = pool.allocate(name, request.owner(), state.now());
        if (allocation.isPresent()) {
            state.persist(allocation.get());
            return Optional.of(Allocations.reply(allocation.get()));
        }
        Range wanted = pool.ring()
                .pool()
                .range(name.range())
                .intersect(pool.ring().pool().usable(name.subnet()));
        return reserves.free(pool, wanted) || askDonor(one, pool, wanted, name.range())
                ? Optional.empty()
                : Optional.of(failure(
                        Failure.Code.EXHAUSTED, "no free address in " + name.range() + ": " + whoOwns(pool, wanted)));
    }

    /** A subnet for a network that is made without one. */
    private Optional<Reply> newBlock(Waiting one, RequestPool request) {
        PoolName numbers = state.rules().blocks().numbers();
        Allocations pool = state.ensurePool(numbers.subnet());
        Owner owner = new Owner(
                Owner.Kind.RESERVED, "network-" + state.now().toEpochMilli() + "-" + one.call, Optional.empty());
        Optional<Allocation> number = pool.allocateAfter(lastNumber, numbers, owner, state.now());
        if (number.isPresent()) {
            state.persist(number.get());
            IpAddress given = number.get().address().address();
            lastNumber = pool.ring().pool().offset(given);
            Cidr subnet = request.ipv6()
                    ? state.rules().blocks().ipv6(given, state.founding().orElseThrow())
                    : state.rules().blocks().ipv4(given);
            return Optional.of(new PoolGranted(new PoolName(subnet, subnet).id(), subnet));
        }
        Range wanted = pool.ring().pool().usable(numbers.subnet());
        return reserves.free(pool, wanted) || askDonor(one, pool, wanted, numbers.subnet())
                ? Optional.empty()
                : Optional.of(failure(
                        Failure.Code.EXHAUSTED,
                        "no subnet is free in " + state.rules().blocks().range() + " for a network without --subnet: "
                                + whoOwns(pool, wanted)));
    }

    private Optional<Reply> claim(Waiting one, ClaimAddress request) {
        PoolName name = PoolName.parse(request.pool());
        IpAddress address = request.address();
        if (!name.subnet().contains(address)) {
            return Optional.of(
                    failure(Failure.Code.INVALID, "claim " + address + ": it is outside subnet " + name.subnet()));
        }
        Allocations pool = state.ensurePool(name.subnet());
        boolean reserved = request.owner().kind() == Owner.Kind.RESERVED;
        Optional<Owner> holder = pool.holder(address).map(Allocation::owner);
        if (holder.isPresent()) {
            boolean same = holder.get().id().equals(request.owner().id()) || reserved && isReservation(holder.get());
            return Optional.of(
                    same
                            ? new AddressAllocated(
                                    new Cidr(address, name.subnet().prefix()))
                            : failure(
                                    Failure.Code.CONFLICT,
                                    "claim " + address + ": held by " + holder.get() + " on this host"));
        }
        long offset = pool.ring().pool().offset(address);
        Range wanted = new Range(offset, offset + 1);
        if (pool.reserve().contains(offset)) {
            return reserves.free(pool, wanted)
                    ? Optional.empty()
                    : Optional.of(failure(Failure.Code.UNAVAILABLE, "claim " + address + ": " + reserves.whyNotFree()));
        }
        if (pool.owns(address)) {
            Allocation allocation = pool.claim(address, name.subnet(), request.owner(), state.now());
            state.persist(allocation);
            return Optional.of(Allocations.reply(allocation));
        }
        if (askDonor(one, pool, wanted, new Cidr(address, address.family().bits()))) {
            return Optional.empty();
        }
        if (reserved && one.holder.filter(Requests::isReservation).isPresent()) {
            return Optional.of(
                    new AddressAllocated(new Cidr(address, name.subnet().prefix())));
        }
        PeerName owner = pool.ring().ownerOf(offset);
        return Optional.of(failure(
                Failure.Code.CONFLICT,
                "claim " + address + ": "
                        + (one.asked.contains(owner)
                                ? "held by " + one.holder.map(Owner::toString).orElse("somebody") + " on peer "
                                        + state.label(owner)
                                : "it belongs to peer " + state.label(owner) + ", which is not reachable")));
    }

    private static boolean isReservation(Owner owner) {
        return owner.kind() == Owner.Kind.RESERVED;
    }

    /** Whether somebody is being asked for space, now or already. */
    private boolean askDonor(Waiting one, Allocations pool, Range wanted, Cidr range) {
        if (one.asking.isPresent()) {
            return true;
        }
        Optional<PeerName> donor = pool.ring().donors(wanted).stream()
                .filter(peer -> !peer.equals(state.self()) && state.isPresent(peer) && !one.asked.contains(peer))
                .findFirst();
        donor.ifPresent(peer -> {
            one.asking = donor;
            one.asked.add(peer);
            state.add(new Effect.AskSpace(
                    peer, new RequestSpace(pool.ring().pool().cidr(), range)));
        });
        return donor.isPresent();
    }

    private Reply tooLate(Waiting one) {
        if (one.request instanceof RequestSpace request && state.founding().isPresent()) {
            return answer(request, state.ensurePool(request.pool()), Optional.empty());
        }
        if (state.founding().isPresent()) {
            return failure(
                    Failure.Code.UNAVAILABLE,
                    one.asking
                            .map(peer ->
                                    "no answer in time from peer " + state.label(peer) + ", which was asked for space")
                            .orElseGet(reserves::whyNotFree));
        }
        return switch (state.rules().mode()) {
            case InitMode.Consensus consensus
            when state.peers().size() + 1 >= consensus.quorum() ->
                failure(
                        Failure.Code.NOT_READY,
                        "the peers are dividing the addresses at this moment (" + known() + "); try again");
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
        state.peers().forEach(peer -> names.add(state.label(peer)));
        return String.join(", ", names);
    }

    private String whoOwns(Allocations pool, Range wanted) {
        List<String> owners = new ArrayList<>();
        for (PeerName peer : pool.ring().donors(wanted)) {
            boolean ours = peer.equals(state.self());
            owners.add(
                    ours
                            ? "this peer "
                                    + (pool.reserve().intersect(wanted).isEmpty() ? "full" : reserves.whyNotFree())
                            : state.label(peer) + (state.isPresent(peer) ? " has none to give" : " not reachable"));
        }
        return String.join(", ", owners);
    }

    // ---- space between peers ----

    private Optional<Reply> donate(Waiting one, RequestSpace request) {
        Allocations pool = state.ensurePool(request.pool());
        if (!pool.ring().pool().cidr().equals(request.pool())) {
            return Optional.of(failure(Failure.Code.NOT_FOUND, "no ring for " + request.pool() + " here"));
        }
        Range wanted = pool.ring().pool().range(request.range());
        Optional<Range> given = pool.donate(wanted, one.from);
        if (given.isPresent()) {
            state.changed(pool);
        } else if (reserves.free(pool, wanted)) {
            return Optional.empty();
        }
        return Optional.of(
                answer(request, pool, given.map(range -> block(pool.ring().pool(), range))));
    }

    private static SpaceAnswer answer(RequestSpace request, Allocations pool, Optional<Cidr> granted) {
        Optional<Owner> holder = request.range().hostBits() == 0
                ? pool.holder(request.range().address()).map(Allocation::owner)
                : Optional.empty();
        return new SpaceAnswer(granted, holder, pool.ring().state());
    }

    private static Cidr block(Pool pool, Range range) {
        int bits = 63 - Long.numberOfLeadingZeros(range.size());
        return new Cidr(
                pool.address(range.start()), pool.cidr().address().family().bits() - bits);
    }

    void spaceAnswered(PeerName from, Optional<SpaceAnswer> answer) {
        answer.ifPresent(space -> state.learn(from, space.ring()));
        waiting.stream().filter(one -> one.asking.equals(Optional.of(from))).forEach(one -> {
            one.asking = Optional.empty();
            one.holder = answer.flatMap(SpaceAnswer::holder);
            if (answer.flatMap(SpaceAnswer::granted).isPresent()) {
                one.asked.remove(from); // It gave something, perhaps to another request of ours; it may give more.
            }
        });
    }

    private static Failure failure(Failure.Code code, String text) {
        return new Failure(code, text);
    }
}
