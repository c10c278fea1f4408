package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;

/**
 * A network as the hosts' kernels know it: its subnet, the number that marks its packets, and the names of its devices. Not
 * a Docker network, of which several on one host may share a segment.
 *
 * @param subnet the subnet that names it
 * @param vni 1 to 2^24-1 (RFC 7348 s5), a pure function of the subnet, so that no host has to ask another
 * @param bridge the device its endpoints are ports of
 * @param tunnel the vxlan device that leads to the other hosts
 */
public record Segment(Cidr subnet, int vni, String bridge, String tunnel) {

    /** The bridge people know: that of the default network. */
    public static final String DEFAULT_BRIDGE = "weave";

    private static final String DEFAULT_TUNNEL = "vxlan-weave";
    private static final String BRIDGE_PREFIX = "wb-";
    private static final String TUNNEL_PREFIX = "wx-";
    private static final int MAXIMUM_VNI = (1 << 24) - 1;

    public Segment {
        Check.argument(subnet.isSubnet(), "%s is not a subnet: it has host bits set", subnet);
        Check.argument(vni >= 1 && vni <= MAXIMUM_VNI, "VNI %d is not between 1 and %d", vni, MAXIMUM_VNI);
    }

    /** The segment of a subnet; the default one has names of its own. */
    public static Segment of(Cidr subnet, Cidr defaultSubnet) {
        int vni = vniOf(subnet);
        if (subnet.equals(defaultSubnet)) {
            return new Segment(subnet, vni, DEFAULT_BRIDGE, DEFAULT_TUNNEL);
        }
        String suffix = "%06x".formatted(vni);
        return new Segment(subnet, vni, BRIDGE_PREFIX + suffix, TUNNEL_PREFIX + suffix);
    }

    /** The VNI every peer derives from this subnet. */
    public static int vniOf(Cidr subnet) {
        return 1 + (int) Long.remainderUnsigned(StableHash.of(subnet), MAXIMUM_VNI);
    }

    /** Whether a device of this name is a bridge of ours. */
    public static boolean namesBridge(String device) {
        return device.equals(DEFAULT_BRIDGE) || device.startsWith(BRIDGE_PREFIX);
    }

    /** Whether a device of this name is a tunnel of ours. */
    public static boolean namesTunnel(String device) {
        return device.equals(DEFAULT_TUNNEL) || device.startsWith(TUNNEL_PREFIX);
    }
}
