package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.SimulatedNetworks.Flaw;
import io.weavemesh.simulation.SimulatedMembership;
import io.weavemesh.simulation.SimulatedNetwork;
import io.weavemesh.simulation.SimulatedTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One run with virtual time, in milliseconds. Checked at every removal: the host made the network itself and nobody uses it.
 * Checked after a quiet time: every host that is there knows the latest definition of each network that any of them ever
 * knew, and its Docker has exactly the networks that are defined, as they are defined, besides what people made there.
 */
final class NetworksSimulation implements SimulatedMembership.Listener {

    private static final int STEPS = 250;
    private static final int NAMES = 6;
    private static final int DIGEST_MILLIS = 2_000;
    private static final int COMPARISON_MILLIS = 30_000;

    /** How long the membership takes to notice that a peer is gone. */
    private static final int DEPARTURE_MILLIS = 4_000;

    private final long seed;
    private final Random random;
    private final Map<PeerName, SimulatedNetworks> hosts = new TreeMap<>();
    private final SimulatedMembership members;
    private final SimulatedNetwork network;
    private final SimulatedTables<NetworkRow> tables;
    private long incarnations = 1_000;

    NetworksSimulation(long seed, int count, Flaw flaw) {
        this.seed = seed;
        this.random = new Random(seed);
        List<PeerName> names =
                IntStream.rangeClosed(1, count).mapToObj(PeerName::new).toList();
        this.members = new SimulatedMembership(random, DEPARTURE_MILLIS, names, this);
        this.network = members.network();
        this.tables =
                new SimulatedTables<>(network, hosts::keySet, name -> host(name).table());
        for (PeerName name : names) {
            hosts.put(name, new SimulatedNetworks(name, flaw, ++incarnations, busOf(name)));
        }
        for (PeerName name : names) {
            members.meetOthers(name);
            members.every(
                    DIGEST_MILLIS,
                    name,
                    () -> tables.tell(name, host(name).table().digest()));
            members.every(COMPARISON_MILLIS, name, () -> host(name).compare());
        }
    }

    @Override
    public void peerUp(PeerName self, PeerName other) {
        host(self).table().peerUp(other);
    }

    @Override
    public void peerDown(PeerName self, PeerName other) {
        host(self).table().peerDown(other);
    }

    void run() {
        for (int step = 0; step < STEPS; step++) {
            act();
            network.advance(network.now() + random.nextInt(1_000));
        }
        network.calmDown();
        network.advance(network.now() + COMPARISON_MILLIS); // Who was restarting is back by then.
        members.healAll();
        hosts.values().forEach(host -> {
            host.dockerIsAway = false;
            host.used.clear();
        });
        network.advance(network.now() + 3 * COMPARISON_MILLIS);
        check();
    }

    private void act() {
        SimulatedNetworks host = any();
        switch (random.nextInt(24)) {
            case 0, 1 -> restart(host, random.nextInt(2 * DEPARTURE_MILLIS));
            case 2 -> restart(host, random.nextInt(10 * DEPARTURE_MILLIS));
            case 3 -> members.split();
            case 4, 5 -> members.healAll();
            case 6 -> leaveForGood(host);
            case 7, 8 -> host.dockerIsAway = !host.dockerIsAway;
            case 9 -> host.losePower();
            case 10, 11, 12 -> oneOf(host).ifPresent(seen -> host.used.add(seen.id()));
            case 13, 14, 15 -> oneOf(host).ifPresent(seen -> host.used.remove(seen.id()));
            case 16 ->
                oneOf(host)
                        .filter(seen -> !host.used.contains(seen.id()))
                        .ifPresent(seen -> host.docker.remove(seen.id()));
            case 17 -> byHand(host);
            default -> typeCommand(host);
        }
    }

    private void typeCommand(SimulatedNetworks host) {
        if (members.isOff(host.name)) {
            return;
        }
        String name = "net" + random.nextInt(NAMES);
        // Clocks are a minute apart, in either direction.
        Instant now = Instant.ofEpochMilli(1_000_000 + network.now() + host.name.bits() * 7_919 % 60_000);
        if (random.nextInt(5) < 2) {
            host.undefine(name, now);
        } else {
            Cidr subnet = Cidr.parse("10." + (name.charAt(3) - '0') + "." + random.nextInt(3) + ".0/24");
            host.define(new NewNetwork(name, List.of(subnet), List.of(), false), now);
        }
    }

    /** {@code docker network create}, of a name that is defined or will be. */
    private void byHand(SimulatedNetworks host) {
        String name = "net" + random.nextInt(NAMES);
        if (random.nextInt(4) == 0 && !host.namesInDocker().contains(name)) {
            host.put(name, false, List.of(Cidr.parse("172.20.0.0/16")));
        }
    }

    private Optional<Seen> oneOf(SimulatedNetworks host) {
        List<Seen> all = List.copyOf(host.docker.values());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private void restart(SimulatedNetworks host, int millis) {
        if (members.turnOff(host.name)) {
            members.turnOn(host.name, millis, () -> host.restart(++incarnations, busOf(host.name)), () -> {});
        }
    }

    private void leaveForGood(SimulatedNetworks host) {
        if (members.gone() == 0) {
            members.leaveForGood(host.name);
        }
    }

    private SimulatedNetworks host(PeerName name) {
        return Objects.requireNonNull(hosts.get(name));
    }

    private BareTable.Effects<NetworkRow> busOf(PeerName name) {
        return tables.busOf(name, change -> host(name).changed(change));
    }

    private SimulatedNetworks any() {
        return host(new ArrayList<>(hosts.keySet()).get(random.nextInt(hosts.size())));
    }

    private void check() {
        Collection<SimulatedNetworks> there = hosts.values().stream()
                .filter(host -> !members.isGone(host.name))
                .toList();
        Map<String, NetworkDefinition> latest = new TreeMap<>();
        there.forEach(host -> host.ever.forEach(definition ->
                latest.merge(definition.name(), definition, (one, other) -> one.isLaterThan(other) ? one : other)));
        assertThat(latest).as("seed %d: something was defined", seed).isNotEmpty();
        for (SimulatedNetworks host : there) {
            assertThat(host.rows())
                    .as("seed %d: what %s knows", seed, host.name)
                    .extracting(NetworkRow::definition)
                    .containsExactlyElementsOf(latest.values());
            latest.values().forEach(definition -> checkDocker(host, definition));
        }
    }

    private void checkDocker(SimulatedNetworks host, NetworkDefinition definition) {
        List<Seen> found = host.docker.values().stream()
                .filter(seen -> seen.name().equals(definition.name()))
                .toList();
        List<Seen> ours = found.stream().filter(Seen::ours).toList();
        Progress progress = host.rows().stream()
                .filter(row -> row.key().equals(definition.name()))
                .map(NetworkRow::progress)
                .findFirst()
                .orElseThrow();
        if (definition.removed() || found.size() > ours.size()) {
            assertThat(ours)
                    .as("seed %d: %s has no %s", seed, host.name, definition)
                    .isEmpty();
        } else {
            assertThat(ours)
                    .as("seed %d: %s has %s once", seed, host.name, definition)
                    .hasSize(1);
            assertThat(ours.getFirst().subnets()).isEqualTo(definition.subnets());
        }
        assertThat(progress)
                .as("seed %d: how far %s is with %s", seed, host.name, definition)
                .isEqualTo(!definition.removed() && found.size() > ours.size() ? Progress.CONFLICT : Progress.DONE);
    }
}
