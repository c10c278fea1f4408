package io.weavemesh.contract;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What ipam-service answers. */
public sealed interface IpamReply extends Reply {

    /** A pool to allocate from. */
    record PoolGranted(PoolId pool, Cidr subnet) implements IpamReply {}

    /** An address with the prefix length of its subnet: {@code 10.32.0.1/12}. Durable before this is sent. */
    record AddressAllocated(Cidr address) implements IpamReply {}

    /** One address in use. */
    record Allocation(Cidr address, Owner owner, Instant since) {}

    /** The addresses this peer has given out, in order. */
    record Allocations(List<Allocation> allocations) implements IpamReply {
        public Allocations {
            allocations = List.copyOf(allocations);
        }
    }

    /**
     * A peer's share of a pool.
     *
     * @param addresses how many addresses it owns
     * @param active how many of its own addresses are in use, known for the answering peer only
     */
    record Share(PeerName peer, long addresses, Optional<Long> active) {}

    /** One pool and who owns how much of it. */
    record PoolStatus(Cidr pool, List<Share> shares) {
        public PoolStatus {
            shares = List.copyOf(shares);
        }
    }

    /**
     * How address management is doing.
     *
     * @param state one of {@code awaiting consensus (quorum: Q, known: K)}, {@code priming}, {@code ready}, {@code waiting
     *     for IP(s) to become available}, {@code all IP ranges owned by unreachable peers - use 'rmpeer' if they are dead}
     * @param pools the universe first
     * @param unreachable peers that own space and are not present
     * @param pending requests that wait
     * @param conflicts what peers disagree about, and what to do; empty if all is well
     */
    record IpamStatus(
            String state,
            Cidr universe,
            Cidr defaultSubnet,
            List<PoolStatus> pools,
            Set<PeerName> unreachable,
            int pending,
            List<String> conflicts)
            implements IpamReply {
        public IpamStatus {
            pools = List.copyOf(pools);
            unreachable = Set.copyOf(unreachable);
            conflicts = List.copyOf(conflicts);
        }
    }

    /**
     * The donor's ring after it granted what it could.
     *
     * @param granted absent if it had nothing free
     * @param holder who holds the address on the donor's host, where a single one was asked for and it is in use
     */
    record SpaceAnswer(Optional<Cidr> granted, Optional<Owner> holder, RingState ring) implements IpamReply {}

    /**
     * This peer's space went to another.
     *
     * @param heir who confirmed it; absent if nobody was there to take it
     */
    record HandedOver(Optional<PeerName> heir, long addresses) implements IpamReply {}

    /** Space of a peer that is gone was taken; none if there was nothing left to take. */
    record TakenOver(PeerName peer, long addresses) implements IpamReply {}

    /**
     * What a witness has on disk.
     *
     * @param version the version it has noted; a higher one than it was told if the teller has forgotten what it said
     * @param rings its rings; who frees what it held back must know what was taken meanwhile
     */
    record ReserveNoted(long version, List<RingState> rings) implements IpamReply {
        public ReserveNoted {
            rings = List.copyOf(rings);
        }
    }

    /**
     * Whether peers are fenced now.
     *
     * @param refusal why not; absent if they are
     * @param reserves what the answering peer has noted of them
     */
    record Fenced(Optional<String> refusal, List<Reserve> reserves, List<RingState> rings) implements IpamReply {
        public Fenced {
            reserves = List.copyOf(reserves);
            rings = List.copyOf(rings);
        }
    }

    /**
     * Whether a fence is still needed.
     *
     * @param removed whether the fenced peer's space was taken for good, so that it is no peer any more
     * @param rings what to know when the fence is lifted
     */
    record FenceState(boolean needed, boolean removed, List<RingState> rings) implements IpamReply {
        public FenceState {
            rings = List.copyOf(rings);
        }
    }

    /**
     * Everything replicated.
     *
     * @param inUse as in {@link IpamBroadcast.RingNews}
     */
    record Rings(Optional<Founding> founding, boolean inUse, List<RingState> rings) implements IpamReply {
        public Rings {
            rings = List.copyOf(rings);
        }
    }
}
