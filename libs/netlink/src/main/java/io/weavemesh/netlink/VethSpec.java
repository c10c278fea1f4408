package io.weavemesh.netlink;

import io.weavemesh.contract.MacAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pair of veth devices to be created. The peer starts down: the kernel refuses to open it before the pair is tied
 * (ENOTCONN), so bring it up afterwards in its own namespace.
 *
 * @param name device that stays in the namespace of the socket
 * @param peerName the other one
 * @param mac hardware address of {@code name}; random if not given
 * @param peerMac hardware address of {@code peerName}; random if not given
 * @param mtu MTU of both
 * @param master index of the bridge {@code name} becomes a port of
 * @param peerNamespace namespace the peer is born in, for example {@code /proc/PID/ns/net}; that saves the 16 ms a later move
 *     costs
 * @param up whether {@code name} is up at once
 */
public record VethSpec(
        String name,
        String peerName,
        Optional<MacAddress> mac,
        Optional<MacAddress> peerMac,
        OptionalInt mtu,
        OptionalInt master,
        Optional<Path> peerNamespace,
        boolean up) {

    public VethSpec {
        InterfaceName.check(name);
        InterfaceName.check(peerName);
    }

    /** A pair with random addresses in the socket's own namespace, down. */
    public static VethSpec named(String name, String peerName) {
        return new VethSpec(
                name,
                peerName,
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                false);
    }

    public VethSpec withMac(MacAddress address) {
        return new VethSpec(name, peerName, Optional.of(address), peerMac, mtu, master, peerNamespace, up);
    }

    public VethSpec withPeerMac(MacAddress address) {
        return new VethSpec(name, peerName, mac, Optional.of(address), mtu, master, peerNamespace, up);
    }

    public VethSpec withMtu(int bytes) {
        return new VethSpec(name, peerName, mac, peerMac, OptionalInt.of(bytes), master, peerNamespace, up);
    }

    public VethSpec withMaster(int bridgeIndex) {
        return new VethSpec(name, peerName, mac, peerMac, mtu, OptionalInt.of(bridgeIndex), peerNamespace, up);
    }

    public VethSpec withPeerNamespace(Path namespace) {
        return new VethSpec(name, peerName, mac, peerMac, mtu, master, Optional.of(namespace), up);
    }

    public VethSpec asUp() {
        return new VethSpec(name, peerName, mac, peerMac, mtu, master, peerNamespace, true);
    }
}
