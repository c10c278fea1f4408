package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelItem.Veth;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One host of a simulation: what runs on it, a kernel, and a router that can be stopped and started. The router is the real
 * core and the real table; what the edge does with them is done here in the same order.
 */
final class SimulatedHost {

    /** The ways a host may be spoilt on purpose. */
    enum Flaw {
        NONE,
        /** What others take out of their tables stays. */
        REMOVALS_ARE_IGNORED,
        /** A peer that is gone is believed to be there. */
        DEPARTURES_ARE_IGNORED,
        /** A peer that comes back with another address is believed to be where it was. */
        MOVES_ARE_IGNORED,
        /** What changed while the router was away is not looked for. */
        STARTS_WITHOUT_COMPARISON
    }

    final PeerName name;
    final Map<EndpointId, Cidr> running = new TreeMap<>();
    private final Flaw flaw;
    private final List<NetworkId> networks;
    private ModelKernel kernel = new ModelKernel();
    private Overlay overlay;
    private BareTable<EndpointRow> table;
    private int moves;
    private boolean settled;

    /** The networks are there from the beginning; each is the subnet of the same number. */
    SimulatedHost(
            PeerName name, List<Integer> networks, Flaw flaw, long incarnation, BareTable.Effects<EndpointRow> bus) {
        this.name = name;
        this.flaw = flaw;
        this.networks = networks.stream().map(SimulatedHost::network).toList();
        this.overlay = new Overlay(name, settings(), List.of(), List.of(), List.of());
        this.table = new BareTable<>(name, incarnation, EndpointRow.class, bus);
        networks.forEach(number -> handle(new Input.NetworkAsked(World.network(network(number), subnet(number)))));
        settled = true;
    }

    static NetworkId network(int number) {
        return new NetworkId("network" + number);
    }

    /** The first one is the default network's. */
    static Cidr subnet(int number) {
        return number == 0 ? World.DEFAULT_SUBNET : Cidr.parse("198.51." + number + ".0/24");
    }

    BareTable<EndpointRow> table() {
        return table;
    }

    List<NetworkId> networks() {
        return networks;
    }

    IpAddress vtep() {
        return IpAddress.ipv4((int) (0x0a00_0000 + (moves << 16) + name.bits()));
    }

    PeerDescription description() {
        return World.peer(name, "host" + name.bits(), vtep().toString(), 1450);
    }

    private RouterSettings settings() {
        return RouterSettings.of(World.DEFAULT_SUBNET, vtep(), "eth0", 1500);
    }

    /** A container is started. */
    void run(int network, EndpointId id, Cidr address) {
        running.put(id, address);
        handle(new Input.EndpointAsked(World.endpoint(network(network), id.value(), address.toString())));
    }

    /** A container ends. */
    void end(EndpointId id) {
        Cidr address = running.remove(id);
        assertThat(address).isNotNull();
        overlay.endpoint(id)
                .ifPresent(endpoint -> handle(new Input.EndpointGivenUp(new DeleteEndpoint(endpoint.network(), id))));
    }

    void peerUp(PeerDescription peer) {
        boolean moved = overlay.peers().stream()
                .anyMatch(known ->
                        known.name().equals(peer.name()) && !known.vtep().equals(peer.vtep()));
        if (!moved || flaw != Flaw.MOVES_ARE_IGNORED) {
            handle(new Input.PeerPresent(peer));
        }
        table.peerUp(peer.name());
    }

    void peerDown(PeerName peer) {
        if (flaw != Flaw.DEPARTURES_ARE_IGNORED) {
            handle(new Input.PeerGone(peer));
            table.peerDown(peer);
        }
    }

    /** What the table has to say. */
    void changed(SharedTable.Change<EndpointRow> change) {
        if (!change.origin().equals(name)) {
            List<EndpointRow> removed = flaw == Flaw.REMOVALS_ARE_IGNORED ? List.of() : change.removed();
            handle(new Input.RowsChanged(change.origin(), change.put(), removed));
        }
    }

    /** The host was started anew: its kernel has nothing, and no container runs. It may have another address now. */
    void reboot(boolean moved) {
        kernel = new ModelKernel();
        running.clear();
        moves += moved ? 1 : 0;
    }

    /** The router begins with its journal and whatever the kernel holds; it knows no other peer yet. */
    void start(long incarnation, BareTable.Effects<EndpointRow> bus) {
        settled = false;
        overlay = new Overlay(name, settings(), overlay.networks(), overlay.endpoints(), List.of());
        table = new BareTable<>(name, incarnation, EndpointRow.class, bus);
        if (flaw != Flaw.STARTS_WITHOUT_COMPARISON) {
            compare(Strangers.KEEP);
        }
        table.update(overlay.rows(), List.of());
    }

    /** From now on what nobody has accounted for is wrong. */
    void settle() {
        if (flaw != Flaw.STARTS_WITHOUT_COMPARISON) {
            compare(Strangers.REMOVE);
        }
        settled = true;
    }

    /** As the edge's kernel thread: a veth pair that is gone was a container's, and so the endpoint is gone, too. */
    private void compare(Strangers strangers) {
        KernelState actual = kernel.state();
        Collection<EndpointId> lost = overlay.endpoints().stream()
                .filter(endpoint -> actual.items().stream()
                        .noneMatch(
                                item -> item instanceof Veth veth && veth.host().equals(endpoint.hostEnd())))
                .map(LocalEndpoint::id)
                .collect(Collectors.toSet());
        List<Effect> effects = overlay.handle(new Input.EndpointsLost(java.util.Set.copyOf(lost)));
        assertThat(kernel.apply(KernelDiff.of(overlay.desired(), actual, strangers)))
                .isEmpty();
        effects.forEach(this::announce);
    }

    private void handle(Input input) {
        for (Effect effect : overlay.handle(input)) {
            if (effect instanceof Effect.Program(List<KernelChange> changes)) {
                assertThat(kernel.apply(changes)).as("refused after %s", input).isEmpty();
            }
            announce(effect);
        }
    }

    private void announce(Effect effect) {
        if (effect instanceof Effect.Announce(List<EndpointRow> put, List<String> removed)) {
            table.update(put, removed);
        }
    }

    KernelState kernel() {
        return kernel.state();
    }

    /** What holds at any time: each step led where a computation from nothing leads, and the kernel was told so. */
    void check(long seed) {
        KernelState wanted = overlay.desired();
        assertThat(wanted).as("seed %d: %s's plan", seed, name).isEqualTo(overlay.planned());
        KernelState actual = kernel.state();
        if (settled) {
            assertThat(actual).as("seed %d: %s's kernel", seed, name).isEqualTo(wanted);
        } else {
            assertThat(actual.items()).as("seed %d: %s's kernel", seed, name).containsAll(wanted.items());
        }
    }
}
