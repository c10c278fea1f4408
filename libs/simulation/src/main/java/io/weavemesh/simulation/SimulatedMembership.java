package io.weavemesh.simulation;

import io.weavemesh.contract.PeerName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who is there in a simulation, who hears whom, and who was told so. Peers are off for a while or for good, cables between
 * two of them are cut and healed; the others are told of it as a real membership does it: of a departure after a while, of
 * an arrival soon. The network is its own, since what arrives depends on who hears whom.
 */
public final class SimulatedMembership {

    private static final int LONGEST_DELAY_MILLIS = 400;
    private static final int NOTICED_MILLIS = 1_000;

    private final Random random;
    private final int departureMillis;
    private final Listener listener;
    private final SimulatedNetwork network;
    private final List<PeerName> peers;
    private final Set<PeerName> off = new HashSet<>();
    private final Set<PeerName> gone = new HashSet<>();
    private final Set<Set<PeerName>> cuts = new HashSet<>();
    private final Map<PeerName, Set<PeerName>> met = new TreeMap<>();

    /** What a peer is told. */
    public interface Listener {
        void peerUp(PeerName self, PeerName other);

        void peerDown(PeerName self, PeerName other);
    }

    /**
     * All peers are there, and none was told of another yet.
     *
     * @param departureMillis how long it takes to notice that a peer is gone
     */
    public SimulatedMembership(Random random, int departureMillis, List<PeerName> peers, Listener listener) {
        this.random = random;
        this.departureMillis = departureMillis;
        this.listener = listener;
        this.peers = List.copyOf(peers);
        this.network = new SimulatedNetwork(random, 0, LONGEST_DELAY_MILLIS, this::connected);
        peers.forEach(peer -> met.put(peer, new HashSet<>()));
    }

    public SimulatedNetwork network() {
        return network;
    }

    /** Whether it is away for now or for good. */
    public boolean isOff(PeerName peer) {
        return off.contains(peer);
    }

    public boolean isGone(PeerName peer) {
        return gone.contains(peer);
    }

    /** How many are gone for good. */
    public int gone() {
        return gone.size();
    }

    /** Tells a peer of all others that are there. */
    public void meetOthers(PeerName peer) {
        peers.forEach(other -> meet(peer, other));
    }

    /** Has a peer do something now and then from some time within that many milliseconds on, while it is there. */
    public void every(int millis, PeerName peer, Runnable action) {
        every(millis, network.now() + random.nextInt(millis), peer, action);
    }

    private void every(int millis, long next, PeerName peer, Runnable action) {
        network.at(next, () -> {
            if (!off.contains(peer)) {
                action.run();
            }
            every(millis, next + millis, peer, action);
        });
    }

    /** Turns a peer off, unless it is; whether it was there. */
    public boolean turnOff(PeerName peer) {
        if (!off.add(peer)) {
            return false;
        }
        network.at(network.now() + departureMillis, () -> peers.forEach(other -> missIfGone(other, peer)));
        return true;
    }

    /** Turns a peer off for good, unless it is off; whether it was there. */
    public boolean leaveForGood(PeerName peer) {
        return turnOff(peer) && gone.add(peer);
    }

    /**
     * Turns a peer on again after a while: it begins a new life, and it and the others are told of each other.
     *
     * @param start begins its life
     * @param begun done when everybody has been told
     */
    public void turnOn(PeerName peer, int afterMillis, Runnable start, Runnable begun) {
        network.at(network.now() + afterMillis, () -> {
            off.remove(peer);
            start.run();
            Objects.requireNonNull(met.get(peer)).clear();
            for (PeerName other : peers) {
                meet(peer, other);
                meet(other, peer);
            }
            begun.run();
        });
    }

    /** Those who hear a peer are told of it once more when they meet it: it may say something new of itself. */
    public void introduceAgain(PeerName peer) {
        peers.stream()
                .filter(other -> connected(other, peer))
                .forEach(other -> Objects.requireNonNull(met.get(other)).remove(peer));
    }

    /** Cuts all cables between two sides. */
    public void split() {
        Set<PeerName> side = new HashSet<>();
        peers.stream().filter(peer -> random.nextBoolean()).forEach(side::add);
        for (PeerName one : side) {
            peers.stream().filter(other -> !side.contains(other)).forEach(other -> cut(one, other));
        }
    }

    public void cut(PeerName one, PeerName other) {
        if (!one.equals(other) && cuts.add(Set.of(one, other))) {
            network.at(network.now() + random.nextInt(departureMillis), () -> missIfGone(one, other));
            network.at(network.now() + random.nextInt(departureMillis), () -> missIfGone(other, one));
        }
    }

    /** Heals some cable, if any is cut. */
    public void healOne() {
        cuts.stream().findAny().ifPresent(this::heal);
    }

    public void healAll() {
        new ArrayList<>(cuts).forEach(this::heal);
    }

    private void heal(Set<PeerName> pair) {
        cuts.remove(pair);
        List<PeerName> both = pair.stream().sorted().toList(); // A set of two has another order in each process.
        network.at(network.now() + random.nextInt(NOTICED_MILLIS), () -> meet(both.get(0), both.get(1)));
        network.at(network.now() + random.nextInt(NOTICED_MILLIS), () -> meet(both.get(1), both.get(0)));
    }

    private void meet(PeerName one, PeerName other) {
        if (!one.equals(other)
                && connected(one, other)
                && Objects.requireNonNull(met.get(one)).add(other)) {
            listener.peerUp(one, other);
        }
    }

    private void missIfGone(PeerName one, PeerName other) {
        if (!off.contains(one)
                && !connected(one, other)
                && Objects.requireNonNull(met.get(one)).remove(other)) {
            listener.peerDown(one, other);
        }
    }

    private boolean connected(PeerName one, PeerName other) {
        return !off.contains(one) && !off.contains(other) && (one.equals(other) || !cuts.contains(Set.of(one, other)));
    }
}
