package io.weavemesh.router.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.netlink.BridgeOptions;
import io.weavemesh.netlink.BridgePortFlag;
import io.weavemesh.netlink.BridgeSpec;
import io.weavemesh.netlink.Change;
import io.weavemesh.netlink.FailedChange;
import io.weavemesh.netlink.FdbEntry;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Neighbour;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkEvent;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.NetlinkGroup;
import io.weavemesh.netlink.NetlinkMonitor;
import io.weavemesh.netlink.Nftables;
import io.weavemesh.netlink.PacketSocket;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.netlink.VxlanOptions;
import io.weavemesh.netlink.VxlanSpec;
import io.weavemesh.router.Announcement;
import io.weavemesh.router.ContainerBridges;
import io.weavemesh.router.HostDevices;
import io.weavemesh.router.KernelChange;
import io.weavemesh.router.KernelDiff;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelItem;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.HostAddress;
import io.weavemesh.router.KernelItem.Masquerade;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.Ruleset;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The real kernel, by netlink. Entries go in batches, devices one by one: the former are many and cheap, the latter few and
 * some steps need an index an earlier one gave.
 */
final class NetlinkKernel implements Kernel {

    private static final Set<NetlinkGroup> GROUPS =
            Set.of(NetlinkGroup.LINK, NetlinkGroup.NEIGHBOUR, NetlinkGroup.ADDRESS, NetlinkGroup.ROUTE);

    /** A device is missing, or is somebody else's. */
    private static final class WrongDeviceException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongDeviceException(String text) {
            super(text, null, false, false);
        }
    }

    /** Steps that wait to be sent together, and the change each stands for; the same step may occur twice. */
    private record Batch(List<Change> steps, Map<Change, KernelChange> causes) {}

    private final Netlink netlink;
    private final Nftables nftables;
    private final NetlinkFirewall firewall;
    private final LegacyIptables legacy;
    private final Ipv6Settings ipv6;
    private final Announcer announcer;
    private final Optional<Path> namespace;
    private final DeviceIndex devices = new DeviceIndex();
    private Optional<NetlinkMonitor> monitor = Optional.empty();
    private Runnable underlayChanged = () -> {};

    private NetlinkKernel(
            Netlink netlink,
            Nftables nftables,
            NetlinkFirewall firewall,
            LegacyIptables legacy,
            Ipv6Settings ipv6,
            Announcer announcer,
            Optional<Path> namespace) {
        this.netlink = netlink;
        this.nftables = nftables;
        this.firewall = firewall;
        this.legacy = legacy;
        this.ipv6 = ipv6;
        this.announcer = announcer;
        this.namespace = namespace;
    }

    /** That of the namespace this process is in. */
    static NetlinkKernel open() {
        return new NetlinkKernel(
                Netlink.open(),
                Nftables.open(),
                NetlinkFirewall.open(),
                LegacyIptables.ofThisHost(),
                Ipv6Settings.ofThisHost(),
                Announcer.open(PacketSocket::open),
                Optional.empty());
    }

    /** That of another namespace, whose IPv6 settings only a process inside it can write. */
    static NetlinkKernel openIn(Path namespace, Ipv6Settings ipv6) {
        return new NetlinkKernel(
                Netlink.openIn(namespace),
                Nftables.openIn(namespace),
                NetlinkFirewall.openIn(namespace),
                LegacyIptables.absent(),
                ipv6,
                Announcer.open(() -> PacketSocket.openIn(namespace)),
                Optional.of(namespace));
    }

    @Override
    public KernelState dump() {
        devices.clear();
        List<Link> links = netlink.links();
        links.forEach(devices::put);
        List<KernelItem> items = new ArrayList<>();
        links.forEach(link -> devices.item(link).ifPresent(items::add));
        netlink.fdb().forEach(entry -> devices.item(entry).ifPresent(items::add));
        netlink.neighbours().forEach(neighbour -> devices.item(neighbour).ifPresent(items::add));
        netlink.addresses().forEach(address -> devices.item(address).ifPresent(items::add));
        items.addAll(masquerades());
        return KernelState.of(items);
    }

    @Override
    public List<Refusal> apply(List<KernelChange> changes) {
        List<Refusal> refusals = new ArrayList<>();
        Batch batch = new Batch(new ArrayList<>(), new IdentityHashMap<>());
        for (KernelChange change : changes) {
            try {
                Optional<Change> entry = entry(change);
                if (entry.isPresent()) {
                    batch.steps().add(entry.get());
                    batch.causes().put(entry.get(), change);
                } else if (isDevice(change)) {
                    flush(batch, refusals);
                    device(change);
                } else if (itemOf(change) instanceof Masquerade(Cidr subnet)) {
                    masquerade(subnet, change);
                }
            } catch (NetlinkException | UncheckedIOException | WrongDeviceException e) {
                refusals.add(new Refusal(change, String.valueOf(e.getMessage())));
            }
        }
        flush(batch, refusals);
        return refusals;
    }

    private void flush(Batch batch, List<Refusal> refusals) {
        if (batch.steps().isEmpty()) {
            return;
        }
        for (FailedChange failed : netlink.apply(List.copyOf(batch.steps()))) {
            KernelChange change = batch.causes().get(failed.change());
            boolean gone =
                    change instanceof KernelChange.Remove && failed.error().notFound();
            boolean there = change instanceof KernelChange.Add(HostAddress _)
                    && failed.error().alreadyExists();
            if (change != null && !gone && !there) {
                refusals.add(new Refusal(change, String.valueOf(failed.error().getMessage())));
            }
        }
        batch.steps().clear();
        batch.causes().clear();
    }

    private static boolean isDevice(KernelChange change) {
        return switch (itemOf(change)) {
            case Bridge _, Tunnel _, Veth _ -> true;
            case RemoteMac _, Flood _, PortMac _, NeighbourEntry _, HostAddress _, Masquerade _ -> false;
        };
    }

    private static KernelItem itemOf(KernelChange change) {
        return KernelDiff.itemOf(change);
    }

    /** The batchable step; nothing for a device, and for removals from a device that is gone. */
    private Optional<Change> entry(KernelChange change) {
        boolean remove = change instanceof KernelChange.Remove;
        return switch (itemOf(change)) {
            case Bridge _, Tunnel _, Veth _, Masquerade _ -> Optional.empty();
            case RemoteMac(var tunnel, var mac, var vtep) ->
                index(tunnel, remove).map(index -> fdb(FdbEntry.remote(index, mac, vtep), remove));
            case Flood(var tunnel, var vtep) ->
                index(tunnel, remove).map(index -> {
                    FdbEntry entry = FdbEntry.flood(index, vtep);
                    return remove ? new Change.RemoveFdb(entry) : new Change.AppendFdb(entry);
                });
            case PortMac entry ->
                index(entry.port(), remove).map(index -> fdb(FdbEntry.behindPort(index, entry.mac()), remove));
            case NeighbourEntry(var bridge, var address, var mac) ->
                index(bridge, remove).map(index -> {
                    Neighbour neighbour = Neighbour.permanent(index, address, mac);
                    return remove ? new Change.RemoveNeighbour(neighbour) : new Change.ReplaceNeighbour(neighbour);
                });
            case HostAddress(var bridge, var cidr) ->
                index(bridge, remove).map(index -> {
                    InterfaceAddress address = InterfaceAddress.of(index, cidr).withoutDuplicateDetection();
                    return remove ? new Change.RemoveAddress(address) : new Change.AddAddress(address);
                });
        };
    }

    private void masquerade(Cidr subnet, KernelChange change) {
        if (change instanceof KernelChange.Remove) {
            nftables.removeMasquerade(subnet);
        } else {
            nftables.masquerade(subnet);
        }
    }

    private static Change fdb(FdbEntry entry, boolean remove) {
        return remove ? new Change.RemoveFdb(entry) : new Change.ReplaceFdb(entry);
    }

    private Optional<Integer> index(String device, boolean mayBeGone) {
        Optional<Integer> index = devices.indexOf(device).or(() -> learn(device).map(Link::index));
        if (index.isEmpty() && !mayBeGone) {
            throw new WrongDeviceException("there is no device " + device);
        }
        return index;
    }

    private Optional<Link> learn(String device) {
        Optional<Link> link = netlink.link(device);
        link.ifPresent(devices::put);
        return link;
    }

    private void device(KernelChange change) {
        switch (change) {
            case KernelChange.Add(Bridge bridge) -> add(bridge);
            case KernelChange.Add(Tunnel tunnel) -> add(tunnel);
            case KernelChange.Add(Veth veth) -> add(veth);
            case KernelChange.Update update -> update(update.after());
            case KernelChange.Remove(KernelItem item) -> remove(item.key().device());
            case KernelChange.Add(KernelItem item) -> throw new IllegalStateException("no device: " + item);
        }
    }

    private void add(Bridge bridge) {
        try {
            netlink.createBridge(BridgeSpec.named(bridge.name())
                    .withMac(bridge.mac())
                    .withMtu(bridge.mtu())
                    .withOptions(options())
                    .asUp());
            ipv6.hardenBridge(bridge.name());
            learn(bridge.name());
        } catch (NetlinkException e) {
            adopt(e, bridge.name(), "bridge", bridge);
        }
    }

    private static BridgeOptions options() {
        return BridgeOptions.KERNEL_DEFAULT.withMulticastSnooping(false).withForwardDelay(Duration.ZERO);
    }

    /** RFC 7348 s4.1 wants the outer UDP checksum to be zero, and that is also what the hardware offloads expect. */
    private void add(Tunnel tunnel) {
        VxlanOptions options = VxlanOptions.programmed(tunnel.vni(), tunnel.port())
                .withLocal(tunnel.local())
                .withLearning(true)
                .withUdpChecksum(!tunnel.local().isIpv4());
        int bridge = index(tunnel.bridge(), false).orElseThrow();
        try {
            netlink.createVxlan(VxlanSpec.named(tunnel.name(), options)
                    .withMtu(tunnel.mtu())
                    .withMaster(bridge)
                    .asUp());
            ipv6.hardenPort(tunnel.name());
            netlink.setBridgePort(tunnel.name(), portFlags());
            learn(tunnel.name());
        } catch (NetlinkException e) {
            adopt(e, tunnel.name(), "vxlan", tunnel);
        }
    }

    private static Map<BridgePortFlag, Boolean> portFlags() {
        return Map.of(BridgePortFlag.LEARNING, true, BridgePortFlag.NEIGH_SUPPRESS, true);
    }

    private void add(Veth veth) {
        int bridge = index(veth.bridge(), false).orElseThrow();
        VethSpec spec = VethSpec.named(veth.host(), veth.guest())
                .withMtu(veth.mtu())
                .withMaster(bridge)
                .asUp();
        try {
            netlink.createVeth(veth.guestMac().map(spec::withPeerMac).orElse(spec));
            ipv6.hardenPort(veth.host());
            learn(veth.host());
        } catch (NetlinkException e) {
            adopt(e, veth.host(), "veth", veth);
        }
    }

    /** What is there already and of the right kind is put right instead; anything else of that name is not ours to touch. */
    private void adopt(NetlinkException refusal, String name, String kind, KernelItem wanted) {
        Optional<Link> present = refusal.alreadyExists() ? learn(name) : Optional.empty();
        if (present.isEmpty()) {
            throw refusal;
        }
        if (!present.get().kind().equals(kind)) {
            throw new WrongDeviceException(refusal.getMessage() + " and is of kind '"
                    + present.get().kind() + "' (expected '" + kind + "'): remove or rename it");
        }
        update(wanted);
    }

    private void update(KernelItem wanted) {
        switch (wanted) {
            case Bridge bridge -> {
                if (!learn(bridge.name()).flatMap(Link::mac).equals(Optional.of(bridge.mac()))) {
                    netlink.setMac(bridge.name(), bridge.mac()); // Also to the same one, it flushes the neighbours.
                }
                netlink.setMtu(bridge.name(), bridge.mtu());
                netlink.setBridge(bridge.name(), options());
                netlink.setUp(bridge.name());
                ipv6.hardenBridge(bridge.name());
            }
            case Tunnel tunnel -> {
                netlink.setMtu(tunnel.name(), tunnel.mtu());
                netlink.setMaster(tunnel.name(), tunnel.bridge());
                netlink.setBridgePort(tunnel.name(), portFlags());
                netlink.setUp(tunnel.name());
                ipv6.hardenPort(tunnel.name());
            }
            case Veth veth -> {
                netlink.setMtu(veth.host(), veth.mtu());
                netlink.setMaster(veth.host(), veth.bridge());
                netlink.setUp(veth.host());
                ipv6.hardenPort(veth.host());
                if (veth.guestMac().isPresent() && netlink.link(veth.guest()).isPresent()) {
                    netlink.setMac(veth.guest(), veth.guestMac().get());
                    netlink.setMtu(veth.guest(), veth.mtu());
                }
            }
            case RemoteMac _, Flood _, PortMac _, NeighbourEntry _, HostAddress _, Masquerade _ ->
                throw new IllegalStateException("no device: " + wanted);
        }
        learn(wanted.key().device());
    }

    private void remove(String name) {
        devices.link(name).ifPresent(devices::remove);
        try {
            netlink.deleteLink(name);
        } catch (NetlinkException e) {
            if (!e.notFound()) {
                throw e;
            }
        }
    }

    /** A bridge that is gone meanwhile has nobody to be told. */
    @Override
    public void announce(List<Announcement> announcements) {
        for (Announcement announcement : announcements) {
            devices.indexOf(announcement.bridge()).ifPresent(index -> announcer.announce(index, announcement));
        }
    }

    @Override
    public void watch(Consumer<KernelEvent> listener) {
        KernelEvents events = new KernelEvents(devices, this::learn, underlayChanged);
        Consumer<NetlinkEvent> translate = event -> events.translate(event).forEach(listener);
        monitor = Optional.of(namespace
                .map(path -> NetlinkMonitor.openIn(path, GROUPS, translate))
                .orElseGet(() -> NetlinkMonitor.open(GROUPS, translate)));
    }

    @Override
    public void watchUnderlay(Runnable listener) {
        underlayChanged = listener;
    }

    @Override
    public HostDevices hostDevices(String underlay) {
        List<ContainerBridges.Device> devices = netlink.links().stream()
                .map(link -> new ContainerBridges.Device(link.index(), link.name(), link.kind(), link.master()))
                .toList();
        return HostDevices.among(devices, underlay);
    }

    @Override
    public Optional<Integer> underlayMtu(IpAddress vtep, List<IpAddress> peers) {
        return Underlay.mtuOf(netlink, vtep, peers);
    }

    @Override
    public Set<Masquerade> masquerades() {
        return nftables.masqueraded().stream().map(Masquerade::new).collect(Collectors.toSet());
    }

    @Override
    public Protection protect(List<Ruleset> tables, boolean keepPeers) {
        return firewall.protect(tables, keepPeers);
    }

    @Override
    public void watchFirewall(Consumer<String> listener) {
        firewall.watch(listener);
    }

    @Override
    public boolean permit(String bridge) {
        boolean byNetlink = nftables.acceptInsideBridge(bridge).ipv4() != Nftables.Outcome.NO_CHAIN;
        return isLetThrough(byNetlink, legacy.permit(bridge));
    }

    @Override
    public void withdrawPermit(String bridge) {
        nftables.removeAcceptInsideBridge(bridge);
        legacy.withdrawPermit(bridge);
    }

    @Override
    public boolean permitOutside(String bridge) {
        boolean byNetlink = nftables.acceptThroughBridge(bridge).ipv4() != Nftables.Outcome.NO_CHAIN;
        return isLetThrough(byNetlink, legacy.permitOutside(bridge));
    }

    /** A packet passes both kinds of tables, and what one lets through the other may drop. */
    private static boolean isLetThrough(boolean byNetlink, LegacyIptables.Outcome legacyTables) {
        return switch (legacyTables) {
            case NO_TABLE -> byNetlink;
            case THERE -> true;
            case REFUSED -> false;
        };
    }

    @Override
    public void withdrawPermitOutside(String bridge) {
        nftables.removeAcceptThroughBridge(bridge);
        legacy.withdrawPermitOutside(bridge);
    }

    @Override
    public void close() {
        monitor.ifPresent(NetlinkMonitor::close);
        announcer.close();
        firewall.close();
        nftables.close();
        netlink.close();
    }
}
