package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NetworkPlan.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A host in a simulation: its Docker's networks and who uses them, its disk, and its plugin-service's knowledge of the
 * networks of all hosts, made of the real definitions, plan and table.
 */
final class SimulatedNetworks {

    /** The ways it may be broken on purpose. */
    enum Flaw {
        NONE,
        /** A network that is removed is forgotten. */
        FORGETS_REMOVALS,
        /** Others are told of what was defined here only. */
        TELLS_OWN_ONLY,
        /** Docker's networks are looked at when a definition comes, and never again. */
        NEVER_COMPARES
    }

    final PeerName name;

    /** Docker's networks by their ids, which it never gives twice. */
    final Map<String, Seen> docker = new TreeMap<>();

    /** Of those, the ones with containers in them. */
    final Set<String> used = new HashSet<>();

    /** Every definition this host ever knew. */
    final Set<NetworkDefinition> ever = new HashSet<>();

    boolean dockerIsAway;

    private final Flaw flaw;
    private final Map<String, NetworkDefinition> disk = new TreeMap<>();
    private DefinedNetworks networks;
    private BareTable<NetworkRow> table;
    private int ids;

    SimulatedNetworks(PeerName name, Flaw flaw, long incarnation, BareTable.Effects<NetworkRow> bus) {
        this.name = name;
        this.flaw = flaw;
        this.networks = new DefinedNetworks(name, List.of());
        this.table = new BareTable<>(name, incarnation, NetworkRow.class, bus);
    }

    /** The service begins anew; Docker goes on. */
    void restart(long incarnation, BareTable.Effects<NetworkRow> bus) {
        networks = new DefinedNetworks(name, disk.values());
        table = new BareTable<>(name, incarnation, NetworkRow.class, bus);
        publish(Set.of());
        look();
    }

    BareTable<NetworkRow> table() {
        return table;
    }

    Collection<NetworkRow> rows() {
        return networks.rows();
    }

    /** Somebody types {@code weave network create} here. */
    void define(NewNetwork wanted, Instant now) {
        if (networks.live(wanted.name()).isPresent()
                || networks.hasSubnet(wanted.subnets().getFirst())) {
            return;
        }
        make(networks.define(wanted, wanted.subnets(), now));
    }

    /** Somebody types {@code weave network rm} here. */
    void undefine(String network, Instant now) {
        boolean inUse = docker.values().stream()
                .anyMatch(seen -> seen.ours() && seen.name().equals(network) && used.contains(seen.id()));
        if (!inUse) {
            networks.live(network).ifPresent(known -> make(networks.undefine(known, now)));
        }
    }

    private void make(NetworkDefinition definition) {
        networks.row(definition.name())
                .ifPresent(known -> assertThat(definition.isLaterThan(known.definition()))
                        .as("%s after %s", definition, known)
                        .isTrue());
        take(networks.learn(List.of(definition)));
    }

    /** Another peer told something. */
    void changed(SharedTable.Change<NetworkRow> change) {
        if (!change.origin().equals(name)) {
            take(networks.learn(
                    change.put().stream().map(NetworkRow::definition).toList()));
        }
    }

    private void take(DefinedNetworks.Change change) {
        if (change.isEmpty()) {
            return;
        }
        ever.addAll(change.written());
        change.erased().forEach(disk::remove);
        for (NetworkDefinition definition : change.written()) {
            if (definition.removed() && flaw == Flaw.FORGETS_REMOVALS) {
                disk.remove(definition.name());
            } else {
                disk.put(definition.name(), definition);
            }
        }
        publish(change.erased());
        look();
    }

    private void publish(Set<String> erased) {
        table.update(
                networks.rows().stream()
                        .filter(row -> flaw != Flaw.TELLS_OWN_ONLY
                                || row.definition().author().equals(name))
                        .toList(),
                erased);
    }

    /** What is done every half minute. */
    void compare() {
        if (flaw != Flaw.NEVER_COMPARES) {
            look();
        }
    }

    private void look() {
        boolean acted = true;
        for (int looks = 0; acted && looks < 3; looks++) {
            acted = false;
            for (Step step : NetworkPlan.of(networks.rows(), List.copyOf(docker.values()))) {
                if (dockerIsAway) {
                    networks.settle(step.definition(), Progress.FAILED, "Docker does not answer");
                } else {
                    acted |= carryOut(step);
                }
            }
        }
        publish(Set.of());
    }

    private boolean carryOut(Step step) {
        return switch (step) {
            case Step.Create(NetworkDefinition definition) -> {
                put(definition.name(), true, definition.subnets());
                yield true;
            }
            case Step.Remove(NetworkDefinition definition, String id) -> {
                Seen network = docker.get(id);
                assertThat(network != null && network.ours())
                        .as("%s removes what it made: %s", name, network)
                        .isTrue();
                if (used.contains(id)) {
                    networks.settle(definition, Progress.IN_USE, "used by foo");
                    yield false;
                }
                docker.remove(id);
                yield true;
            }
            case Step.Settle(NetworkDefinition definition, Progress progress, String detail) -> {
                networks.settle(definition, progress, detail);
                yield false;
            }
        };
    }

    /** Docker has one more network. */
    void put(String network, boolean ours, List<Cidr> subnets) {
        String id = "n" + ++ids;
        docker.put(id, new Seen(id, network, "weavemesh", ours, subnets, List.of()));
    }

    /** A power cut ends all containers; Docker's networks stay. */
    void losePower() {
        used.clear();
    }

    List<String> namesInDocker() {
        return new ArrayList<>(docker.values().stream().map(Seen::name).toList());
    }
}
