package io.weavemesh.ipam;

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
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The addresses of one ring that this peer has given out, and the space it can give from. */
final class Allocations {

    /** On engines that do not say who asks, {@code docker restart} releases and asks again within this time. */
    private static final Duration STICKY = Duration.ofSeconds(10);

    private final PeerName self;
    private final Ring ring;
    private final NavigableMap<Long, Allocation> held = new TreeMap<>();
    private final Map<String, Long> byOwner = new HashMap<>();
    private Space space;
    private Optional<Released> lastReleased = Optional.empty();

    private record Released(long offset, Instant until) {}

    Allocations(PeerName self, Ring ring) {
        this.self = self;
        this.ring = ring;
        this.space = new Space(ring.ranges(self), List.of());
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
        space = new Space(ring.ranges(self), held.keySet());
    }

    boolean inUse(Range range) {
        Long next = held.ceilingKey(range.start());
        return next != null && next < range.end();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    int count() {
        return held.size();
    }

    long free() {
        return space.size();
    }

    List<Allocation> all() {
        return List.copyOf(held.values());
    }

    Optional<Allocation> holder(IpAddress address) {
        return Optional.ofNullable(held.get(ring.pool().offset(address)));
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

    /** This very address, which must be ours and free. */
    Allocation claim(IpAddress address, Cidr subnet, Owner owner, Instant now) {
        return take(ring.pool().offset(address), subnet, owner, now);
    }

    /** Gives back an address; nothing if nobody held it. */
    Optional<Allocation> release(IpAddress address, Instant now) {
        long offset = ring.pool().offset(address);
        Allocation gone = held.remove(offset);
        if (gone == null) {
            return Optional.empty();
        }
        byOwner.remove(key(gone), offset);
        if (ring.ownerOf(offset).equals(self)) {
            space.giveBack(offset);
            lastReleased = Optional.of(new Released(offset, now.plus(STICKY)));
        }
        return Optional.of(gone);
    }

    /** Names the holder of an address that is held. */
    Optional<Allocation> bind(IpAddress address, Owner owner) {
        long offset = ring.pool().offset(address);
        Allocation old = held.get(offset);
        if (old == null || old.owner().kind() == Owner.Kind.RESERVED) {
            return Optional.empty();
        }
        byOwner.remove(key(old), offset);
        Optional<String> name = owner.name().or(() -> old.owner().name());
        Allocation bound = new Allocation(old.address(), new Owner(owner.kind(), owner.id(), name), old.since());
        hold(offset, bound);
        return Optional.of(bound);
    }

    List<Allocation> heldBy(String ownerId) {
        return held.values().stream()
                .filter(allocation -> allocation.owner().id().equals(ownerId))
                .toList();
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

    private Optional<Allocation> heldBy(Owner owner, PoolName pool) {
        Long offset = byOwner.get(owner.id() + " " + pool.subnet());
        return offset == null ? Optional.empty() : Optional.ofNullable(held.get(offset));
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
        held.put(offset, allocation);
        byOwner.put(key(allocation), offset);
    }

    private static String key(Allocation allocation) {
        return allocation.owner().id() + " " + allocation.address().subnet();
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
