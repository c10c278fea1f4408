package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.dns.SimulatedPeer.Flaw;
import io.weavemesh.dns.SimulatedPeer.Running;
import io.weavemesh.simulation.SimulatedMembership;
import io.weavemesh.simulation.SimulatedNetwork;
import io.weavemesh.simulation.SimulatedTables;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * One run with virtual time, in milliseconds. Checked after every step, of some peer: its zone has as many names as its
 * table, and what it holds of another peer was told in that life of the other of which it is, so that nobody brings names
 * back that were gone before a restart. Checked after a quiet time: every peer that is there answers each question exactly
 * as what runs on all hosts wants it.
 */
final class NamesSimulation implements SimulatedMembership.Listener {

    private static final int STEPS = 200;
    private static final int SERVICES = 12;
    private static final int CONTAINERS_PER_PEER = 8;
    private static final int DIGEST_MILLIS = 2_000;
    private static final int COMPARISON_MILLIS = 30_000;

    /** How long the membership takes to notice that a peer is gone. */
    private static final int DEPARTURE_MILLIS = 4_000;

    private final long seed;
    private final Random random;
    private final Map<PeerName, SimulatedPeer> peers = new TreeMap<>();
    private final SimulatedMembership members;
    private final SimulatedNetwork network;
    private final SimulatedTables<NameRow> tables;
    private long clock = 1_000;

    NamesSimulation(long seed, int count, Flaw flaw) {
        this.seed = seed;
        this.random = new Random(seed);
        List<PeerName> names =
                IntStream.rangeClosed(1, count).mapToObj(PeerName::new).toList();
        this.members = new SimulatedMembership(random, DEPARTURE_MILLIS, names, this);
        this.network = members.network();
        this.tables =
                new SimulatedTables<>(network, peers::keySet, name -> peer(name).table());
        for (PeerName name : names) {
            peers.put(name, new SimulatedPeer(name, flaw, incarnation(), busOf(name)));
        }
        for (PeerName name : names) {
            members.meetOthers(name);
            members.every(
                    DIGEST_MILLIS,
                    name,
                    () -> tables.tell(name, peer(name).table().digest()));
            members.every(COMPARISON_MILLIS, name, () -> peer(name).compareWithDocker());
        }
    }

    @Override
    public void peerUp(PeerName self, PeerName other) {
        peer(self).table().peerUp(other);
    }

    @Override
    public void peerDown(PeerName self, PeerName other) {
        peer(self).peerDown(other);
    }

    void run() {
        for (int step = 0; step < STEPS; step++) {
            act();
            network.advance(network.now() + random.nextInt(300));
            check(any());
        }
        network.calmDown();
        network.advance(network.now() + 2 * COMPARISON_MILLIS); // Who was restarting is back by then.
        members.healAll();
        network.advance(network.now() + COMPARISON_MILLIS);
        checkAnswers();
    }

    private void act() {
        SimulatedPeer peer = any();
        switch (random.nextInt(40)) {
            case 0, 1 -> restart(peer, random.nextInt(2 * DEPARTURE_MILLIS), false);
            case 2 -> restart(peer, random.nextInt(3 * DEPARTURE_MILLIS), true);
            case 3 -> members.split();
            case 4 -> members.cut(peer.name, any().name);
            case 5, 6 -> members.healOne();
            case 7 -> members.healAll();
            case 8 -> leaveForGood(peer);
            default -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    runOrStop(any());
                }
            }
        }
    }

    /** Docker does so while dns-service is away as well. */
    private void runOrStop(SimulatedPeer peer) {
        if (members.isGone(peer.name)) {
            return;
        }
        EndpointId endpoint = new EndpointId("e" + peer.name.bits() + "-" + random.nextInt(CONTAINERS_PER_PEER));
        boolean noticed = !members.isOff(peer.name) && random.nextInt(10) != 0;
        if (random.nextInt(3) == 0) {
            peer.running.remove(endpoint);
            if (noticed) {
                peer.deregister(endpoint);
            }
            return;
        }
        Running container = container(peer, endpoint);
        peer.running.put(endpoint, container);
        if (noticed) {
            peer.register(container);
        }
    }

    /** Of a service that runs on several hosts, perhaps with a name of its own and one below another. */
    private Running container(SimulatedPeer peer, EndpointId endpoint) {
        List<Fqdn> names = new ArrayList<>(List.of(serviceName(random.nextInt(SERVICES))));
        if (random.nextBoolean()) {
            names.add(Fqdn.qualify(endpoint.value(), Packets.DOMAIN));
        }
        if (random.nextInt(4) == 0) {
            names.add(Fqdn.qualify("www", serviceName(random.nextInt(SERVICES))));
        }
        List<Cidr> addresses = new ArrayList<>(List.of(address(peer.name, random.nextInt(CONTAINERS_PER_PEER))));
        if (random.nextInt(4) == 0) {
            addresses.add(address(peer.name, random.nextInt(CONTAINERS_PER_PEER)));
        }
        List<ExposedPort> ports = random.nextBoolean() ? List.of() : List.of(ExposedPort.parse("80/tcp"));
        return new Running(endpoint, names, addresses, ports);
    }

    private static Fqdn serviceName(int number) {
        return Fqdn.qualify("service" + number, Packets.DOMAIN);
    }

    private static Cidr address(PeerName peer, int number) {
        return new Cidr(IpAddress.ipv4((int) (0x0a20_0000 + peer.bits() * 256 + number)), 12);
    }

    /** The service is away for a while, or the whole host, which then has no container. Others notice if it takes long. */
    private void restart(SimulatedPeer peer, int millis, boolean host) {
        if (!members.turnOff(peer.name)) {
            return;
        }
        if (host) {
            peer.running.clear();
        }
        members.turnOn(peer.name, millis, () -> peer.start(incarnation(), busOf(peer.name)), peer::compareWithDocker);
    }

    private void leaveForGood(SimulatedPeer peer) {
        if (members.gone() < peers.size() / 5 && members.leaveForGood(peer.name)) {
            peer.running.clear();
        }
    }

    /** Unique, but not always later: clocks are set back. */
    private long incarnation() {
        clock += 1_000;
        return random.nextInt(6) == 0 ? clock - 300_500 : clock;
    }

    private SimulatedPeer peer(PeerName name) {
        return Objects.requireNonNull(peers.get(name));
    }

    private BareTable.Effects<NameRow> busOf(PeerName name) {
        return tables.busOf(name, change -> peer(name).changed(change));
    }

    private SimulatedPeer any() {
        return peer(new ArrayList<>(peers.keySet()).get(random.nextInt(peers.size())));
    }

    private void check(SimulatedPeer peer) {
        if (members.isOff(peer.name)) {
            return;
        }
        Map<PeerName, Collection<NameRow>> parts = peer.table().parts();
        int rows = parts.values().stream().mapToInt(Collection::size).sum();
        assertThat(peer.zoneEntries())
                .as("seed %d: names in the zone of %s", seed, peer.name)
                .isEqualTo(rows);
        parts.forEach((origin, part) -> {
            Set<NameRow> told =
                    part.isEmpty() ? Set.of() : peer(origin).told(peer.table().incarnation(origin));
            assertThat(told)
                    .as("seed %d: what %s told in the life of which %s holds its names", seed, origin, peer.name)
                    .containsAll(part);
        });
    }

    private void checkAnswers() {
        Map<String, Set<String>> addresses = new HashMap<>();
        Map<String, Set<String>> names = new HashMap<>();
        for (SimulatedPeer peer : peers.values()) {
            peer.running
                    .values()
                    .forEach(container -> container
                            .names()
                            .forEach(name -> container.addresses().forEach(address -> {
                                addresses
                                        .computeIfAbsent(name.value(), ignored -> new TreeSet<>())
                                        .add(address.address().toString());
                                names.computeIfAbsent(
                                                SimulatedPeer.reverse(address.address()), ignored -> new TreeSet<>())
                                        .add(name.value());
                            })));
        }
        assertThat(addresses).as("seed %d: there is something to find", seed).isNotEmpty();
        for (SimulatedPeer peer : peers.values()) {
            if (members.isOff(peer.name)) {
                continue;
            }
            for (String name : everyName()) {
                assertThat(peer.ask(name + " A"))
                        .as("seed %d: addresses of %s according to %s", seed, name, peer.name)
                        .isEqualTo(addresses.getOrDefault(name, Set.of()));
            }
            for (String question : everyReverseQuestion()) {
                Set<String> wanted = names.getOrDefault(question, Set.of());
                assertThat(peer.ask(question))
                        .as("seed %d: %s according to %s, one of %s", seed, question, peer.name, wanted)
                        .hasSize(wanted.isEmpty() ? 0 : 1)
                        .isSubsetOf(wanted);
            }
        }
    }

    private List<String> everyName() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < SERVICES; i++) {
            all.add(serviceName(i).value());
            all.add("www." + serviceName(i));
        }
        for (PeerName peer : peers.keySet()) {
            for (int i = 0; i < CONTAINERS_PER_PEER; i++) {
                all.add(Fqdn.qualify("e" + peer.bits() + "-" + i, Packets.DOMAIN)
                        .value());
            }
        }
        return all;
    }

    private List<String> everyReverseQuestion() {
        List<String> all = new ArrayList<>();
        for (PeerName peer : peers.keySet()) {
            for (int i = 0; i < CONTAINERS_PER_PEER; i++) {
                all.add(SimulatedPeer.reverse(address(peer, i).address()));
            }
        }
        return all;
    }
}
