package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/** What ipam-service is asked to do. */
public sealed interface IpamRequest<R extends Reply> extends Request<R> {

    /**
     * Asks for a pool to allocate from. The same subnet and range give the same pool on every host.
     *
     * @param subnet the subnet, or nothing to have one chosen
     * @param range the part of the subnet to allocate from, or nothing for all of it
     * @param ipv6 whether an IPv6 pool is wanted where no subnet is given
     */
    record RequestPool(Optional<Cidr> subnet, Optional<Cidr> range, boolean ipv6)
            implements IpamRequest<IpamReply.PoolGranted> {}

    /** Gives up one use of a pool. */
    record ReleasePool(PoolId pool) implements IpamRequest<Done> {}

    /** Asks for any free address of a pool. A repeated request of an owner other than UNBOUND gets the same address. */
    record AllocateAddress(PoolId pool, Owner owner) implements IpamRequest<IpamReply.AddressAllocated> {}

    /**
     * Asks for one particular address. Success if the owner holds it already. A RESERVED owner succeeds as well where another
     * host reserved the address: it is nobody's then.
     */
    record ClaimAddress(PoolId pool, IpAddress address, Owner owner)
            implements IpamRequest<IpamReply.AddressAllocated> {}

    /** Gives an address back. Success if nobody held it. */
    record ReleaseAddress(PoolId pool, IpAddress address) implements IpamRequest<Done> {}

    /** Says which endpoint an address went to; from now on it lives as long as that endpoint. */
    record BindAddress(Cidr subnet, IpAddress address, Owner owner) implements IpamRequest<Done> {}

    /** Gives back everything an owner holds. Success if it holds nothing. */
    record ReleaseOwner(String ownerId) implements IpamRequest<Done> {}

    /** Asks which addresses this peer has given to whom. */
    record ListAllocations() implements IpamRequest<IpamReply.Allocations> {}

    /** Asks how address management is doing. */
    record IpamStatusQuery() implements IpamRequest<IpamReply.IpamStatus> {}

    /** Waits until addresses are divided. */
    record AwaitDivision() implements IpamRequest<Done> {}

    /** Hands all space of this peer to others, who confirm it. Nothing is given here afterwards. For {@code weave reset}. */
    record HandOver() implements IpamRequest<IpamReply.HandedOver> {}

    /**
     * Takes the space of a peer that is gone for good, addresses in use there included. Refused for a peer that is present,
     * and while another owner of space is neither present nor said to be gone, too: it may know of space that changed hands.
     *
     * @param peer its name or nickname
     */
    record RemovePeer(String peer) implements IpamRequest<IpamReply.TakenOver> {}

    /**
     * From peer to peer: asks for some of the receiver's free space in a pool.
     *
     * @param range what the space must be inside of; a single address if that very one is wanted
     */
    record RequestSpace(Cidr pool, Cidr range) implements IpamRequest<IpamReply.SpaceAnswer> {}

    /** From peer to peer: what was yours to give is now the receiver's; it confirms when it has that on disk. */
    record AcceptSpace(RingState ring) implements IpamRequest<Done> {}

    /**
     * From peer to peer: the receiver is a witness of what the sender holds back of its free space. What it says replaces what
     * it said before once enough witnesses have it on disk.
     *
     * @param founding the division it is about; a peer of another one refuses
     */
    record NoteReserve(Founding founding, Reserve reserve) implements IpamRequest<IpamReply.ReserveNoted> {}

    /**
     * From peer to peer: asks the receiver to help nobody but the sender to space of peers that are gone, and not to note what
     * these hold back, until the sender lifts the fence (see {@link FenceQuery}).
     *
     * @param gone whose space it is
     * @param forGood whether an operator said so; otherwise the receiver must not have seen them for its own
     *     {@code --ipalloc-reclaim-after}
     * @param attempt tells this attempt of the sender from its other ones
     */
    record FencePeers(Founding founding, List<PeerName> gone, boolean forGood, long attempt)
            implements IpamRequest<IpamReply.Fenced> {
        public FencePeers {
            gone = List.copyOf(gone);
        }
    }

    /** From peer to peer: asks the one for whom the sender has fenced a peer whether it still needs that. */
    record FenceQuery(PeerName gone, long attempt) implements IpamRequest<IpamReply.FenceState> {}

    /** From peer to peer: asks for the receiver's copy of everything replicated. */
    record PullRings() implements IpamRequest<IpamReply.Rings> {}
}
