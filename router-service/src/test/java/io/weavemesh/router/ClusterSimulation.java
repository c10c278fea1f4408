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
import io.weavemesh.simulation.SimulatedMembership;
import io.weavemesh.simulation.SimulatedNetwork;
import io.weavemesh.simulation.SimulatedTables;
import java.util.ArrayList;
import java.util.Arrays;
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
final class ClusterSimulation implements SimulatedMembership.Listener {

    private static final int NETWORKS = 3;
    private static final int DIGEST_MILLIS = 2_000;
    private static final int DEPARTURE_MILLIS = 4_500;
    private static final int SETTLE_MILLIS = 10_000;
    private static final int QUIET_MILLIS = 60_000;

    private final long seed;
    private final int steps;
    private final Random random;
    private final Map<PeerName, SimulatedHost> hosts = new TreeMap<>();
    private final List<PeerName> names;
    private final SimulatedMembership members;
    private final Set<Cidr> free = new HashSet<>();
    private final SimulatedNetwork underlay;
    private final SimulatedTables<EndpointRow> tables;
    private long clock = 1_000;
    private int made;

    ClusterSimulation(long seed, int count, int steps, Flaw flaw) {
        this.seed = seed;
        this.steps = steps;
        this.random = new Random(seed);
        this.names = IntStream.rangeClosed(1, count).mapToObj(PeerName::new).toList();
        this.members = new SimulatedMembership(random, DEPARTURE_MILLIS, names, this);
        this.underlay = members.network();
        this.tables =
                new SimulatedTables<>(underlay, () -> names, name -> host(name).table());
        for (PeerName name : names) {
            List<Integer> networks = IntStream.range(0, NETWORKS)
                    .filter(number -> number == 0 || random.nextBoolean())
                    .boxed()
                    .toList();
            hosts.put(name, new SimulatedHost(name, networks, flaw, incarnation(), busOf(name)));
        }
        for (PeerName name : names) {
            members.meetOthers(name);
            members.every(
                    DIGEST_MILLIS,
                    name,
                    () -> tables.tell(name, host(name).table().digest()));
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
            if (!members.isOff(some.name)) {
                some.check(seed);
            }
        }
        underlay.calmDown();
        underlay.advance(underlay.now() + 4 * DEPARTURE_MILLIS); // Who was restarting is back by then.
        members.healAll();
        underlay.advance(underlay.now() + QUIET_MILLIS);
        checkEveryKernel();
    }

    private void act() {
        SimulatedHost host = any();
        switch (random.nextInt(40)) {
            case 0, 1 -> restart(host, random.nextInt(2 * DEPARTURE_MILLIS), false);
            case 2 -> restart(host, random.nextInt(3 * DEPARTURE_MILLIS), true);
            case 3 -> members.split();
            case 4 -> members.cut(host.name, any().name);
            case 5, 6 -> members.healOne();
            case 7 -> members.healAll();
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
        if (members.isOff(host.name)) {
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
        if (!members.turnOff(host.name)) {
            return;
        }
        if (reboot) {
            free.addAll(host.running.values());
            host.reboot(random.nextBoolean());
        }
        members.turnOn(host.name, millis, () -> start(host, reboot), () -> settleLater(host));
    }

    private void start(SimulatedHost host, boolean reboot) {
        host.start(incarnation(), busOf(host.name));
        if (reboot) {
            members.introduceAgain(host.name);
        }
    }

    private void settleLater(SimulatedHost host) {
        BareTable<EndpointRow> life = host.table();
        underlay.at(underlay.now() + SETTLE_MILLIS, () -> {
            if (host.table() == life && !members.isOff(host.name)) {
                host.settle();
            }
        });
    }

    @Override
    public void peerUp(PeerName self, PeerName other) {
        host(self).peerUp(host(other).description());
    }

    @Override
    public void peerDown(PeerName self, PeerName other) {
        host(self).peerDown(other);
    }

    private void leaveForGood(SimulatedHost host) {
        if (members.gone() < hosts.size() / 5 && members.leaveForGood(host.name)) {
            free.addAll(host.running.values());
            host.running.clear();
        }
    }

    /** Unique, but not always later: clocks are set back. */
    private long incarnation() {
        clock += 1_000;
        return random.nextInt(6) == 0 ? clock - 300_500 : clock;
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

    private void checkEveryKernel() {
        for (SimulatedHost host : hosts.values()) {
            if (!members.isOff(host.name)) {
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
                if (!members.isOff(other.name)) {
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
