package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import java.util.Optional;

/**
 * The subnets of networks that are made without one. They are numbered, and the numbers are given out like addresses, by a
 * ring of their own: no two hosts get the same. A number means a block of the pool range for IPv4 and, for IPv6, a /64 of
 * the cluster's unique local prefix (RFC 4193), whose global identifier is derived from the founding.
 *
 * @param range {@code --ipalloc-pool-range}
 */
public record NetworkBlocks(Cidr range) {

    /** 1,022 containers in a network whose size nobody chose. */
    static final int BLOCK_PREFIX = 22;

    private static final int MAX_NUMBER_BITS = 16;

    /** Numbers are written as addresses of a range that nobody can use otherwise (RFC 1112 s4: class E). */
    private static final IpAddress FIRST_NUMBER = IpAddress.parse("240.0.0.0");

    public NetworkBlocks {
        Check.argument(
                range.address().isIpv4() && range.isSubnet() && range.prefix() <= BLOCK_PREFIX - 2,
                "pool range %s must be an IPv4 subnet of at least four blocks (/%d)",
                range,
                BLOCK_PREFIX - 2);
    }

    /** The pool the numbers are given from. */
    PoolName numbers() {
        int bits = Math.min(BLOCK_PREFIX - range.prefix(), MAX_NUMBER_BITS);
        Cidr numbers = new Cidr(FIRST_NUMBER, 32 - bits);
        return new PoolName(numbers, numbers);
    }

    Cidr ipv4(IpAddress number) {
        return new Cidr(range.first().plus(index(number) << (32 - BLOCK_PREFIX)), BLOCK_PREFIX);
    }

    Cidr ipv6(IpAddress number, Founding founding) {
        long high = 0xfdL << 56 | (globalId(founding) & 0xff_ffff_ffffL) << 16 | index(number);
        return new Cidr(new IpAddress(IpAddress.Family.IPV6, high, 0), 64);
    }

    /** Whether a subnet is one of our blocks. */
    boolean isBlock(Cidr subnet) {
        return range.contains(subnet) && subnet.prefix() == BLOCK_PREFIX;
    }

    /** The number of a block or of a unique local /64 of this cluster; nothing for any other subnet. */
    Optional<IpAddress> number(Cidr subnet, Founding founding) {
        Pool numbers = new Pool(numbers().subnet());
        long index = isBlock(subnet)
                ? (subnet.first().low() - range.first().low()) >>> (32 - BLOCK_PREFIX)
                : !subnet.address().isIpv4() && subnet.prefix() == 64
                        ? subnet.first().high() & 0xffff
                        : -1;
        if (index < 0 || index >= numbers.size()) {
            return Optional.empty();
        }
        IpAddress number = numbers.address(index);
        boolean ours = isBlock(subnet) || ipv6(number, founding).equals(subnet);
        return ours ? Optional.of(number) : Optional.empty();
    }

    /** FNV-1a over the founders: the same on every peer, and different in another cluster with all likelihood. */
    private static long globalId(Founding founding) {
        long hash = 0xcbf29ce484222325L;
        for (PeerName founder : founding.founders()) {
            hash = (hash ^ founder.bits()) * 0x100000001b3L;
        }
        return hash ^ hash >>> 40;
    }

    private static long index(IpAddress number) {
        return number.low() - FIRST_NUMBER.low();
    }
}
