package io.weavemesh.contract;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
     * @param state one of {@code idle}, {@code awaiting consensus (quorum: Q, known: K)}, {@code ready}
     * @param pools the universe first
     */
    record IpamStatus(String state, Cidr universe, Cidr defaultSubnet, List<PoolStatus> pools) implements IpamReply {
        public IpamStatus {
            pools = List.copyOf(pools);
        }
    }

    /** The donor's ring after it granted what it could; {@code granted} is absent if it had nothing free. */
    record SpaceAnswer(Optional<Cidr> granted, RingState ring) implements IpamReply {}

    /** Everything replicated. */
    record Rings(Optional<Founding> founding, List<RingState> rings) implements IpamReply {
        public Rings {
            rings = List.copyOf(rings);
        }
    }
}
