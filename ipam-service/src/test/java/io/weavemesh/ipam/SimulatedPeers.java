package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.simulation.SimulatedNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Real cores on a simulated bus with virtual time: messages are lost, repeated, delayed and overtake each other, the network
 * is cut, clocks differ, and peers lose power at any moment, which loses everything that was not durable.
 *
 * <p>After every step it is checked that nobody else can give what one peer can give.
 */
final class SimulatedPeers {

    private static final Failure DEADLINE = new Failure(Failure.Code.UNAVAILABLE, "deadline");

    /** Ways to break the code, each of which the simulation must catch. */
    enum Fault {
        NONE,
        /** Answers before the disk has it. */
        REPLY_BEFORE_DURABLE,
        /** A donor does not write down what it gave. */
        FORGET_GRANTS,
        /** Every peer divides the addresses alone. */
        DIVIDE_ALONE,
        /** Space given without being asked for is not written down. */
        FORGET_SPREADING,
        /** A witness notes what a peer frees although it has fenced it. */
        IGNORE_FENCES,
        /** A peer forgets in a crash what others hold back. */
        FORGET_RESERVES,
        /** A peer frees what it holds back without waiting for its witnesses. */
        FREE_ALONE,
        /** Witnesses do not say what was taken meanwhile. */
        WITNESS_WITHOUT_RINGS,
        /** An heir takes space whether the others agree or not. */
        TAKE_ALONE;

        boolean isAboutReserves() {
            return compareTo(FORGET_SPREADING) > 0;
        }
    }

    /** A disk: what was written survives its peer. */
    private static final class Disk {
        private final Map<String, Map<String, Object>> maps = new TreeMap<>();

        DurableState state() {
            return DurableState.read(this::read);
        }

        private <V> Map<String, V> read(String map, Class<V> type) {
            Map<String, V> found = new TreeMap<>();
            maps.getOrDefault(map, Map.of()).forEach((key, value) -> found.put(key, type.cast(value)));
            return found;
        }

        void put(Effect.Persist persist) {
            maps.computeIfAbsent(persist.map(), map -> new TreeMap<>()).put(persist.key(), persist.value());
        }

        void remove(Effect.Erase erase) {
            maps.getOrDefault(erase.map(), new TreeMap<>()).remove(erase.key());
        }
    }

    /** Clocks differ, and one runs faster than the other. */
    private record Clock(double rate, long offset) {
        Instant at(long time) {
            return Instant.ofEpochMilli(offset + (long) (time * rate));
        }
    }

    /** A running peer. */
    private static final class Peer {
        private final IpamCore core;
        private final Map<Long, Consumer<Reply>> calls = new HashMap<>();
        private long nextCall;
        private long lastWrite;
        private int openRequests;

        /** The offsets it can give now, one bit each. */
        private long free;

        Peer(IpamCore core) {
            this.core = core;
        }
    }

    private final long seed;
    private final Random random;
    private final Fault fault;
    private final boolean told;
    private final Function<PeerName, IpamRules> rules;
    private final Map<PeerName, Disk> disks = new TreeMap<>();
    private final Map<PeerName, Peer> running = new TreeMap<>();
    private final Set<PeerName> gone = new HashSet<>();
    private final Set<Set<PeerName>> cuts = new HashSet<>();
    private final SimulatedNetwork network;
    private final Map<PeerName, Clock> clocks = new HashMap<>();
    private int asked;
    private int answered;
    private int lostWithTheirPeer;
    private boolean dividedApart;

    /**
     * No peers yet.
     *
     * @param told whether to print what happens
     * @param rules what each peer starts with
     */
    SimulatedPeers(long seed, Random random, Fault fault, boolean told, Function<PeerName, IpamRules> rules) {
        this.seed = seed;
        this.random = random;
        this.network = new SimulatedNetwork(random, 1_000, 300, this::connected);
        this.fault = fault;
        this.told = told;
        this.rules = rules;
        tick();
    }

    /** Somebody who has not been here before, and does not run yet. */
    void add(PeerName peer) {
        disks.computeIfAbsent(peer, name -> new Disk());
    }

    /** All there have ever been. */
    Set<PeerName> all() {
        return disks.keySet();
    }

    List<PeerName> running() {
        return List.copyOf(running.keySet());
    }

    boolean isRunning(PeerName peer) {
        return running.containsKey(peer);
    }

    /** Those who do not come back. */
    Set<PeerName> gone() {
        return gone;
    }

    DurableState onDisk(PeerName peer) {
        return disk(peer).state();
    }

    /** From now on nothing is lost and nobody is cut off; everybody who is not gone runs. */
    void calm() {
        network.calmDown();
        cuts.clear();
        List.copyOf(disks.keySet()).stream()
                .filter(peer -> !running.containsKey(peer))
                .forEach(this::boot);
        tellPeers();
    }

    void checkEverythingWasAnswered() {
        assertThat(answered + lostWithTheirPeer)
                .as("seed %d: answered requests", seed)
                .isEqualTo(asked);
    }

    /** From now on, several may be able to give the same: what was divided twice has two owners. */
    void divideApart() {
        dividedApart = true;
    }

    // ---- peers ----

    void boot(PeerName peer) {
        if (running.containsKey(peer) || gone.contains(peer)) {
            return;
        }
        running.put(
                peer, new Peer(new IpamCore(peer, rules.apply(peer), disk(peer).state())));
        tellPeers();
    }

    void crash(PeerName peer) {
        Peer gone = running.remove(peer);
        if (gone != null) {
            lostWithTheirPeer += gone.openRequests;
            tellPeers();
        }
    }

    void die(PeerName peer) {
        crash(peer);
        gone.add(peer);
    }

    // ---- the network ----

    void cut(PeerName one, PeerName other) {
        if (!one.equals(other)) {
            cuts.add(Set.of(one, other));
            tellPeers();
        }
    }

    /** Nobody of one side reaches anybody of the other. */
    void isolate(Set<PeerName> side) {
        for (PeerName one : side) {
            disks.keySet().stream()
                    .filter(other -> !side.contains(other))
                    .forEach(other -> cuts.add(Set.of(one, other)));
        }
        tellPeers();
    }

    void heal() {
        if (random.nextBoolean()) {
            healAll();
        } else if (!cuts.isEmpty()) {
            List<Set<PeerName>> all = new ArrayList<>(cuts);
            cuts.remove(all.get(random.nextInt(all.size())));
            tellPeers();
        }
    }

    void healAll() {
        cuts.clear();
        tellPeers();
    }

    private void tellPeers() {
        for (PeerName peer : List.copyOf(running.keySet())) {
            Map<PeerName, String> present = new TreeMap<>();
            running.keySet().stream()
                    .filter(other -> !other.equals(peer) && connected(peer, other))
                    .forEach(other -> present.put(other, "p" + other.bits()));
            input(peer, new Input.PeersChanged(present));
        }
    }

    private boolean connected(PeerName one, PeerName other) {
        return !cuts.contains(Set.of(one, other));
    }

    private void tick() {
        List.copyOf(running.keySet()).forEach(peer -> input(peer, new Input.Tick()));
        network.at(network.now() + 500, this::tick);
    }

    // ---- messages ----

    void ask(PeerName peer, IpamRequest<?> request, Consumer<Reply> then) {
        Peer running = this.running.get(peer);
        if (running != null) {
            asked++;
            running.openRequests++;
            call(peer, running, peer, request, reply -> {
                answered++;
                running.openRequests--;
                then.accept(reply);
            });
        }
    }

    private void call(PeerName peer, Peer at, PeerName from, IpamRequest<?> request, Consumer<Reply> then) {
        long call = at.nextCall++;
        at.calls.put(call, then);
        input(peer, new Input.Asked(call, from, request));
    }

    /** Gives one input to a core; the disk and then the rest follow later, unless the power fails in between. */
    private void input(PeerName peer, Input input) {
        Peer at = running.get(peer);
        if (at == null) {
            return;
        }
        List<Effect> effects = at.core.handle(input, clock(peer).at(network.now()));
        trace(peer, effects);
        at.core.check();
        checkNobodyElseCanGive(peer, at);
        long written = Math.max(
                at.lastWrite, network.now() + random.nextInt(network.isQuiet() ? 2 : 150)); // A disk keeps order.
        at.lastWrite = written;
        network.at(written, () -> {
            if (running.get(peer) == at) {
                write(disk(peer), effects);
                effects.forEach(effect -> carryOut(peer, at, effect));
            }
        });
        if (fault == Fault.REPLY_BEFORE_DURABLE) {
            effects.forEach(effect -> carryOut(peer, at, effect));
        }
    }

    /** Whoever can give an address is the only one who can. */
    private void checkNobodyElseCanGive(PeerName peer, Peer at) {
        at.free = 0;
        for (Range range : at.core.free(universe(peer))) {
            for (long offset = range.start(); offset < range.end(); offset++) {
                at.free |= 1L << offset;
            }
        }
        running.forEach((other, its) -> {
            if (!dividedApart && !other.equals(peer) && (at.free & its.free) != 0) {
                throw new AssertionError("seed " + seed + ": both " + peer + " and " + other + " can give offsets "
                        + Long.toBinaryString(at.free & its.free));
            }
        });
    }

    /** Of a replayed seed one wants to know what happened. */
    private void trace(PeerName peer, List<Effect> effects) {
        for (Effect effect : effects) {
            boolean worthIt = effect instanceof Effect.Note
                    || effect instanceof Effect.Reply
                    || effect instanceof Effect.Persist && !effect.toString().contains("RingState");
            if (told && worthIt) {
                System.out.println(network.now() + " " + peer + " " + effect);
            }
        }
    }

    private void write(Disk disk, List<Effect> effects) {
        for (Effect effect : effects) {
            boolean grant = effects.stream()
                    .anyMatch(other -> other instanceof Effect.Reply reply && reply.reply() instanceof SpaceAnswer);
            if (fault == Fault.FORGET_GRANTS && grant) {
                return;
            }
            switch (effect) {
                case Effect.Persist persist when isForgotten(persist, grant) -> {}
                case Effect.Persist persist -> disk.put(persist);
                case Effect.Erase erase -> disk.remove(erase);
                default -> {}
            }
        }
    }

    private boolean isForgotten(Effect.Persist persist, boolean asked) {
        return switch (fault) {
            case FORGET_SPREADING -> persist.map().equals(IpamCore.RINGS) && !asked;
            case FORGET_RESERVES -> persist.map().equals(IpamCore.WITNESSED);
            default -> false;
        };
    }

    /** What a peer hears of another, if it is not broken. */
    private Optional<Reply> heard(IpamRequest<?> request, Reply reply) {
        boolean refused = reply instanceof Failure && !reply.equals(DEADLINE);
        boolean freed = fault == Fault.FREE_ALONE || fault == Fault.IGNORE_FENCES && refused;
        if (freed && request instanceof IpamRequest.NoteReserve note) {
            return Optional.of(new IpamReply.ReserveNoted(note.reserve().version(), List.of()));
        }
        if (fault == Fault.WITNESS_WITHOUT_RINGS && reply instanceof IpamReply.ReserveNoted noted) {
            return Optional.of(new IpamReply.ReserveNoted(noted.version(), List.of()));
        }
        if (fault == Fault.TAKE_ALONE && request instanceof IpamRequest.FencePeers) {
            return Optional.of(new IpamReply.Fenced(Optional.empty(), List.of(), List.of()));
        }
        return reply.equals(DEADLINE) ? Optional.empty() : Optional.of(reply);
    }

    private void carryOut(PeerName peer, Peer at, Effect effect) {
        if (running.get(peer) != at) {
            return; // An effect before it ended the peer's life.
        }
        switch (effect) {
            case Effect.Reply reply -> {
                Consumer<Reply> then = at.calls.remove(reply.call());
                if (then != null) {
                    then.accept(reply.reply());
                }
            }
            case Effect.TellAll tell ->
                List.copyOf(running.keySet()).stream()
                        .filter(other -> !other.equals(peer))
                        .forEach(other ->
                                network.deliver(peer, other, () -> input(other, new Input.Heard(peer, tell.news()))));
            case Effect.AskSpace ask ->
                remote(
                        peer,
                        at,
                        ask.peer(),
                        ask.request(),
                        reply -> input(
                                peer,
                                new Input.SpaceAnswered(
                                        ask.peer(),
                                        reply instanceof SpaceAnswer space ? Optional.of(space) : Optional.empty())));
            case Effect.Pull pull ->
                remote(peer, at, pull.peer(), new IpamRequest.PullRings(), reply -> {
                    if (reply instanceof Rings rings) {
                        input(peer, new Input.Pulled(pull.peer(), rings));
                    }
                });
            case Effect.AskPeer ask ->
                remote(
                        peer,
                        at,
                        ask.peer(),
                        ask.request(),
                        reply -> input(
                                peer, new Input.PeerAnswered(ask.ask(), ask.peer(), heard(ask.request(), reply))));
            default -> {}
        }
    }

    /** A request to another peer, answered at most once, by a failure after its deadline. */
    private void remote(PeerName from, Peer asker, PeerName to, IpamRequest<?> request, Consumer<Reply> then) {
        boolean[] done = {false};
        Consumer<Reply> once = reply -> {
            if (!done[0] && running.get(from) == asker) {
                done[0] = true;
                then.accept(reply);
            }
        };
        network.deliver(from, to, () -> {
            Peer at = running.get(to);
            if (at != null) {
                call(to, at, from, request, reply -> network.deliver(to, from, () -> once.accept(reply)));
            }
        });
        network.at(network.now() + 800, () -> once.accept(DEADLINE));
    }

    void advance(long millis) {
        network.advance(network.now() + millis);
    }

    private Clock clock(PeerName peer) {
        return clocks.computeIfAbsent(
                peer, name -> new Clock(0.9 + random.nextDouble() / 5, random.nextInt(100_000_000)));
    }

    private Cidr universe(PeerName peer) {
        return rules.apply(peer).universe();
    }

    private Disk disk(PeerName peer) {
        return Objects.requireNonNull(disks.get(peer));
    }
}
