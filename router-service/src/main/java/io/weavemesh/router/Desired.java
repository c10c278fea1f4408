package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.router.KernelChange.Add;
import io.weavemesh.router.KernelChange.Remove;
import io.weavemesh.router.KernelChange.Update;
import io.weavemesh.router.KernelItem.ItemKey;
import io.weavemesh.router.KernelItem.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was last wanted of the kernel. Each refresh asks the plan for the items a change can have touched and returns what
 * became different; it never looks at the others.
 */
final class Desired {

    private final OverlayPlan plan;
    private final EndpointTable table;
    private final Map<ItemKey, KernelItem> items = new HashMap<>();

    /** The subnets with devices here. Not told by a bridge's name: two subnets may have one VNI, and only one is ours. */
    private final Set<Cidr> subnets = new TreeSet<>();

    /** The flood entries of each tunnel: no more than there are peers. */
    private final Map<String, Set<ItemKey>> floods = new HashMap<>();

    private final NeighbourBeliefs beliefs = new NeighbourBeliefs();
    private List<Announcement> announcements = new ArrayList<>();

    Desired(OverlayPlan plan, EndpointTable table) {
        this.plan = plan;
        this.table = table;
    }

    void startFrom(Collection<KernelItem> all, Collection<Cidr> localSubnets) {
        all.forEach(item -> items.put(item.key(), item));
        subnets.addAll(localSubnets);
        localSubnets.forEach(subnet -> believeAll(plan.segment(subnet)));
    }

    /** What neighbours have to be told of the changes since the last time, in order. */
    List<Announcement> takeAnnouncements() {
        if (announcements.isEmpty()) {
            return List.of();
        }
        List<Announcement> taken = announcements;
        announcements = new ArrayList<>();
        return taken;
    }

    /** Neighbours were answered by these entries before this run. */
    void startFromFound(Collection<KernelItem.NeighbourEntry> entries) {
        Map<String, Segment> byBridge = new HashMap<>();
        subnets.forEach(subnet -> byBridge.put(plan.segment(subnet).bridge(), plan.segment(subnet)));
        for (KernelItem.NeighbourEntry entry : entries) {
            Segment segment = byBridge.get(entry.bridge());
            if (segment != null) {
                beliefs.holds(segment.subnet(), entry.address(), entry.mac());
                noteHolder(segment, entry.address());
            }
        }
    }

    Collection<KernelItem> items() {
        return items.values();
    }

    Optional<KernelItem> get(ItemKey key) {
        return Optional.ofNullable(items.get(key));
    }

    /** The segment's devices, and if they are new, all entries on them. */
    List<KernelChange> refreshSegment(Segment segment) {
        boolean isNew = subnets.add(segment.subnet());
        List<KernelChange> changes = new ArrayList<>(refreshDevices(segment));
        if (isNew) {
            table.macs(segment.subnet()).forEach(mac -> refreshMac(segment, mac, changes));
            believeAll(segment);
            table.addresses(segment.subnet()).forEach(address -> refreshAddress(segment, address, changes));
            refreshFlood(segment, changes);
        }
        return KernelDiff.inOrder(changes);
    }

    List<KernelChange> refreshDevices(Segment segment) {
        List<KernelChange> changes = new ArrayList<>();
        plan.devices(segment).forEach(item -> set(item.key(), Optional.of(item), changes));
        return changes;
    }

    /** Takes away the segment's devices; their entries go with them. */
    List<KernelChange> clearSegment(Segment segment) {
        subnets.remove(segment.subnet());
        beliefs.forget(segment.subnet());
        floods.remove(segment.tunnel());
        List<KernelChange> changes = new ArrayList<>();
        set(ItemKey.device(Kind.TUNNEL, segment.tunnel()), Optional.empty(), changes);
        set(ItemKey.device(Kind.BRIDGE, segment.bridge()), Optional.empty(), changes);
        items.keySet()
                .removeIf(key ->
                        key.device().equals(segment.tunnel()) || key.device().equals(segment.bridge()));
        return changes;
    }

    List<KernelChange> refreshVeth(LocalEndpoint endpoint) {
        List<KernelChange> changes = new ArrayList<>();
        KernelItem veth = plan.veth(endpoint);
        set(veth.key(), Optional.of(veth), changes);
        return changes;
    }

    List<KernelChange> clearVeth(LocalEndpoint endpoint) {
        List<KernelChange> changes = new ArrayList<>();
        set(ItemKey.device(Kind.VETH, endpoint.hostEnd()), Optional.empty(), changes);
        return changes;
    }

    /** What an exposure is to the kernel, besides its segment and row. */
    List<KernelChange> refreshExposure(Exposure exposure, boolean wanted) {
        List<KernelChange> changes = new ArrayList<>();
        KernelItem address = plan.hostAddress(exposure);
        set(address.key(), wanted ? Optional.of(address) : Optional.empty(), changes);
        set(new ItemKey(Kind.MASQUERADE, "", exposure.subnet()), plan.masquerade(exposure.subnet()), changes);
        return changes;
    }

    /** Everything that rows of one peer, as they were and as they are, can have touched. */
    List<KernelChange> refreshRows(List<EndpointRow> before, List<EndpointRow> after) {
        List<KernelChange> changes = new ArrayList<>();
        Set<Cidr> touched = new TreeSet<>();
        for (List<EndpointRow> rows : List.of(before, after)) {
            for (EndpointRow row : rows) {
                if (!subnets.contains(row.subnet())) {
                    continue;
                }
                touched.add(row.subnet());
                Segment segment = plan.segment(row.subnet());
                refreshMac(segment, row.mac(), changes);
                row.addresses().forEach(address -> refreshAddress(segment, address, changes));
            }
        }
        touched.forEach(subnet -> refreshFlood(plan.segment(subnet), changes));
        return KernelDiff.inOrder(changes);
    }

    private void refreshMac(Segment segment, MacAddress mac, List<KernelChange> changes) {
        List<KernelItem> wanted = plan.forMac(segment, mac);
        for (ItemKey key : List.of(
                new ItemKey(Kind.REMOTE_MAC, segment.tunnel(), mac),
                new ItemKey(Kind.PORT_MAC, segment.bridge(), mac))) {
            set(key, wanted.stream().filter(item -> item.key().equals(key)).findFirst(), changes);
        }
    }

    private void refreshAddress(Segment segment, IpAddress address, List<KernelChange> changes) {
        set(new ItemKey(Kind.NEIGHBOUR, segment.bridge(), address), plan.forAddress(segment, address), changes);
        noteHolder(segment, address);
    }

    private void noteHolder(Segment segment, IpAddress address) {
        Optional<MacAddress> holder = plan.holder(segment, address);
        if (holder.isEmpty()) {
            beliefs.free(segment.subnet(), address);
        } else if (beliefs.holds(segment.subnet(), address, holder.get())) {
            announcements.add(new Announcement(segment.bridge(), address, holder.get()));
        }
    }

    /** Nobody has to be told: there is nobody on the bridge yet, or they were told by an earlier run. */
    private void believeAll(Segment segment) {
        table.addresses(segment.subnet())
                .forEach(address ->
                        plan.holder(segment, address).ifPresent(mac -> beliefs.holds(segment.subnet(), address, mac)));
    }

    /** By tunnel and not by peer, since a peer whose VTEP changed leaves an entry nobody else would find. */
    private void refreshFlood(Segment segment, List<KernelChange> changes) {
        Map<ItemKey, KernelItem> wanted = new HashMap<>();
        table.peersIn(segment.subnet()).stream()
                .flatMap(peer -> plan.flood(segment, peer).stream())
                .forEach(item -> wanted.put(item.key(), item));
        Set<ItemKey> keys = new HashSet<>(wanted.keySet());
        floods.getOrDefault(segment.tunnel(), Set.of()).forEach(keys::add);
        keys.forEach(key -> set(key, Optional.ofNullable(wanted.get(key)), changes));
        floods.put(segment.tunnel(), Set.copyOf(wanted.keySet()));
    }

    private void set(ItemKey key, Optional<KernelItem> wanted, List<KernelChange> changes) {
        KernelItem before = wanted.isPresent() ? items.put(key, wanted.get()) : items.remove(key);
        if (wanted.isEmpty()) {
            if (before != null) {
                changes.add(new Remove(before));
            }
        } else if (before == null) {
            changes.add(new Add(wanted.get()));
        } else if (!before.equals(wanted.get())) {
            changes.add(new Update(before, wanted.get()));
        }
    }
}
