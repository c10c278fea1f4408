package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * One thing in the kernel that belongs to the overlay. Devices are called by name; indexes are the edge's business. The
 * lines are what a person would type to get it.
 */
public sealed interface KernelItem {

    /** What tells it from all others: two items with one key cannot both exist. */
    ItemKey key();

    /** The devices it cannot exist without, besides itself. */
    List<String> devices();

    /** The {@code ip} and {@code bridge} commands that mean the same. */
    List<String> lines();

    /** Whether this, found in the kernel, is as good as what is desired. */
    default boolean satisfies(KernelItem desired) {
        return equals(desired);
    }

    /** The sorts of items. */
    enum Kind {
        BRIDGE(1),
        TUNNEL(2),
        VETH(2),
        REMOTE_MAC(3),
        FLOOD(3),
        PORT_MAC(3),
        NEIGHBOUR(3),
        HOST_ADDRESS(3),
        MASQUERADE(3);

        private final int layer;

        Kind(int layer) {
            this.layer = layer;
        }

        /** Items of a layer stand on those of lower ones: made after them, removed before them. */
        int layer() {
            return layer;
        }
    }

    /**
     * Identifies an item.
     *
     * @param device whose table it is in, or its own name if it is a device
     * @param id an address, or an empty text if it is a device
     */
    record ItemKey(Kind kind, String device, Object id) {
        static ItemKey device(Kind kind, String name) {
            return new ItemKey(kind, name, "");
        }
    }

    /**
     * A bridge without spanning tree and multicast snooping, which needs a querier nobody runs.
     *
     * @param mac fixed, since one that follows the ports changes under the neighbours' feet
     * @param plain whether spanning tree and snooping are off and it is up, as they have to be
     */
    record Bridge(String name, MacAddress mac, int mtu, boolean plain) implements KernelItem {
        @Override
        public ItemKey key() {
            return ItemKey.device(Kind.BRIDGE, name);
        }

        @Override
        public List<String> devices() {
            return List.of();
        }

        @Override
        public List<String> lines() {
            return List.of("ip link add " + name + " address " + mac + " mtu " + mtu
                    + " up type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
        }
    }

    /**
     * The vxlan device of a segment. It learns, so that MAC addresses nobody registered work after the first flood; entries
     * we program are never overridden by what is learnt.
     *
     * @param plain whether it learns, its port suppresses known neighbours, and it is up, as it has to be
     */
    record Tunnel(String name, String bridge, int vni, int port, IpAddress local, int mtu, boolean plain)
            implements KernelItem {
        @Override
        public ItemKey key() {
            return ItemKey.device(Kind.TUNNEL, name);
        }

        @Override
        public List<String> devices() {
            return List.of(bridge);
        }

        @Override
        public List<String> lines() {
            return List.of(
                    "ip link add " + name + " mtu " + mtu + " master " + bridge + " up type vxlan id " + vni
                            + " dstport " + port + " local " + local + " learning",
                    "bridge link set dev " + name + " learning on neigh_suppress on");
        }

        /** Whether the other can become this one without being made anew (drivers/net/vxlan: vxlan_changelink). */
        boolean sameWire(Tunnel other) {
            return vni == other.vni && port == other.port && local.equals(other.local);
        }
    }

    /**
     * The veth pair of an endpoint.
     *
     * @param guestMac of the guest end; absent if that is in another namespace, where we do not look
     * @param inUse whether the guest end is in another namespace; nothing we ever desire, only something we find
     * @param up whether the host end is
     */
    record Veth(
            String host, String guest, String bridge, Optional<MacAddress> guestMac, int mtu, boolean inUse, boolean up)
            implements KernelItem {
        @Override
        public ItemKey key() {
            return ItemKey.device(Kind.VETH, host);
        }

        @Override
        public List<String> devices() {
            return List.of(bridge);
        }

        @Override
        public List<String> lines() {
            return List.of("ip link add " + host + " mtu " + mtu + " master " + bridge + " up type veth peer name "
                    + guest + " mtu " + mtu
                    + guestMac.map(mac -> " address " + mac).orElse(""));
        }

        @Override
        public boolean satisfies(KernelItem desired) {
            return desired instanceof Veth wanted
                    && bridge.equals(wanted.bridge)
                    && mtu == wanted.mtu
                    && up == wanted.up
                    && (inUse || guestMac.equals(wanted.guestMac));
        }
    }

    /** A MAC address is behind that VTEP. */
    record RemoteMac(String tunnel, MacAddress mac, IpAddress vtep) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.REMOTE_MAC, tunnel, mac);
        }

        @Override
        public List<String> devices() {
            return List.of(tunnel);
        }

        @Override
        public List<String> lines() {
            return List.of("bridge fdb replace " + mac + " dev " + tunnel + " dst " + vtep + " self permanent");
        }
    }

    /** Broadcast, multicast and unknown unicast go to that VTEP, too. */
    record Flood(String tunnel, IpAddress vtep) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.FLOOD, tunnel, vtep);
        }

        @Override
        public List<String> devices() {
            return List.of(tunnel);
        }

        @Override
        public List<String> lines() {
            return List.of("bridge fdb append 00:00:00:00:00:00 dev " + tunnel + " dst " + vtep + " self permanent");
        }
    }

    /** In the bridge's table, a MAC address is behind that port: an endpoint's veth, or the tunnel. */
    record PortMac(String bridge, MacAddress mac, String port) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.PORT_MAC, bridge, mac);
        }

        @Override
        public List<String> devices() {
            return List.of(bridge, port);
        }

        @Override
        public List<String> lines() {
            return List.of("bridge fdb replace " + mac + " dev " + port + " master static");
        }
    }

    /** An address of the host itself, on a bridge. */
    record HostAddress(String bridge, Cidr address) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.HOST_ADDRESS, bridge, address);
        }

        @Override
        public List<String> devices() {
            return List.of(bridge);
        }

        @Override
        public List<String> lines() {
            return List.of("ip addr add " + address + " dev " + bridge);
        }
    }

    /**
     * What leaves a subnet by this host, or enters it, gets the address of the interface it goes out of as its source. Not
     * multicast, which nobody answers.
     */
    record Masquerade(Cidr subnet) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.MASQUERADE, "", subnet);
        }

        @Override
        public List<String> devices() {
            return List.of();
        }

        @Override
        public List<String> lines() {
            String family = subnet.address().isIpv4() ? "ip" : "ip6";
            String multicast = subnet.address().isIpv4() ? "224.0.0.0/4" : "ff00::/8";
            String rule = "nft add rule " + family + " weave postrouting " + family;
            return List.of(
                    rule + " saddr " + subnet + " " + family + " daddr != " + subnet + " " + family + " daddr != "
                            + multicast + " masquerade",
                    rule + " saddr != " + subnet + " " + family + " daddr " + subnet + " masquerade");
        }
    }

    /** What the bridge answers to ARP and neighbour solicitations instead of flooding them into the tunnel. */
    record NeighbourEntry(String bridge, IpAddress address, MacAddress mac) implements KernelItem {
        @Override
        public ItemKey key() {
            return new ItemKey(Kind.NEIGHBOUR, bridge, address);
        }

        @Override
        public List<String> devices() {
            return List.of(bridge);
        }

        @Override
        public List<String> lines() {
            return List.of("ip neigh replace " + address + " lladdr " + mac + " dev " + bridge + " nud permanent");
        }
    }
}
