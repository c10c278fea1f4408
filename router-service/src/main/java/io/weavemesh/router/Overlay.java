package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Failure.Code;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterReply.NetworkCreated;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.router.Effect.Announce;
import io.weavemesh.router.Effect.Answer;
import io.weavemesh.router.Effect.EraseEndpoint;
import io.weavemesh.router.Effect.EraseExposure;
import io.weavemesh.router.Effect.EraseNetwork;
import io.weavemesh.router.Effect.Ignored;
import io.weavemesh.router.Effect.Program;
import io.weavemesh.router.Effect.SaveEndpoint;
import io.weavemesh.router.Effect.SaveExposure;
import io.weavemesh.router.Effect.SaveNetwork;
import io.weavemesh.router.Input.AddressesAsked;
import io.weavemesh.router.Input.EndpointAsked;
import io.weavemesh.router.Input.EndpointGivenUp;
import io.weavemesh.router.Input.EndpointsLost;
import io.weavemesh.router.Input.ExposeAsked;
import io.weavemesh.router.Input.HideAsked;
import io.weavemesh.router.Input.NetworkAsked;
import io.weavemesh.router.Input.NetworkGivenUp;
import io.weavemesh.router.Input.PeerGone;
import io.weavemesh.router.Input.PeerPresent;
import io.weavemesh.router.Input.RowsChanged;
import io.weavemesh.router.Input.UnderlayChanged;
import io.weavemesh.router.KernelItem.Masquerade;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The state of router-service's data path: local networks and endpoints, everybody's endpoints, and the peers. Not the
 * kernel's state, which it only says what it should be.
 *
 * <p>One thread, one door. It remembers what it last wanted of the kernel and answers each input with the difference.
 */
public final class Overlay {

    private final PeerName self;
    private final Map<NetworkId, LocalNetwork> networks = new TreeMap<>();
    private final Map<String, LocalEndpoint> endpoints = new TreeMap<>();
    private final Exposures exposures = new Exposures();
    private final EndpointTable table;
    private final PeerTable peers = new PeerTable();
    private final Admission admission;
    private final OverlayPlan plan;
    private final Desired desired;

    /** The state a journal left; nothing is known of other peers yet. */
    public Overlay(
            PeerName self,
            RouterSettings settings,
            Collection<LocalNetwork> networks,
            Collection<LocalEndpoint> endpoints,
            Collection<Exposure> exposures) {
        this.self = self;
        this.table = new EndpointTable(self);
        this.admission = new Admission(this.networks, this.endpoints, this.exposures, table);
        this.plan =
                new OverlayPlan(self, settings, this.networks.values(), this.endpoints, this.exposures, table, peers);
        this.desired = new Desired(plan, table);
        networks.forEach(network -> this.networks.put(network.id(), network));
        for (LocalEndpoint endpoint : endpoints) {
            if (this.networks.containsKey(endpoint.network())) {
                this.endpoints.put(endpoint.id().value(), endpoint);
                table.put(self, endpoint.row(admission.subnetOf(endpoint)));
            }
        }
        for (Exposure exposure : exposures) {
            this.exposures.put(exposure);
            table.put(self, rowOf(exposure));
        }
        desired.startFrom(
                plan.all(), plan.segments().stream().map(Segment::subnet).toList());
    }

    /** Takes one input; what is to be done, in order. */
    public List<Effect> handle(Input input) {
        List<Effect> effects = react(input);
        List<Announcement> announcements = desired.takeAnnouncements();
        if (announcements.isEmpty()) {
            return effects;
        }
        List<Effect> all = new ArrayList<>(effects);
        boolean answered = !effects.isEmpty() && effects.getLast() instanceof Answer;
        all.add(answered ? all.size() - 1 : all.size(), new Effect.TellNeighbours(announcements));
        return all;
    }

    private List<Effect> react(Input input) {
        return switch (input) {
            case NetworkAsked(CreateNetwork request) -> createNetwork(request);
            case NetworkGivenUp(var request) -> deleteNetwork(request.network());
            case EndpointAsked(CreateEndpoint request) -> createEndpoint(request);
            case AddressesAsked(EndpointId endpoint, List<Cidr> addresses) -> setAddresses(endpoint, addresses);
            case EndpointGivenUp(var request) -> deleteEndpoint(request.endpoint());
            case EndpointsLost(Set<EndpointId> lost) -> lose(lost);
            case ExposeAsked(Expose request) -> expose(request);
            case HideAsked(var request) -> hide(request.address());
            case PeerPresent(PeerDescription peer) -> peerPresent(peer);
            case PeerGone(PeerName peer) -> peerGone(peer);
            case RowsChanged changed -> rowsChanged(changed);
            case UnderlayChanged(int mtu) -> underlayChanged(mtu);
            case Input.NeighboursFound(var entries) -> {
                desired.startFromFound(entries);
                yield List.of();
            }
        };
    }

    /** What the kernel should hold now. */
    public KernelState desired() {
        return KernelState.of(desired.items());
    }

    /** What should be under this key now. */
    public Optional<KernelItem> desired(KernelItem.ItemKey key) {
        return desired.get(key);
    }

    /** The same computed from nothing, for tests that compare. */
    KernelState planned() {
        return KernelState.of(plan.all());
    }

    /** This host's endpoints and exposed addresses as the other peers know them. */
    public List<EndpointRow> rows() {
        return Stream.concat(endpointRows().stream(), exposures.all().stream().map(this::rowOf))
                .toList();
    }

    /** This host's endpoints alone. */
    public List<EndpointRow> endpointRows() {
        return endpoints.values().stream()
                .map(endpoint -> endpoint.row(admission.subnetOf(endpoint)))
                .toList();
    }

    public Collection<LocalNetwork> networks() {
        return List.copyOf(networks.values());
    }

    public Collection<LocalEndpoint> endpoints() {
        return List.copyOf(endpoints.values());
    }

    /** This host's own addresses in networks, in order. */
    public List<Exposure> exposures() {
        return List.copyOf(exposures.all());
    }

    /** The subnets' masquerading that {@link #desired()} holds. */
    public List<Masquerade> masquerades() {
        return exposures.masquerades();
    }

    /** The bridges of the networks this host is exposed in. */
    public Set<String> exposedBridges() {
        return exposures.all().stream()
                .map(exposure -> plan.segment(exposure.network()).bridge())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The hardware address of this host's bridges, and so of its exposed addresses. */
    public MacAddress bridgeMac() {
        return OverlayPlan.bridgeMac(self);
    }

    /** The endpoint of this host with this name. */
    public Optional<LocalEndpoint> endpoint(EndpointId id) {
        return Optional.ofNullable(endpoints.get(id.value()));
    }

    /** Whether this network is on this host. */
    public boolean has(NetworkId network) {
        return networks.containsKey(network);
    }

    /** Whether this endpoint is on this host. */
    public boolean has(EndpointId endpoint) {
        return endpoints.containsKey(endpoint.value());
    }

    /** The segments on this host. */
    public List<Segment> segments() {
        return plan.segments();
    }

    /** The accepted peers that are present. */
    public List<PeerDescription> peers() {
        return List.copyOf(peers.all());
    }

    /** What this host's own underlay lets an overlay interface carry now, in bytes. */
    public int ownMtu() {
        return plan.ownMtu();
    }

    /** The largest packet an interface of the overlay on this host may send, and what a new one may, in bytes. */
    public OverlayMtus mtus() {
        return plan.mtus();
    }

    /** How many endpoints of how many peers there are. */
    public int knownEndpoints() {
        return table.size();
    }

    private List<Effect> createNetwork(CreateNetwork request) {
        LocalNetwork wanted = new LocalNetwork(request.network(), request.subnets(), request.mtu());
        LocalNetwork present = networks.get(wanted.id());
        Optional<Failure> refusal = admission.refuse(wanted, Optional.ofNullable(present));
        if (refusal.isPresent()) {
            return List.of(new Answer(refusal.get()));
        }
        networks.put(wanted.id(), wanted);
        Segment segment = plan.segment(wanted.segmentSubnet());
        List<KernelChange> changes = desired.refreshSegment(segment);
        return List.of(
                new SaveNetwork(wanted),
                new Program(changes),
                new Answer(new NetworkCreated(segment.bridge(), plan.mtuOf(wanted))));
    }

    private List<Effect> deleteNetwork(NetworkId id) {
        LocalNetwork network = networks.get(id);
        if (network == null) {
            return List.of(new Answer(new Done()));
        }
        List<Effect> effects = new ArrayList<>();
        List<LocalEndpoint> inside = endpoints.values().stream()
                .filter(endpoint -> endpoint.network().equals(id))
                .toList();
        effects.addAll(remove(inside));
        networks.remove(id);
        effects.add(new EraseNetwork(id));
        Segment segment = plan.segment(network.segmentSubnet());
        effects.add(new Program(refreshOrClear(segment)));
        effects.add(new Answer(new Done()));
        return effects;
    }

    private List<KernelChange> refreshOrClear(Segment segment) {
        return plan.segments().contains(segment) ? desired.refreshDevices(segment) : desired.clearSegment(segment);
    }

    private List<Effect> expose(Expose request) {
        String what = "expose " + request.address() + ": ";
        Exposure wanted = new Exposure(
                request.address(), exposures.networkOf(request.address(), networks.values()), request.masquerade());
        Optional<Failure> refusal = admission.refuse(what, wanted);
        if (refusal.isPresent()) {
            return List.of(new Answer(refusal.get()));
        }
        exposures.put(wanted);
        EndpointRow row = rowOf(wanted);
        Optional<EndpointRow> before = table.put(self, row);
        List<KernelChange> changes = new ArrayList<>(desired.refreshSegment(plan.segment(wanted.network())));
        changes.addAll(desired.refreshExposure(wanted, true));
        changes.addAll(desired.refreshRows(before.map(List::of).orElse(List.of()), List.of(row)));
        return List.of(
                new SaveExposure(wanted),
                new Program(KernelDiff.inOrder(changes)),
                new Announce(List.of(row), List.of()),
                new Answer(new Done()));
    }

    private List<Effect> hide(Cidr address) {
        Optional<Exposure> found = exposures.remove(address);
        if (found.isEmpty()) {
            return List.of(new Answer(new Done()));
        }
        Exposure exposure = found.get();
        Optional<EndpointRow> before = table.remove(self, exposure.key());
        List<KernelChange> changes = new ArrayList<>(desired.refreshExposure(exposure, false));
        // The segment first: on a bridge that goes, what others have to say about the address is not wanted any more.
        changes.addAll(refreshOrClear(plan.segment(exposure.network())));
        changes.addAll(desired.refreshRows(before.map(List::of).orElse(List.of()), List.of()));
        return List.of(
                new EraseExposure(address),
                new Program(KernelDiff.inOrder(changes)),
                new Announce(List.of(), List.of(exposure.key())),
                new Answer(new Done()));
    }

    private EndpointRow rowOf(Exposure exposure) {
        return exposure.row(bridgeMac());
    }

    private List<Effect> createEndpoint(CreateEndpoint request) {
        String what = "create endpoint " + request.endpoint() + ": ";
        LocalNetwork network = networks.get(request.network());
        if (network == null) {
            return List.of(new Answer(new Failure(Code.NOT_FOUND, what + "there is no network " + request.network())));
        }
        MacAddress mac = request.mac()
                .orElseGet(() -> EndpointMac.of(
                        network.segmentSubnet(), request.addresses().getFirst().address()));
        LocalEndpoint present = endpoints.get(request.endpoint().value());
        int mtu = present == null ? plan.mtuOf(network) : present.mtu();
        LocalEndpoint wanted = new LocalEndpoint(network.id(), request.endpoint(), request.addresses(), mac, mtu);
        Optional<Failure> refusal = admission.refuse(what, network, wanted, Optional.ofNullable(present));
        if (refusal.isPresent()) {
            return List.of(new Answer(refusal.get()));
        }
        List<Effect> effects = new ArrayList<>(remove(superseded(wanted)));
        endpoints.put(wanted.id().value(), wanted);
        EndpointRow row = wanted.row(network.segmentSubnet());
        Optional<EndpointRow> before = table.put(self, row);
        List<KernelChange> changes = new ArrayList<>(desired.refreshVeth(wanted));
        changes.addAll(desired.refreshRows(before.map(List::of).orElse(List.of()), List.of(row)));
        effects.add(new SaveEndpoint(wanted));
        effects.add(new Program(KernelDiff.inOrder(changes)));
        effects.add(new Announce(List.of(row), List.of()));
        effects.add(new Answer(new EndpointCreated(wanted.guestEnd(), mac, mtu)));
        return effects;
    }

    /** Its interface and hardware address stay, so that neighbours who know the one know the others at once. */
    private List<Effect> setAddresses(EndpointId id, List<Cidr> addresses) {
        String what = "give endpoint " + id + " the addresses " + addresses + ": ";
        LocalEndpoint present = endpoints.get(id.value());
        if (present == null) {
            return List.of(new Answer(new Failure(Code.NOT_FOUND, what + "there is no such endpoint")));
        }
        if (present.addresses().equals(addresses)) {
            return List.of(new Answer(new Done()));
        }
        LocalEndpoint wanted = present.with(addresses);
        LocalNetwork network = Objects.requireNonNull(networks.get(present.network()));
        Optional<Failure> refusal = admission.refuse(what, network, wanted, Optional.empty());
        if (refusal.isPresent()) {
            return List.of(new Answer(refusal.get()));
        }
        endpoints.put(id.value(), wanted);
        EndpointRow row = wanted.row(network.segmentSubnet());
        Optional<EndpointRow> before = table.put(self, row);
        List<KernelChange> changes = desired.refreshRows(before.map(List::of).orElse(List.of()), List.of(row));
        return List.of(
                new SaveEndpoint(wanted),
                new Program(changes),
                new Announce(List.of(row), List.of()),
                new Answer(new Done()));
    }

    /**
     * The endpoints that had one of these addresses. An address is given anew only after Docker gave it back, so they are no
     * more: Docker gives back the address, and nothing else, of an endpoint whose making it heard no answer to.
     */
    private List<LocalEndpoint> superseded(LocalEndpoint wanted) {
        return endpoints.values().stream()
                .filter(other -> !other.id().equals(wanted.id()) && admission.sharesAddress(other, wanted))
                .toList();
    }

    private List<Effect> deleteEndpoint(EndpointId id) {
        LocalEndpoint endpoint = endpoints.get(id.value());
        if (endpoint == null) {
            return List.of(new Answer(new Done()));
        }
        List<Effect> effects = new ArrayList<>(remove(List.of(endpoint)));
        effects.add(new Answer(new Done()));
        return effects;
    }

    private List<Effect> lose(Set<EndpointId> lost) {
        return remove(lost.stream()
                .map(id -> endpoints.get(id.value()))
                .filter(Objects::nonNull)
                .toList());
    }

    private List<Effect> remove(List<LocalEndpoint> gone) {
        if (gone.isEmpty()) {
            return List.of();
        }
        List<Effect> effects = new ArrayList<>();
        List<KernelChange> changes = new ArrayList<>();
        for (LocalEndpoint endpoint : gone) {
            Segment segment = plan.segment(admission.subnetOf(endpoint));
            endpoints.remove(endpoint.id().value());
            Optional<EndpointRow> before = table.remove(self, endpoint.id().value());
            effects.add(new EraseEndpoint(endpoint.id()));
            changes.addAll(desired.clearVeth(endpoint));
            changes.addAll(desired.refreshRows(before.map(List::of).orElse(List.of()), List.of()));
            changes.addAll(desired.refreshDevices(segment));
        }
        effects.add(new Program(KernelDiff.inOrder(changes)));
        effects.add(new Announce(
                List.of(), gone.stream().map(endpoint -> endpoint.id().value()).toList()));
        return effects;
    }

    private List<Effect> peerPresent(PeerDescription peer) {
        Check.that(!peer.name().equals(self), "peer %s is ourselves", peer.label());
        peers.put(peer);
        return reactTo(peer.name());
    }

    private List<Effect> peerGone(PeerName peer) {
        peers.remove(peer);
        return reactTo(peer);
    }

    private List<Effect> reactTo(PeerName peer) {
        List<EndpointRow> rows = List.copyOf(table.rowsOf(peer));
        List<KernelChange> changes = new ArrayList<>(desired.refreshRows(rows, rows));
        changes.addAll(devicesOfAll());
        return changes.isEmpty() ? List.of() : List.of(new Program(KernelDiff.inOrder(changes)));
    }

    private List<Effect> underlayChanged(int mtu) {
        plan.underlayMtu(mtu);
        List<KernelChange> changes = devicesOfAll();
        return changes.isEmpty() ? List.of() : List.of(new Program(KernelDiff.inOrder(changes)));
    }

    private List<KernelChange> devicesOfAll() {
        return segments().stream()
                .flatMap(segment -> desired.refreshDevices(segment).stream())
                .toList();
    }

    private List<Effect> rowsChanged(RowsChanged changed) {
        List<Effect> effects = new ArrayList<>();
        List<EndpointRow> before = new ArrayList<>();
        List<EndpointRow> after = new ArrayList<>();
        for (EndpointRow row : changed.removed()) {
            table.remove(changed.origin(), row.key()).ifPresent(before::add);
        }
        for (EndpointRow row : changed.put()) {
            if (EndpointTable.isProgrammable(row)) {
                table.put(changed.origin(), row).ifPresent(before::add);
                after.add(row);
            } else {
                table.remove(changed.origin(), row.key()).ifPresent(before::add);
                effects.add(new Ignored(row));
            }
        }
        List<KernelChange> changes = desired.refreshRows(before, after);
        if (!changes.isEmpty()) {
            effects.add(new Program(KernelDiff.inOrder(changes)));
        }
        return effects;
    }
}
