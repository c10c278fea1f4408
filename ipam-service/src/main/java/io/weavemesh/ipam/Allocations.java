package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The addresses of one ring that this peer has given out, and the space it can give from. */
final class Allocations {

    /** On engines that do not say who asks, {@code docker restart} releases and asks again within this time. */
    private static final Duration STICKY = Duration.ofSeconds(10);

    /** Of less free space nothing is held back. */
    private static final int LEAST_TO_SHARE = 8;

    /** Space is not given in crumbs smaller than this part of a fair share, so that the ring stays small. */
    private static final int LEAST_PART = 16;

    private final PeerName self;
    private final Ring ring;
    private final Held held = new Held();

    /** What each owner holds, by its id, the latest first; hardly ever more than one. */
    private final Map<String, List<Allocation>> byOwner = new HashMap<>();

    private Space space;

    /** What we own of this we do not give from. */
    private Range reserve = Range.EMPTY;

    private Optional<Released> lastReleased = Optional.empty();

    private record Released(long offset, Instant until) {}

    Allocations(PeerName self, Ring ring) {
        this.self = self;
        this.ring = ring;
        this.space = new Space(ring.ranges(self), List.of());
    }

    /** What is held back, as far as we own it. */
    Range reserve() {
        return reserve;
    }

    /** Holds back a range instead of the one before; nothing if it is not ours any more, or in use since it was not. */
    void hold(Range range) {
        reserve = inUse(range) ? Range.EMPTY : range;
        ringChanged();
    }

    /** Something of our free space that could be held back; nothing if there is too little. */
    Range upperHalf() {
        return space.size() < LEAST_TO_SHARE ? Range.EMPTY : space.upper(space.size() / 2);
    }

    Ring ring() {
        return ring;
    }

    /** Takes an allocation from the disk, whoever owns its range by now. */
    void restore(Allocation allocation) {
        hold(ring.pool().offset(allocation.address().address()), allocation);
    }

    /** After the ring changed: what we own may be more or less now. */
    void ringChanged() {
        List<Range> owned = ring.ranges(self);
        boolean ours = !reserve.isEmpty()
                && owned.stream()
                                .mapToLong(range -> range.intersect(reserve).size())
                                .sum()
                        == reserve.size();
        if (!ours) {
            reserve = Range.EMPTY; // It was taken while we were away.
        }
        space = new Space(
                owned.stream().flatMap(range -> range.without(reserve).stream()).toList(), held.offsets());
    }

    /** Free and held space together are exactly the ranges the ring gives us. */
    void check() {
        long given = held.offsets().stream()
                .filter(offset -> ring.ownerOf(offset).equals(self))
                .count();
        long owned = ring.owned(self, new Range(0, ring.pool().size()));
        Check.that(
                space.size() + reserve.size() + given == owned,
                "of %d owned %d are free, %d held back and %d given",
                owned,
                space.size(),
                reserve.size(),
                given);
    }

    boolean inUse(Range range) {
        return held.anyIn(range);
    }

    boolean isEmpty() {
        return held.size() == 0;
    }

    int count() {
        return held.size();
    }

    long free() {
        return space.size();
    }

    /** What this peer can give from without asking anybody, in no order. */
    List<Range> freeRanges() {
        return space.intervals();
    }

    List<Allocation> all() {
        return held.all();
    }

    Optional<Allocation> holder(IpAddress address) {
        return held.get(ring.pool().offset(address));
    }

    boolean owns(IpAddress address) {
        return ring.ownerOf(ring.pool().offset(address)).equals(self);
    }

    /** A free address of a pool's range: what was released last if nobody says who asks, else the lowest. */
    Optional<Allocation> allocate(PoolName pool, Owner owner, Instant now) {
        Optional<Allocation> before = owner.kind() == Owner.Kind.UNBOUND ? Optional.empty() : heldBy(owner, pool);
        if (before.isPresent()) {
            return before;
        }
        Range wanted = ring.pool().range(pool.range()).intersect(ring.pool().usable(pool.subnet()));
        OptionalLong offset = sticky(wanted, owner, now);
        if (offset.isEmpty()) {
            offset = space.lowest(wanted);
        }
        return offset.isEmpty() ? Optional.empty() : Optional.of(take(offset.getAsLong(), pool.subnet(), owner, now));
    }

    /** The lowest free address behind an offset, or else the lowest, so that what was given back rests for a while. */
    Optional<Allocation> allocateAfter(long offset, PoolName pool, Owner owner, Instant now) {
        Range wanted = ring.pool().usable(pool.subnet());
        OptionalLong next = space.lowest(new Range(Math.min(offset + 1, wanted.end()), wanted.end()));
        if (next.isEmpty()) {
            next = space.lowest(wanted);
        }
        return next.isEmpty() ? Optional.empty() : Optional.of(take(next.getAsLong(), pool.subnet(), owner, now));
    }

    /** This very address, which must be ours and free. */
    Allocation claim(IpAddress address, Cidr subnet, Owner owner, Instant now) {
        return take(ring.pool().offset(address), subnet, owner, now);
    }

    /** Gives back an address; nothing if nobody held it. */
    Optional<Allocation> release(IpAddress address, Instant now) {
        long offset = ring.pool().offset(address);
        Optional<Allocation> gone = held.remove(offset);
        gone.ifPresent(this::forgetOwner);
        if (gone.isPresent() && ring.ownerOf(offset).equals(self)) {
            space.giveBack(offset);
            lastReleased = Optional.of(new Released(offset, now.plus(STICKY)));
        }
        return gone;
    }

    /** Names the holder of an address that is held. */
    Optional<Allocation> bind(IpAddress address, Owner owner) {
        long offset = ring.pool().offset(address);
        Optional<Allocation> bound = held.get(offset)
                .filter(old -> old.owner().kind() != Owner.Kind.RESERVED)
                .map(old -> {
                    Optional<String> name = owner.name().or(() -> old.owner().name());
                    return new Allocation(old.address(), new Owner(owner.kind(), owner.id(), name), old.since());
                });
        bound.ifPresent(now -> hold(offset, now));
        return bound;
    }

    /** What an owner holds, the latest first. */
    List<Allocation> heldBy(String ownerId) {
        return byOwner.getOrDefault(ownerId, List.of());
    }

    /** Grants space to another peer, if there is some free in what it asks for. */
    Optional<Range> donate(Range wanted, PeerName to) {
        Optional<Range> part = space.donation(wanted);
        part.ifPresent(range -> {
            space.cut(range);
            ring.grant(self, range, to);
        });
        return part;
    }

    /** Gives a peer some of our free space before it needs it: a block of at most so many addresses, at least a sixteenth. */
    Optional<Range> spread(long fairShare, PeerName to) {
        Optional<Range> block = space.spare(Math.min(fairShare, space.size() / 2))
                .filter(range -> range.size() >= Math.max(1, fairShare / LEAST_PART));
        block.ifPresent(range -> {
            space.cut(range);
            ring.grant(self, range, to);
        });
        return block;
    }

    /** The addresses held here whose range belongs to another peer. */
    List<Allocation> foreign() {
        return held.all().stream()
                .filter(allocation -> !owns(allocation.address().address()))
                .toList();
    }

    private Optional<Allocation> heldBy(Owner owner, PoolName pool) {
        for (Allocation allocation : heldBy(owner.id())) {
            if (allocation.address().subnet().equals(pool.subnet())) {
                return Optional.of(allocation);
            }
        }
        return Optional.empty();
    }

    private OptionalLong sticky(Range wanted, Owner owner, Instant now) {
        boolean anonymous = owner.kind() == Owner.Kind.UNBOUND && owner.name().isEmpty();
        return lastReleased
                .filter(last -> anonymous && now.isBefore(last.until()))
                .filter(last -> wanted.contains(last.offset()) && space.isFree(last.offset()))
                .map(last -> OptionalLong.of(last.offset()))
                .orElseGet(OptionalLong::empty);
    }

    private Allocation take(long offset, Cidr subnet, Owner owner, Instant now) {
        space.take(offset);
        Allocation allocation = new Allocation(new Cidr(ring.pool().address(offset), subnet.prefix()), owner, now);
        hold(offset, allocation);
        return allocation;
    }

    private void hold(long offset, Allocation allocation) {
        held.put(offset, allocation).ifPresent(this::forgetOwner);
        String id = allocation.owner().id();
        List<Allocation> others = byOwner.put(id, List.of(allocation));
        if (others != null) {
            byOwner.put(
                    id, Stream.concat(Stream.of(allocation), others.stream()).toList());
        }
    }

    private void forgetOwner(Allocation gone) {
        String id = gone.owner().id();
        List<Allocation> all = byOwner.remove(id);
        if (all != null && all.size() > 1) {
            byOwner.put(id, all.stream().filter(one -> !one.equals(gone)).toList());
        }
    }

    static AddressAllocated reply(Allocation allocation) {
        return new AddressAllocated(allocation.address());
    }

    /** Space by peer for status pages; peers that own nothing are left out. */
    Map<PeerName, Long> shares() {
        Map<PeerName, Long> shares = new TreeMap<>();
        Range all = new Range(0, ring.pool().size());
        new ArrayList<>(ring.owners()).forEach(peer -> shares.put(peer, ring.owned(peer, all)));
        return shares;
    }
}
