package io.weavemesh.contract;

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

    /** Asks for one particular address. Success if the owner holds it already. */
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

    /** From peer to peer: asks for some of the receiver's free space in a pool. */
    record RequestSpace(Cidr pool, Cidr range) implements IpamRequest<IpamReply.SpaceAnswer> {}

    /** From peer to peer: asks for the receiver's copy of everything replicated. */
    record PullRings() implements IpamRequest<IpamReply.Rings> {}
}
