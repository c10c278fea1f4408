package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.IpAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The options of a vxlan device (RFC 7348) that we set and read back. All but {@code learning} are fixed at its creation.
 *
 * @param vni network identifier, 24 bits; 0 for an external one
 * @param port UDP destination port
 * @param local source address of tunnel packets
 * @param remote default destination, also the multicast group
 * @param underlay index of the device the tunnel packets leave by
 * @param learning learn remote addresses from packets; static overlays turn it off
 * @param proxy answer ARP from the neighbour entries on this device
 * @param udpChecksum compute the outer UDP checksum over IPv4
 * @param external one device for all VNIs, metadata per route or FDB entry ("external" in {@code ip})
 */
public record VxlanOptions(
        int vni,
        int port,
        Optional<IpAddress> local,
        Optional<IpAddress> remote,
        OptionalInt underlay,
        boolean learning,
        boolean proxy,
        boolean udpChecksum,
        boolean external) {

    /** RFC 7348 s5: 24 bits. */
    private static final int MAXIMUM_VNI = (1 << 24) - 1;

    /** The kernel's own default, older than the RFC's 4789. */
    static final int KERNEL_PORT = 8472;

    public VxlanOptions {
        Check.argument(vni >= 0 && vni <= MAXIMUM_VNI, "VNI %d is not between 0 and %d", vni, MAXIMUM_VNI);
        Check.argument(port >= 1 && port <= 65535, "UDP port %d is not between 1 and 65535", port);
        Check.argument(
                local.isEmpty()
                        || remote.isEmpty()
                        || local.get().family() == remote.get().family(),
                "local and remote address of a vxlan must have one family, got %s and %s",
                local,
                remote);
    }

    /** A device for one VNI without learning: every remote comes from an FDB entry. */
    public static VxlanOptions programmed(int vni, int port) {
        return new VxlanOptions(
                vni, port, Optional.empty(), Optional.empty(), OptionalInt.empty(), false, false, true, false);
    }

    public VxlanOptions withLocal(IpAddress address) {
        return new VxlanOptions(
                vni, port, Optional.of(address), remote, underlay, learning, proxy, udpChecksum, external);
    }

    public VxlanOptions withUnderlay(int linkIndex) {
        return new VxlanOptions(
                vni, port, local, remote, OptionalInt.of(linkIndex), learning, proxy, udpChecksum, external);
    }

    public VxlanOptions withLearning(boolean on) {
        return new VxlanOptions(vni, port, local, remote, underlay, on, proxy, udpChecksum, external);
    }

    public VxlanOptions withProxy(boolean on) {
        return new VxlanOptions(vni, port, local, remote, underlay, learning, on, udpChecksum, external);
    }

    public VxlanOptions withUdpChecksum(boolean on) {
        return new VxlanOptions(vni, port, local, remote, underlay, learning, proxy, on, external);
    }
}
