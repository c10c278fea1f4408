package io.weavemesh.netlink;

import io.weavemesh.contract.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A vxlan device to be created.
 *
 * @param name device name
 * @param options see there
 * @param mac hardware address; random if not given
 * @param mtu MTU of the inner frames; the kernel derives it from the underlay device, or takes 1500, if not given
 * @param master index of the bridge it becomes a port of
 * @param up whether it is up at once
 */
public record VxlanSpec(
        String name, VxlanOptions options, Optional<MacAddress> mac, OptionalInt mtu, OptionalInt master, boolean up) {

    public VxlanSpec {
        InterfaceName.check(name);
    }

    /** A device that is down and has no master. */
    public static VxlanSpec named(String name, VxlanOptions options) {
        return new VxlanSpec(name, options, Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), false);
    }

    public VxlanSpec withMac(MacAddress address) {
        return new VxlanSpec(name, options, Optional.of(address), mtu, master, up);
    }

    public VxlanSpec withMtu(int bytes) {
        return new VxlanSpec(name, options, mac, OptionalInt.of(bytes), master, up);
    }

    public VxlanSpec withMaster(int bridgeIndex) {
        return new VxlanSpec(name, options, mac, mtu, OptionalInt.of(bridgeIndex), up);
    }

    public VxlanSpec asUp() {
        return new VxlanSpec(name, options, mac, mtu, master, true);
    }
}
