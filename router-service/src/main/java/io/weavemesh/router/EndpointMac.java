package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;

/**
 * The hardware address of an endpoint, derived from its network and address, so that an address that moves to another host
 * keeps it and the neighbours' caches stay right.
 *
 * <pre>
 *   IPv4   02 : salt of the network : the address' four bytes         (no two endpoints of a network alike)
 *   IPv6   06 : 40 bits of a hash over network and address            (10,000 endpoints: alike once in 20,000 networks)
 * </pre>
 *
 * Both have the bit for locally administered addresses set and the one for groups clear (IEEE 802 s8.4).
 */
final class EndpointMac {

    private static final long IPV4 = 0x02L << 40;
    private static final long IPV6 = 0x06L << 40;

    private EndpointMac() {}

    static MacAddress of(Cidr subnet, IpAddress address) {
        if (address.isIpv4()) {
            return new MacAddress(IPV4 | (StableHash.of(subnet) & 0xff) << 32 | address.low());
        }
        return new MacAddress(IPV6 | (StableHash.of(subnet, address) & 0xff_ffff_ffffL));
    }
}
