package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A bridge to be created. Without a MAC the kernel makes up a random one, and lets it follow the lowest MAC of the ports.
 *
 * @param name device name
 * @param mac fixed hardware address
 * @param mtu a fixed MTU; otherwise it follows the smallest of the ports
 * @param options see there
 * @param up whether it is up at once
 */
public record BridgeSpec(String name, Optional<MacAddress> mac, OptionalInt mtu, BridgeOptions options, boolean up) {

    public BridgeSpec {
        InterfaceName.check(name);
        Check.argument(mac.isEmpty() || !mac.get().isMulticast(), "bridge %s: %s is a multicast address", name, mac);
    }

    /** A bridge with the kernel's defaults, down. */
    public static BridgeSpec named(String name) {
        return new BridgeSpec(name, Optional.empty(), OptionalInt.empty(), BridgeOptions.KERNEL_DEFAULT, false);
    }

    public BridgeSpec withMac(MacAddress address) {
        return new BridgeSpec(name, Optional.of(address), mtu, options, up);
    }

    public BridgeSpec withMtu(int bytes) {
        return new BridgeSpec(name, mac, OptionalInt.of(bytes), options, up);
    }

    public BridgeSpec withOptions(BridgeOptions other) {
        return new BridgeSpec(name, mac, mtu, other, up);
    }

    public BridgeSpec asUp() {
        return new BridgeSpec(name, mac, mtu, options, true);
    }
}
