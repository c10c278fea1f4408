package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real cores on a simulated bus with virtual time: messages are lost, repeated, delayed and overtake each other, the network
 * splits, and peers lose power at any moment, which loses everything that was not durable.
 *
 * <p>Checked after every step: no address is held by two, nor can two give it. Checked after a quiet time: all rings are equal, every request was
 * answered, and nothing that was given is forgotten.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class IpamSimulationTest {

    private static final int SEEDS = 2_000;
    private static final int STEPS = 150;
    private static final Failure DEADLINE = new Failure(Failure.Code.UNAVAILABLE, "deadline");

    /** Small, so that peers run out of their own space and ask each other. */
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/26");

    private static final NetworkBlocks BLOCKS = new NetworkBlocks(Cidr.parse("10.48.0.0/16"));

    private static final PoolId POOL = new PoolName(UNIVERSE, UNIVERSE).id();

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

        private boolean isAboutReserves() {
            return compareTo(FORGET_SPREADING) > 0;
        }
    }

    /** {@code -Dseed=N} replays one and tells what happened; {@code -Dsoak=MINUTES} tries new ones for so long. */
    private static final Optional<Long> REPLAYED = Optional.ofNullable(Long.getLong("seed"));

    private static final Optional<Integer> SOAK = Optional.ofNullable(Integer.getInteger("soak"));

    @Test
    void noAddressIsHeldByTwoWhateverFails() {
        if (REPLAYED.isPresent()) {
            new Simulation(REPLAYED.get(), Fault.NONE).run();
        } else if (SOAK.isPresent()) {
            soak(TimeUnit.MINUTES.toNanos(SOAK.get()));
        } else {
            for (long seed = 1; seed <= SEEDS; seed++) {
                new Simulation(seed, Fault.NONE).run();
            }
        }
    }

    private static void soak(long nanos) {
        long begin = System.nanoTime();
        long seed = Instant.now().toEpochMilli() * 1_000;
        for (long tried = 1; System.nanoTime() - begin < nanos; tried++) {
            new Simulation(++seed, Fault.NONE).run();
            if (tried % 1_000 == 0) {
                System.out.println(tried + " seeds hold, the last one was " + seed);
            }
        }
    }

    /** The simulation finds what it is there to find. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void brokenVariantsAreCaught(Fault fault) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            if (fault.isAboutReserves() && !Simulation.isStormy(seed)) {
                continue;
            }
            try {
                new Simulation(seed, fault).run();
            } catch (AssertionError caught) {
                System.out.println(fault + " is caught by seed " + seed);
                return;
            }
        }
        throw new AssertionError(fault + " is not caught by " + SEEDS + " seeds");
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

    private static final class Simulation {
        private final long seed;
        private final Random random;
        private final Fault fault;
        private final Map<PeerName, Disk> disks = new TreeMap<>();
        private final Map<PeerName, Peer> running = new TreeMap<>();
        private final Set<Set<PeerName>> cuts = new HashSet<>();
        private final Map<IpAddress, String> holders = new HashMap<>();
        private final Map<String, PeerName> networks = new HashMap<>();
        private final Map<IpAddress, PeerName> givenBy = new HashMap<>();
        private final PriorityQueue<Event> queue = new PriorityQueue<>();
        private final Set<PeerName> gone = new HashSet<>();
        private final int founders;
        private final boolean stormy;
        private final Optional<Duration> reclaimAfter;
        private final Map<PeerName, Clock> clocks = new HashMap<>();
        private int asked;
        private int answered;
        private int lostWithTheirPeer;
        private int tokens;
        private long now = 1_000;
        private long order;
        private boolean quiet;

        private record Event(long time, long order, Runnable action) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                int byTime = Long.compare(time, other.time);
                return byTime != 0 ? byTime : Long.compare(order, other.order);
            }
        }

        Simulation(long seed, Fault fault) {
            this.seed = seed;
            this.random = new Random(seed);
            this.fault = fault;
            stormy = isStormy(seed);
            int patience = stormy ? 500 + random.nextInt(1_500) : 2_000 + random.nextInt(4_000);
            reclaimAfter =
                    !stormy && random.nextInt(4) == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(patience));
            founders = stormy ? 3 + random.nextInt(3) : 2 + random.nextInt(random.nextInt(20) == 0 ? 26 : 5);
            for (int i = 1; i <= founders; i++) {
                disks.put(new PeerName(100 + i), new Disk());
            }
            disks.keySet().forEach(this::boot);
            tick();
        }

        /** Few peers that are always cut off from each other somehow, and soon believed to be away. */
        static boolean isStormy(long seed) {
            return seed % 3 == 0;
        }

        void run() {
            try {
                live();
            } catch (IllegalStateException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }

        private void live() {
            for (int step = 0; step < STEPS; step++) {
                act();
                advance(now + random.nextInt(random.nextInt(30) == 0 ? 15_000 : 400));
            }
            quiet = true;
            cuts.clear();
            List.copyOf(disks.keySet()).stream()
                    .filter(peer -> !running.containsKey(peer))
                    .forEach(this::boot);
            tellPeers();
            for (int attempt = 0; attempt < 8; attempt++) { // An heir's promises may be in the way for a while.
                advance(now + 3_100);
                gone.forEach(peer -> sayGone(List.copyOf(running.keySet()).getFirst(), peer));
            }
            advance(now + 4_000);
            everybodyGetsAnAddress();
            advance(now + 10_000);
            checkRingsAreEqual();
            checkNothingIsForgotten();
            assertThat(answered + lostWithTheirPeer)
                    .as("seed %d: answered requests", seed)
                    .isEqualTo(asked);
        }

        private void act() {
            PeerName peer = any();
            if (stormy) {
                switch (random.nextInt(20)) {
                    case 0 -> isolate(Set.of(peer));
                    case 1 -> split();
                    case 2, 3 -> healAll();
                    case 4 -> crash(peer);
                    case 5, 6 -> boot(peer);
                    case 7 -> cut(peer, any());
                    case 8, 9 -> release(peer);
                    case 10 -> claim(peer);
                    default -> allocate(peer);
                }
                return;
            }
            switch (random.nextInt(20)) {
                case 18 -> isolate(Set.of(peer));
                case 19 -> split();
                case 15 -> joinOrDieForGood(peer);
                case 17 -> newNetwork(peer);
                case 0 -> crash(peer);
                case 1 -> boot(peer);
                case 2 -> cut(peer, any());
                case 3, 16 -> heal();
                case 4, 5, 6 -> release(peer);
                case 7 -> claim(peer);
                default -> allocate(peer);
            }
        }

        /** Somebody new comes, or somebody goes for good, which an operator says to one of the others or to two. */
        private void joinOrDieForGood(PeerName peer) {
            if (random.nextInt(3) > 0) {
                PeerName joining = new PeerName(disks.size() < founders + 3 ? 50 + random.nextInt(100) : peer.bits());
                if (!gone.contains(joining)) {
                    disks.computeIfAbsent(joining, name -> new Disk());
                    boot(joining);
                }
            } else if (!isFounder(peer)
                    || founders - gone.stream().filter(this::isFounder).count() - 1 > founders / 2) {
                crash(peer);
                gone.add(peer);
                holders.keySet().removeIf(address -> peer.equals(givenBy.get(address)));
                givenBy.values().removeIf(peer::equals);
                networks.values().removeIf(peer::equals);
                for (int i = 0; i < random.nextInt(3); i++) {
                    sayGone(any(), peer);
                }
            }
        }

        /** A majority of them must live to divide the addresses. */
        private boolean isFounder(PeerName peer) {
            return peer.bits() > 100 && peer.bits() <= 100 + founders;
        }

        private void sayGone(PeerName to, PeerName peer) {
            ask(to, new IpamRequest.RemovePeer(peer.toString()), reply -> {});
        }

        private void newNetwork(PeerName peer) {
            ask(peer, new IpamRequest.RequestPool(Optional.empty(), Optional.empty(), random.nextBoolean()), reply -> {
                if (reply instanceof PoolGranted granted) {
                    assertThat(networks.put(granted.subnet().toString(), peer))
                            .as("seed %d: who has subnet %s given to %s", seed, granted.subnet(), peer)
                            .isNull();
                }
            });
        }

        private PeerName any() {
            return new ArrayList<>(disks.keySet()).get(random.nextInt(disks.size()));
        }

        private void boot(PeerName peer) {
            if (running.containsKey(peer) || gone.contains(peer)) {
                return;
            }
            InitMode mode = isFounder(peer) || fault == Fault.DIVIDE_ALONE
                    ? new InitMode.Consensus(fault == Fault.DIVIDE_ALONE ? 1 : founders)
                    : new InitMode.Observer();
            running.put(
                    peer,
                    new Peer(new IpamCore(
                            peer,
                            new IpamRules(UNIVERSE, UNIVERSE, BLOCKS, mode, reclaimAfter),
                            disk(peer).state())));
            tellPeers();
        }

        private void crash(PeerName peer) {
            Peer gone = running.remove(peer);
            if (gone != null) {
                lostWithTheirPeer += gone.openRequests;
                tellPeers();
            }
        }

        private void cut(PeerName one, PeerName other) {
            if (!one.equals(other)) {
                cuts.add(Set.of(one, other));
                tellPeers();
            }
        }

        /** Nobody of one side reaches anybody of the other. */
        private void isolate(Set<PeerName> side) {
            for (PeerName one : side) {
                disks.keySet().stream()
                        .filter(other -> !side.contains(other))
                        .forEach(other -> cuts.add(Set.of(one, other)));
            }
            tellPeers();
        }

        private void split() {
            isolate(disks.keySet().stream()
                    .filter(peer -> random.nextBoolean())
                    .collect(Collectors.toCollection(TreeSet::new)));
        }

        private void heal() {
            if (random.nextBoolean()) {
                healAll();
            } else if (!cuts.isEmpty()) {
                List<Set<PeerName>> all = new ArrayList<>(cuts);
                cuts.remove(all.get(random.nextInt(all.size())));
                tellPeers();
            }
        }

        private void healAll() {
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
            at(now + 500, this::tick);
        }

        private void allocate(PeerName peer) {
            Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
            ask(peer, new IpamRequest.AllocateAddress(POOL, owner), reply -> hold(peer, reply, owner));
        }

        private void claim(PeerName peer) {
            Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
            IpAddress address = UNIVERSE.first().plus(1 + random.nextInt(62));
            ask(peer, new IpamRequest.ClaimAddress(POOL, address, owner), reply -> hold(peer, reply, owner));
        }

        private void hold(PeerName peer, Reply reply, Owner owner) {
            if (reply instanceof AddressAllocated allocated) {
                IpAddress address = allocated.address().address();
                String before = holders.put(address, owner.id());
                assertThat(before)
                        .as("seed %d: %s given to %s is held by", seed, address, owner)
                        .isNull();
                givenBy.put(address, peer);
            } else {
                assertThat(reply).isInstanceOf(Failure.class);
            }
        }

        private void release(PeerName peer) {
            Optional<IpAddress> held = givenBy.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(peer))
                    .map(Map.Entry::getKey)
                    .sorted()
                    .findFirst();
            if (held.isPresent() && running.containsKey(peer)) {
                holders.remove(held.get()); // From here on nobody uses it, whether the release is lost or not.
                givenBy.remove(held.get());
                ask(peer, new IpamRequest.ReleaseAddress(POOL, held.get()), reply -> {});
            }
        }

        private void ask(PeerName peer, IpamRequest<?> request, Consumer<Reply> then) {
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
            List<Effect> effects = at.core.handle(input, clock(peer).at(now));
            trace(peer, effects);
            at.core.check();
            checkNobodyElseCanGive(peer, at);
            long written = Math.max(at.lastWrite, now + random.nextInt(quiet ? 2 : 150)); // A disk keeps order.
            at.lastWrite = written;
            at(written, () -> {
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
            for (Range range : at.core.free(UNIVERSE)) {
                for (long offset = range.start(); offset < range.end(); offset++) {
                    at.free |= 1L << offset;
                }
            }
            running.forEach((other, its) -> assertThat(other.equals(peer) ? 0 : at.free & its.free)
                    .as("seed %d: offsets that %s and %s can give", seed, peer, other)
                    .isZero());
        }

        /** Of a replayed seed one wants to know what happened. */
        private void trace(PeerName peer, List<Effect> effects) {
            for (Effect effect : effects) {
                boolean told = effect instanceof Effect.Note
                        || effect instanceof Effect.Reply
                        || effect instanceof Effect.Persist
                                && !effect.toString().contains("RingState");
                if (REPLAYED.isPresent() && told) {
                    System.out.println(now + " " + peer + " " + effect);
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
                                    deliver(peer, other, () -> input(other, new Input.Heard(peer, tell.news()))));
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
                                            reply instanceof SpaceAnswer space
                                                    ? Optional.of(space)
                                                    : Optional.empty())));
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
            deliver(from, to, () -> {
                Peer at = running.get(to);
                if (at != null) {
                    call(to, at, from, request, reply -> deliver(to, from, () -> once.accept(reply)));
                }
            });
            at(now + 800, () -> once.accept(DEADLINE));
        }

        private void deliver(PeerName from, PeerName to, Runnable arrival) {
            int copies = quiet ? 1 : random.nextInt(10) == 0 ? 0 : random.nextInt(12) == 0 ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                at(now + 1 + random.nextInt(quiet ? 5 : 300), () -> {
                    if (connected(from, to)) {
                        arrival.run();
                    }
                });
            }
        }

        private void at(long time, Runnable action) {
            queue.add(new Event(time, order++, action));
        }

        private void advance(long until) {
            while (!queue.isEmpty() && queue.peek().time() <= until) {
                Event event = queue.poll();
                now = event.time();
                event.action().run();
            }
            now = until;
        }

        private Clock clock(PeerName peer) {
            return clocks.computeIfAbsent(
                    peer, name -> new Clock(0.9 + random.nextDouble() / 5, random.nextInt(100_000_000)));
        }

        private Disk disk(PeerName peer) {
            return Objects.requireNonNull(disks.get(peer));
        }

        /** When all is well again, a request fails only because all 62 addresses are in use or were lost with a reply. */
        private void everybodyGetsAnAddress() {
            for (PeerName peer : List.copyOf(running.keySet())) {
                Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
                ask(peer, new IpamRequest.AllocateAddress(POOL, owner), reply -> {
                    if (reply instanceof Failure failure) {
                        long used = disks.values().stream()
                                .mapToLong(disk -> disk.state().allocations().size())
                                .sum();
                        assertThat(used)
                                .as("seed %d: in use while %s", seed, failure.text())
                                .isGreaterThanOrEqualTo(62);
                    }
                    hold(peer, reply, owner);
                });
            }
        }

        private void checkRingsAreEqual() {
            Set<String> rings = new HashSet<>();
            for (PeerName peer : running.keySet()) {
                disk(peer).state().rings().stream()
                        .filter(ring -> ring.pool().equals(UNIVERSE))
                        .forEach(ring -> rings.add(ring.pool() + " "
                                + ring.tokens().stream()
                                        .map(token -> token.start() + ">" + token.owner() + "v" + token.version())
                                        .toList()));
            }
            assertThat(rings).as("seed %d: rings after quiet", seed).hasSize(1);
        }

        private void checkNothingIsForgotten() {
            givenBy.forEach((address, peer) -> assertThat(disk(peer).state().allocations())
                    .as("seed %d: %s given by %s", seed, address, peer)
                    .anyMatch(allocation -> allocation.address().address().equals(address)));
        }
    }
}
