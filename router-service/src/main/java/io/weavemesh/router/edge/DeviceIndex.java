package io.weavemesh.router.edge;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.netlink.BridgePortFlag;
import io.weavemesh.netlink.FdbEntry;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Neighbour;
import io.weavemesh.netlink.VxlanOptions;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.HostAddress;
import io.weavemesh.router.KernelItem.ItemKey;
import io.weavemesh.router.KernelItem.Kind;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.Segment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernel's devices by index, and the translation of its tables, which speak of indexes, into our items, which speak of
 * names. Safe to use from any thread.
 */
final class DeviceIndex {

    private static final MacAddress NO_MAC = new MacAddress(0);

    private final Map<Integer, Link> byIndex = new ConcurrentHashMap<>();
    private final Map<String, Integer> byName = new ConcurrentHashMap<>();

    void put(Link link) {
        Link before = byIndex.put(link.index(), link);
        if (before != null && !before.name().equals(link.name())) {
            byName.remove(before.name(), link.index());
        }
        byName.put(link.name(), link.index());
    }

    void remove(Link link) {
        byIndex.remove(link.index());
        byName.remove(link.name(), link.index());
    }

    void clear() {
        byIndex.clear();
        byName.clear();
    }

    Optional<Integer> indexOf(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Optional<Link> link(int index) {
        return Optional.ofNullable(byIndex.get(index));
    }

    Optional<Link> link(String name) {
        return indexOf(name).flatMap(this::link);
    }

    /** The item a device is, if it is one of ours. */
    Optional<KernelItem> item(Link link) {
        if (link.kind().equals("bridge") && Segment.namesBridge(link.name())) {
            boolean plain = link.up()
                    && link.bridge()
                            .map(options -> !options.stp() && !options.multicastSnooping())
                            .orElse(false);
            return Optional.of(new Bridge(link.name(), link.mac().orElse(NO_MAC), link.mtu(), plain));
        }
        if (link.vxlan().isPresent() && Segment.namesTunnel(link.name())) {
            VxlanOptions vxlan = link.vxlan().get();
            boolean plain = link.up()
                    && vxlan.learning()
                    && link.port().getOrDefault(BridgePortFlag.LEARNING, false)
                    && link.port().getOrDefault(BridgePortFlag.NEIGH_SUPPRESS, false);
            IpAddress local = vxlan.local().orElse(IpAddress.ipv4(0));
            return Optional.of(
                    new Tunnel(link.name(), master(link), vxlan.vni(), vxlan.port(), local, link.mtu(), plain));
        }
        if (link.isVeth() && LocalEndpoint.namesHostEnd(link.name())) {
            boolean inUse = link.lowerNamespace().isPresent();
            Optional<MacAddress> guestMac = inUse || link.lower().isEmpty()
                    ? Optional.empty()
                    : link(link.lower().getAsInt()).flatMap(Link::mac);
            return Optional.of(new Veth(
                    link.name(),
                    LocalEndpoint.guestEndOf(link.name()),
                    master(link),
                    guestMac,
                    link.mtu(),
                    inUse,
                    link.up()));
        }
        return Optional.empty();
    }

    /** The item an FDB entry is, if it is one of ours and does not age. */
    Optional<KernelItem> item(FdbEntry entry) {
        Optional<Link> device = link(entry.linkIndex());
        if (device.isEmpty()) {
            return Optional.empty();
        }
        String name = device.get().name();
        if (entry.table() == FdbEntry.Table.SELF) {
            boolean ours = Segment.namesTunnel(name) && entry.state() != FdbEntry.State.DYNAMIC;
            return ours ? entry.remote().map(remote -> remote(name, entry.mac(), remote)) : Optional.empty();
        }
        String bridge = master(device.get());
        boolean ours = Segment.namesBridge(bridge)
                && entry.state() == FdbEntry.State.STATIC
                && entry.vlan().isEmpty();
        return ours ? Optional.of(new PortMac(bridge, entry.mac(), name)) : Optional.empty();
    }

    /** The item a neighbour is, if it is one of ours and does not age. */
    Optional<KernelItem> item(Neighbour neighbour) {
        boolean permanent = neighbour.state() == Neighbour.State.PERMANENT;
        return link(neighbour.linkIndex())
                .map(Link::name)
                .filter(name -> permanent && Segment.namesBridge(name))
                .flatMap(name -> neighbour.mac().map(mac -> new NeighbourEntry(name, neighbour.address(), mac)));
    }

    /** The item an interface's address is, if it is on one of our bridges; not the one IPv6 makes by itself. */
    Optional<KernelItem> item(InterfaceAddress address) {
        return link(address.linkIndex())
                .map(Link::name)
                .filter(name -> Segment.namesBridge(name) && address.scope() == InterfaceAddress.Scope.GLOBAL)
                .map(name -> new HostAddress(name, address.address()));
    }

    /** What an FDB entry would be the key of if it were ours; it may be, or may have been, in another state. */
    Optional<ItemKey> key(FdbEntry entry) {
        Optional<Link> device = link(entry.linkIndex());
        if (device.isEmpty()) {
            return Optional.empty();
        }
        if (entry.table() == FdbEntry.Table.MASTER) {
            return Optional.of(new ItemKey(Kind.PORT_MAC, master(device.get()), entry.mac()));
        }
        String tunnel = device.get().name();
        return entry.mac().equals(FdbEntry.FLOOD)
                ? entry.remote().map(remote -> new ItemKey(Kind.FLOOD, tunnel, remote))
                : Optional.of(new ItemKey(Kind.REMOTE_MAC, tunnel, entry.mac()));
    }

    /** What a neighbour would be the key of if it were ours; one that is deleted is reported as failed. */
    Optional<ItemKey> key(Neighbour neighbour) {
        return link(neighbour.linkIndex())
                .map(device -> new ItemKey(Kind.NEIGHBOUR, device.name(), neighbour.address()));
    }

    private static KernelItem remote(String tunnel, MacAddress mac, IpAddress vtep) {
        return mac.equals(FdbEntry.FLOOD) ? new Flood(tunnel, vtep) : new RemoteMac(tunnel, mac, vtep);
    }

    /** The name of the bridge a device is a port of; an empty text if it is none. */
    private String master(Link link) {
        return link.master().isPresent()
                ? link(link.master().getAsInt()).map(Link::name).orElse("")
                : "";
    }
}
