package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.Rings;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RingState;
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
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Real cores on a simulated bus with virtual time: messages are lost, repeated, delayed and overtake each other, the network
 * splits, and peers lose power at any moment, which loses everything that was not durable.
 *
 * <p>Checked after every step: no address is held by two. Checked after a quiet time: all rings are equal, every request was
 * answered, and nothing that was given is forgotten.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class IpamSimulationTest {

    private static final int SEEDS = 400;
    private static final int STEPS = 150;

    /** Small, so that peers run out of their own space and ask each other. */
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/26");

    private static final PoolId POOL = new PoolName(UNIVERSE, UNIVERSE).id();

    /** Ways to break the code, each of which the simulation must catch. */
    private enum Fault {
        NONE,
        /** Answers before the disk has it. */
        REPLY_BEFORE_DURABLE,
        /** A donor does not write down what it gave. */
        FORGET_GRANTS,
        /** Every peer divides the addresses alone. */
        DIVIDE_ALONE
    }

    @Test
    void noAddressIsHeldByTwoWhateverFails() {
        Long one = Long.getLong("seed");
        if (one != null) {
            new Simulation(one, Fault.NONE).run();
            return;
        }
        for (long seed = 1; seed <= SEEDS; seed++) {
            new Simulation(seed, Fault.NONE).run();
        }
    }

    @Test
    void answeringBeforeTheDiskHasItIsCaught() {
        assertCaught(seed -> new Simulation(seed, Fault.REPLY_BEFORE_DURABLE));
    }

    @Test
    void forgettingAGrantIsCaught() {
        assertCaught(seed -> new Simulation(seed, Fault.FORGET_GRANTS));
    }

    @Test
    void dividingAloneIsCaught() {
        assertCaught(seed -> new Simulation(seed, Fault.DIVIDE_ALONE));
    }

    private static void assertCaught(LongFunction<Simulation> broken) {
        int caught = 0;
        for (long seed = 1; seed <= 100 && caught == 0; seed++) {
            try {
                broken.apply(seed).run();
            } catch (AssertionError | IllegalStateException expected) {
                caught++;
            }
        }
        assertThat(caught).as("seeds that catch the broken variant").isPositive();
    }

    /** A disk: what was written survives its peer. */
    private static final class Disk {
        private final Map<String, Object> values = new TreeMap<>();

        DurableState state() {
            List<RingState> rings = new ArrayList<>();
            List<Allocation> allocations = new ArrayList<>();
            Optional<Founding> founding = Optional.empty();
            FirstDivision.Memory memory = FirstDivision.Memory.EMPTY;
            for (Object value : values.values()) {
                switch (value) {
                    case RingState ring -> rings.add(ring);
                    case Allocation allocation -> allocations.add(allocation);
                    case Founding known -> founding = Optional.of(known);
                    case FirstDivision.Memory known -> memory = known;
                    default -> throw new IllegalStateException("unexpected " + value);
                }
            }
            return new DurableState(founding, memory, rings, allocations);
        }
    }

    /** A running peer. */
    private static final class Peer {
        private final IpamCore core;
        private final Map<Long, Consumer<Reply>> calls = new HashMap<>();
        private long nextCall;
        private long lastWrite;
        private int openRequests;

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
        private final Map<IpAddress, PeerName> givenBy = new HashMap<>();
        private final PriorityQueue<Event> queue = new PriorityQueue<>();
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
            int peers = 2 + random.nextInt(5);
            for (int i = 1; i <= peers; i++) {
                disks.put(new PeerName(i), new Disk());
            }
            disks.keySet().forEach(this::boot);
            tick();
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                act();
                advance(now + random.nextInt(400));
            }
            quiet = true;
            cuts.clear();
            List.copyOf(disks.keySet()).stream()
                    .filter(peer -> !running.containsKey(peer))
                    .forEach(this::boot);
            tellPeers();
            advance(now + 30_000);
            everybodyGetsAnAddress();
            advance(now + 30_000);
            checkRingsAreEqual();
            checkNothingIsForgotten();
            assertThat(answered + lostWithTheirPeer)
                    .as("seed %d: answered requests", seed)
                    .isEqualTo(asked);
        }

        private void act() {
            PeerName peer = any();
            switch (random.nextInt(16)) {
                case 0 -> crash(peer);
                case 1 -> boot(peer);
                case 2 -> cut(peer, any());
                case 3 -> heal();
                case 4, 5, 6 -> release(peer);
                case 7 -> claim(peer);
                default -> allocate(peer);
            }
        }

        private PeerName any() {
            return new ArrayList<>(disks.keySet()).get(random.nextInt(disks.size()));
        }

        private void boot(PeerName peer) {
            if (running.containsKey(peer)) {
                return;
            }
            InitMode mode = new InitMode.Consensus(fault == Fault.DIVIDE_ALONE ? 1 : disks.size());
            running.put(
                    peer,
                    new Peer(new IpamCore(
                            peer, UNIVERSE, UNIVERSE, mode, disk(peer).state())));
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

        private void heal() {
            cuts.stream().findAny().ifPresent(cuts::remove);
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
            at(now + 200, this::tick);
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
            List<Effect> effects = at.core.handle(input, Instant.ofEpochMilli(now));
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

        private void write(Disk disk, List<Effect> effects) {
            for (Effect effect : effects) {
                boolean grant = effects.stream()
                        .anyMatch(other -> other instanceof Effect.Reply reply && reply.reply() instanceof SpaceAnswer);
                if (fault == Fault.FORGET_GRANTS && grant) {
                    return;
                }
                switch (effect) {
                    case Effect.Persist persist -> disk.values.put(persist.map() + persist.key(), persist.value());
                    case Effect.Erase erase -> disk.values.remove(erase.map() + erase.key());
                    default -> {}
                }
            }
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
            at(now + 800, () -> once.accept(new Failure(Failure.Code.UNAVAILABLE, "deadline")));
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
            for (Disk disk : disks.values()) {
                disk.state()
                        .rings()
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
