package io.weavemesh.netlink;

import io.weavemesh.contract.MacAddress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network device as the kernel reports it; a snapshot, not a handle.
 *
 * @param index interface index, unique in its namespace and never reused while it runs
 * @param name device name
 * @param kind "bridge", "veth", "vxlan", …; empty for hardware and loopback
 * @param mac hardware address, if it is an Ethernet one
 * @param mtu bytes
 * @param up administratively up (IFF_UP)
 * @param carrier up and connected (IFF_LOWER_UP)
 * @param master index of the bridge it is a port of
 * @param lower index of the device below; for a veth, of its peer (IFLA_LINK)
 * @param lowerNamespace the kernel's number for the namespace {@code lower} is in, if it is another one
 * @param bridge options, if it is a bridge
 * @param vxlan options, if it is a vxlan
 * @param port options as a bridge port; empty if it is none
 */
public record Link(
        int index,
        String name,
        String kind,
        Optional<MacAddress> mac,
        int mtu,
        boolean up,
        boolean carrier,
        OptionalInt master,
        OptionalInt lower,
        OptionalInt lowerNamespace,
        Optional<BridgeOptions> bridge,
        Optional<VxlanOptions> vxlan,
        Map<BridgePortFlag, Boolean> port) {

    public Link {
        port = Map.copyOf(port);
    }

    public boolean isVeth() {
        return kind.equals("veth");
    }
}
