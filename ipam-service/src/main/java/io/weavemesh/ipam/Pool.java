package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;

/**
 * The addresses a ring divides, as offsets from its first one, so that IPv4 and IPv6 are the same arithmetic.
 *
 * @param cidr the subnet
 */
record Pool(Cidr cidr) {

    /** Of a larger pool only the first 2^62 addresses are given out; nobody will miss the others. */
    static final int MAX_OFFSET_BITS = 62;

    Pool {
        Check.argument(cidr.isSubnet(), "%s is not a subnet", cidr);
    }

    long size() {
        return 1L << Math.min(cidr.hostBits(), MAX_OFFSET_BITS);
    }

    IpAddress address(long offset) {
        return cidr.first().plus(offset);
    }

    long offset(IpAddress address) {
        Check.argument(cidr.contains(address), "%s is outside %s", address, cidr);
        return address.low() - cidr.first().low();
    }

    /** The part of this pool that a subnet covers. */
    Range range(Cidr subnet) {
        if (!cidr.overlaps(subnet)) {
            return Range.EMPTY;
        }
        if (subnet.contains(cidr)) {
            return new Range(0, size());
        }
        long start = offset(subnet.first());
        return new Range(start, Math.min(size(), start + new Pool(subnet.subnet()).size()));
    }

    /** What of a subnet may be given to endpoints: not its network and broadcast address (RFC 1122 s3.2.1.3). */
    Range usable(Cidr subnet) {
        Range all = range(subnet);
        boolean edges = subnet.hostBits() >= 2;
        if (!edges || all.isEmpty()) {
            return all;
        }
        long start = cidr.contains(subnet.first()) ? all.start() + 1 : all.start();
        long end = subnet.address().isIpv4() && cidr.contains(subnet.last()) ? all.end() - 1 : all.end();
        return new Range(start, Math.max(start, end));
    }
}
