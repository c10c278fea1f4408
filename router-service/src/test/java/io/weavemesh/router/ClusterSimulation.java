package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.BareTable;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.router.KernelItem.Bridge;
import io.weavemesh.router.KernelItem.Flood;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import io.weavemesh.router.KernelItem.PortMac;
import io.weavemesh.router.KernelItem.RemoteMac;
import io.weavemesh.router.KernelItem.Tunnel;
import io.weavemesh.router.KernelItem.Veth;
import io.weavemesh.router.SimulatedHost.Flaw;
import io.weavemesh.simulation.SimulatedNetwork;
import io.weavemesh.simulation.SimulatedTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One run of many hosts with virtual time, in milliseconds. An address is given out once at a time, as ipam-service does
 * it, and to any host next, so that addresses move. Checked after every step, of some host: see {@link SimulatedHost#check}.
 * Checked after a quiet time: each host's kernel holds exactly what the containers that run on all hosts need, as a naive
 * computation has it that knows no plan and no table.
 */
final class ClusterSimulation {

    private static final int NETWORKS = 3;
    private static final int DIGEST_MILLIS = 2_000;
    private static final int DEPARTURE_MILLIS = 4_500;
    private static final int SETTLE_MILLIS = 10_000;
    private static final int QUIET_MILLIS = 60_000;

    private final long seed;
    private final int steps;
    private final Random random;
    private final Map<PeerName, SimulatedHost> hosts = new TreeMap<>();
    private final List<PeerName> names = new ArrayList<>();
    private final Set<PeerName> off = new HashSet<>();
    private final Set<PeerName> gone = new HashSet<>();
    private final Set<Set<PeerName>> cuts = new HashSet<>();
    private final Map<PeerName, Set<PeerName>> seen = new HashMap<>();
    private final Set<Cidr> free = new HashSet<>();
    private final SimulatedNetwork underlay;
    private final SimulatedTables<EndpointRow> tables;
    private long clock = 1_000;
    private int made;

    ClusterSimulation(long seed, int count, int steps, Flaw flaw) {
        this.seed = seed;
        this.steps = steps;
        this.random = new Random(seed);
        this.underlay = new SimulatedNetwork(random, 0, 400, this::connected);
        this.tables =
                new SimulatedTables<>(underlay, () -> names, name -> host(name).table());
        for (int i = 1; i <= count; i++) {
            PeerName name = new PeerName(i);
            List<Integer> networks = IntStream.range(0, NETWORKS)
                    .filter(number -> number == 0 || random.nextBoolean())
                    .boxed()
                    .toList();
            names.add(name);
            seen.put(name, new HashSet<>());
            hosts.put(name, new SimulatedHost(name, networks, flaw, incarnation(), busOf(name)));
        }
        for (PeerName name : names) {
            names.forEach(other -> meet(name, other));
            digests(name, underlay.now() + random.nextInt(DIGEST_MILLIS));
        }
        for (int network = 0; network < NETWORKS; network++) {
            Cidr subnet = SimulatedHost.subnet(network);
            for (int i = 1; i <= Math.min(250, 2 * count); i++) {
                free.add(new Cidr(subnet.first().plus(i), subnet.prefix()));
            }
        }
    }

    void run() {
        for (int step = 0; step < steps; step++) {
            act();
            underlay.advance(underlay.now() + random.nextInt(300));
            SimulatedHost some = any();
            if (!off.contains(some.name)) {
                some.check(seed);
            }
        }
        underlay.calmDown();
        underlay.advance(underlay.now() + 4 * DEPARTURE_MILLIS); // Who was restarting is back by then.
        List.copyOf(cuts).forEach(this::heal);
        underlay.advance(underlay.now() + QUIET_MILLIS);
        checkEveryKernel();
    }

    private void act() {
        SimulatedHost host = any();
        switch (random.nextInt(40)) {
            case 0, 1 -> restart(host, random.nextInt(2 * DEPARTURE_MILLIS), false);
            case 2 -> restart(host, random.nextInt(3 * DEPARTURE_MILLIS), true);
            case 3 -> split();
            case 4 -> cut(host.name, any().name);
            case 5, 6 -> cuts.stream().findAny().ifPresent(this::heal);
            case 7 -> List.copyOf(cuts).forEach(this::heal);
            case 8 -> leaveForGood(host);
            default -> {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    runOrEnd(any());
                }
            }
        }
    }

    /** Docker cannot do so while the router is away: its driver would not answer. */
    private void runOrEnd(SimulatedHost host) {
        if (off.contains(host.name)) {
            return;
        }
        List<EndpointId> running = List.copyOf(host.running.keySet());
        if (!running.isEmpty() && random.nextInt(3) == 0) {
            EndpointId id = running.get(random.nextInt(running.size()));
            Cidr address = Objects.requireNonNull(host.running.get(id));
            host.end(id);
            free.add(address);
            return;
        }
        int network = random.nextInt(NETWORKS);
        Optional<Cidr> address = free.stream()
                .filter(one -> SimulatedHost.subnet(network).contains(one.address()))
                .sorted()
                .skip(random.nextInt(5))
                .findFirst();
        if (host.networks().contains(SimulatedHost.network(network)) && address.isPresent()) {
            free.remove(address.get());
            host.run(network, new EndpointId("%09d".formatted(++made)), address.get());
        }
    }

    /** The router is away for a while, or the whole host, which then has no container. Others notice if it takes long. */
    private void restart(SimulatedHost host, int millis, boolean reboot) {
        if (!off.add(host.name)) {
            return;
        }
        if (reboot) {
            free.addAll(host.running.values());
            host.reboot(random.nextBoolean());
        }
        underlay.at(underlay.now() + DEPARTURE_MILLIS, () -> names.forEach(other -> missIfGone(other, host.name)));
        underlay.at(underlay.now() + millis, () -> {
            off.remove(host.name);
            host.start(incarnation(), busOf(host.name));
            Objects.requireNonNull(seen.get(host.name)).clear();
            for (PeerName other : names) {
                meet(host.name, other);
                if (reboot && connected(other, host.name)) {
                    Objects.requireNonNull(seen.get(other)).remove(host.name); // It may say something new of itself.
                }
                meet(other, host.name);
            }
            BareTable<EndpointRow> life = host.table();
            underlay.at(underlay.now() + SETTLE_MILLIS, () -> {
                if (host.table() == life && !off.contains(host.name)) {
                    host.settle();
                }
            });
        });
    }

    private void leaveForGood(SimulatedHost host) {
        if (gone.size() < hosts.size() / 5 && off.add(host.name)) {
            gone.add(host.name);
            free.addAll(host.running.values());
            host.running.clear();
            underlay.at(underlay.now() + DEPARTURE_MILLIS, () -> names.forEach(other -> missIfGone(other, host.name)));
        }
    }

    /** Unique, but not always later: clocks are set back. */
    private long incarnation() {
        clock += 1_000;
        return random.nextInt(6) == 0 ? clock - 300_500 : clock;
    }

    private void split() {
        Set<PeerName> side = new HashSet<>();
        names.stream().filter(name -> random.nextBoolean()).forEach(side::add);
        for (PeerName one : side) {
            names.stream().filter(other -> !side.contains(other)).forEach(other -> cut(one, other));
        }
    }

    private void cut(PeerName one, PeerName other) {
        if (!one.equals(other) && cuts.add(Set.of(one, other))) {
            underlay.at(underlay.now() + random.nextInt(DEPARTURE_MILLIS), () -> missIfGone(one, other));
            underlay.at(underlay.now() + random.nextInt(DEPARTURE_MILLIS), () -> missIfGone(other, one));
        }
    }

    private void heal(Set<PeerName> pair) {
        cuts.remove(pair);
        List<PeerName> both = pair.stream().sorted().toList();
        underlay.at(underlay.now() + random.nextInt(1_000), () -> meet(both.get(0), both.get(1)));
        underlay.at(underlay.now() + random.nextInt(1_000), () -> meet(both.get(1), both.get(0)));
    }

    private void meet(PeerName peer, PeerName other) {
        if (!peer.equals(other)
                && connected(peer, other)
                && Objects.requireNonNull(seen.get(peer)).add(other)) {
            host(peer).peerUp(host(other).description());
        }
    }

    private void missIfGone(PeerName peer, PeerName other) {
        if (!off.contains(peer)
                && !connected(peer, other)
                && Objects.requireNonNull(seen.get(peer)).remove(other)) {
            host(peer).peerDown(other);
        }
    }

    private boolean connected(PeerName one, PeerName other) {
        return !off.contains(one) && !off.contains(other) && (one.equals(other) || !cuts.contains(Set.of(one, other)));
    }

    private SimulatedHost host(PeerName name) {
        return Objects.requireNonNull(hosts.get(name));
    }

    private BareTable.Effects<EndpointRow> busOf(PeerName name) {
        return tables.busOf(name, change -> host(name).changed(change));
    }

    private SimulatedHost any() {
        return host(names.get(random.nextInt(names.size())));
    }

    private void digests(PeerName name, long next) {
        underlay.at(next, () -> {
            if (!off.contains(name)) {
                tables.tell(name, host(name).table().digest());
            }
            digests(name, next + DIGEST_MILLIS);
        });
    }

    private void checkEveryKernel() {
        for (SimulatedHost host : hosts.values()) {
            if (!off.contains(host.name)) {
                assertThat(host.kernel().lines())
                        .as("seed %d: the kernel of %s", seed, host.name)
                        .isEqualTo(KernelState.of(needed(host)).lines());
            }
        }
        assertThat(made).as("seed %d: containers that ran", seed).isPositive();
    }

    private List<KernelItem> needed(SimulatedHost host) {
        List<KernelItem> items = new ArrayList<>();
        for (int network : IntStream.range(0, NETWORKS).toArray()) {
            if (!host.networks().contains(SimulatedHost.network(network))) {
                continue;
            }
            Cidr subnet = SimulatedHost.subnet(network);
            Segment segment = Segment.of(subnet, World.DEFAULT_SUBNET);
            items.add(new Bridge(segment.bridge(), OverlayPlan.bridgeMac(host.name), 1450, true));
            items.add(new Tunnel(segment.tunnel(), segment.bridge(), segment.vni(), 6784, host.vtep(), 1450, true));
            for (SimulatedHost other : hosts.values()) {
                if (!off.contains(other.name)) {
                    other.running.forEach((id, address) -> {
                        if (subnet.contains(address.address())) {
                            items.addAll(needed(host, other, segment, id, address.address()));
                        }
                    });
                }
            }
        }
        return items.stream().distinct().toList();
    }

    private static List<KernelItem> needed(
            SimulatedHost host, SimulatedHost other, Segment segment, EndpointId id, IpAddress address) {
        var mac = EndpointMac.of(segment.subnet(), address);
        var neighbour = new NeighbourEntry(segment.bridge(), address, mac);
        if (other != host) {
            return Arrays.asList(
                    neighbour,
                    new RemoteMac(segment.tunnel(), mac, other.vtep()),
                    new PortMac(segment.bridge(), mac, segment.tunnel()),
                    new Flood(segment.tunnel(), other.vtep()));
        }
        String outer = "vethwl" + id;
        return List.of(
                neighbour,
                new PortMac(segment.bridge(), mac, outer),
                new Veth(outer, "vethwg" + id, segment.bridge(), Optional.of(mac), 1450, false, true));
    }
}
