package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.router.EndpointTable.Placement;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.HostAddress;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the kernel must hold, as a function of (ourselves, settings, local networks, endpoints and exposures, all
 * endpoint rows, peers).
 *
 * <p>Idea: each item depends on one thing only - a segment, a MAC address, an IP address, or a peer's presence in a subnet -
 * so the plan can be asked for just the items a change touches, and the whole plan is nothing but all of these. A change
 * costs a few look-ups however many endpoints there are.
 *
 * <p>For a known remote endpoint three entries make the kernel answer ARP without flooding it (net/bridge/br_arp_nd_proxy.c
 * {@code br_do_proxy_suppress_arp}): the neighbour on the bridge, the bridge's FDB entry that says the MAC is behind the
 * tunnel, and the flag on the tunnel's port; the tunnel's own FDB entry then gives the VTEP. Local endpoints get the first
 * two as well, so that their neighbours do not look for them on other hosts.
 *
 * <p>Rejected: vxlan's {@code proxy} flag, with which a target that is not in the table cannot be reached at all.
 */
final class OverlayPlan {

    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    private final PeerName self;
    private final RouterSettings settings;
    private int underlayMtu;
    private final Collection<LocalNetwork> networks;
    private final Map<String, LocalEndpoint> endpoints;
    private final Exposures exposures;
    private final EndpointTable table;
    private final PeerTable peers;

    /** The collections are read at every question, not copied. Endpoints are by their id's text. */
    OverlayPlan(
            PeerName self,
            RouterSettings settings,
            Collection<LocalNetwork> networks,
            Map<String, LocalEndpoint> endpoints,
            Exposures exposures,
            EndpointTable table,
            PeerTable peers) {
        this.self = self;
        this.settings = settings;
        this.underlayMtu = settings.underlayMtu();
        this.networks = networks;
        this.endpoints = endpoints;
        this.exposures = exposures;
        this.table = table;
        this.peers = peers;
    }

    /** Everything. */
    Collection<KernelItem> all() {
        Map<KernelItem.ItemKey, KernelItem> items = new HashMap<>();
        for (Segment segment : segments()) {
            devices(segment).forEach(item -> items.put(item.key(), item));
            table.macs(segment.subnet()).stream()
                    .flatMap(mac -> forMac(segment, mac).stream())
                    .forEach(item -> items.put(item.key(), item));
            table.addresses(segment.subnet()).stream()
                    .flatMap(address -> forAddress(segment, address).stream())
                    .forEach(item -> items.put(item.key(), item));
            table.peersIn(segment.subnet()).stream()
                    .flatMap(peer -> flood(segment, peer).stream())
                    .forEach(item -> items.put(item.key(), item));
        }
        endpoints.values().stream().map(this::veth).forEach(item -> items.put(item.key(), item));
        for (Exposure exposure : exposures.all()) {
            HostAddress address = hostAddress(exposure);
            items.put(address.key(), address);
            masquerade(exposure.subnet()).ifPresent(item -> items.put(item.key(), item));
        }
        return items.values();
    }

    /** The segments on this host: where it has a network, and where it has an address itself. */
    List<Segment> segments() {
        return Stream.concat(
                        networks.stream().map(LocalNetwork::segmentSubnet),
                        exposures.all().stream().map(Exposure::network))
                .distinct()
                .sorted()
                .map(this::segment)
                .toList();
    }

    /** The names and number of a subnet's segment. */
    Segment segment(Cidr subnet) {
        return Segment.of(subnet, settings.defaultSubnet());
    }

    /** The segment's devices that do not belong to one endpoint. */
    List<KernelItem> devices(Segment segment) {
        int mtu = deviceMtu(segment.subnet());
        return List.of(
                new Bridge(segment.bridge(), bridgeMac(self), mtu, true),
                new Tunnel(
                        segment.tunnel(),
                        segment.bridge(),
                        segment.vni(),
                        settings.vxlanPort(),
                        settings.vtep(),
                        mtu,
                        true));
    }

    /** The endpoint's device. */
    Veth veth(LocalEndpoint endpoint) {
        String bridge = segment(subnetOf(endpoint)).bridge();
        return new Veth(
                endpoint.hostEnd(),
                endpoint.guestEnd(),
                bridge,
                Optional.of(endpoint.mac()),
                endpoint.mtu(),
                false,
                true);
    }

    /** The address on the bridge. */
    HostAddress hostAddress(Exposure exposure) {
        return new HostAddress(segment(exposure.network()).bridge(), exposure.address());
    }

    /** Whether any address of a subnet was exposed with masquerade. */
    Optional<KernelItem> masquerade(Cidr subnet) {
        return exposures.masquerades().stream()
                .filter(item -> item.subnet().equals(subnet))
                .<KernelItem>map(item -> item)
                .findFirst();
    }

    /** Where a MAC address is; nothing for the bridge's own, which it knows. */
    List<KernelItem> forMac(Segment segment, MacAddress mac) {
        Optional<Placement> found = table.withMac(segment.subnet(), mac, this::isReachable);
        if (found.isEmpty()) {
            return List.of();
        }
        PeerName origin = found.get().origin();
        if (origin.equals(self)) {
            LocalEndpoint endpoint = endpoints.get(found.get().row().key());
            return endpoint == null ? List.of() : List.of(new PortMac(segment.bridge(), mac, endpoint.hostEnd()));
        }
        List<KernelItem> items = new ArrayList<>(2);
        vtep(origin).ifPresent(vtep -> {
            items.add(new RemoteMac(segment.tunnel(), mac, vtep));
            items.add(new PortMac(segment.bridge(), mac, segment.tunnel()));
        });
        return items;
    }

    /** Whose an IP address is; nothing for the bridge's own, which the host answers for. */
    Optional<KernelItem> forAddress(Segment segment, IpAddress address) {
        return table.withAddress(segment.subnet(), address, this::isReachable)
                .filter(found -> !found.origin().equals(self)
                        || endpoints.containsKey(found.row().key()))
                .map(found -> new NeighbourEntry(
                        segment.bridge(), address, found.row().mac()));
    }

    /** Which MAC address an IP address has, the bridge's own included. */
    Optional<MacAddress> holder(Segment segment, IpAddress address) {
        return table.withAddress(segment.subnet(), address, this::isReachable)
                .map(found -> found.row().mac());
    }

    /** Whether a peer gets the segment's broadcasts: if it has an endpoint there. */
    Optional<KernelItem> flood(Segment segment, PeerName peer) {
        if (peer.equals(self) || !table.peersIn(segment.subnet()).contains(peer)) {
            return Optional.empty();
        }
        return vtep(peer).map(vtep -> new Flood(segment.tunnel(), vtep));
    }

    /** The MTU a new endpoint of this network gets. */
    int mtuOf(LocalNetwork network) {
        return network.mtu().or(settings::mtu).orElseGet(this::derivedMtu);
    }

    /** Locally administered and no group address, whatever name somebody chose: IEEE 802 s8.4. */
    static MacAddress bridgeMac(PeerName self) {
        return new MacAddress((self.bits() | LOCAL_BIT) & ~GROUP_BIT);
    }

    /** The underlay carries packets of this many bytes now. */
    void underlayMtu(int bytes) {
        underlayMtu = bytes;
    }

    /** What this host's own underlay lets an overlay interface carry. */
    int ownMtu() {
        return settings.ownMtu(underlayMtu);
    }

    /** See {@link Overlay#mtus}. */
    OverlayMtus mtus() {
        int fresh = settings.mtu().orElseGet(this::derivedMtu);
        int largest = segments().stream()
                .mapToInt(segment -> deviceMtu(segment.subnet()))
                .max()
                .orElse(fresh);
        long larger = endpoints.values().stream()
                .filter(endpoint -> endpoint.mtu() > mtuOf(networkOf(endpoint)))
                .count();
        return new OverlayMtus(fresh, largest, settings.overhead(), (int) larger);
    }

    private int derivedMtu() {
        int own = ownMtu();
        return Math.min(own, peers.smallestMtu().orElse(own));
    }

    /**
     * Bridge and tunnel carry what the oldest endpoint on them was promised: an interface in a sandbox keeps its MTU, and a
     * bridge that is smaller would drop its packets without a word.
     */
    private int deviceMtu(Cidr subnet) {
        boolean exposed =
                exposures.all().stream().anyMatch(exposure -> exposure.network().equals(subnet));
        int largest = exposed ? settings.mtu().orElseGet(this::derivedMtu) : 0;
        for (LocalNetwork network : networks) {
            if (network.segmentSubnet().equals(subnet)) {
                largest = Math.max(largest, mtuOf(network));
            }
        }
        for (LocalEndpoint endpoint : endpoints.values()) {
            if (subnetOf(endpoint).equals(subnet)) {
                largest = Math.max(largest, endpoint.mtu());
            }
        }
        return largest;
    }

    private Cidr subnetOf(LocalEndpoint endpoint) {
        return networkOf(endpoint).segmentSubnet();
    }

    private LocalNetwork networkOf(LocalEndpoint endpoint) {
        return networks.stream()
                .filter(network -> network.id().equals(endpoint.network()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "endpoint " + endpoint.id() + " is in network " + endpoint.network() + ", which is unknown"));
    }

    private boolean isReachable(PeerName peer) {
        return vtep(peer).isPresent();
    }

    private Optional<IpAddress> vtep(PeerName peer) {
        return peers.vtep(peer, settings.vtep().family());
    }
}
