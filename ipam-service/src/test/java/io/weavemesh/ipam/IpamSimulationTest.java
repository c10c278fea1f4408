package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.ipam.SimulatedPeers.Fault;
import java.time.Duration;
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
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real cores on a simulated bus with virtual time: messages are lost, repeated, delayed and overtake each other, the network
 * splits, and peers lose power at any moment, which loses everything that was not durable.
 *
 * <p>Checked after every step: no address is held by two, nor can two give it. Checked after a quiet time: all rings are
 * equal, every request was answered, and nothing that was given is forgotten.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class IpamSimulationTest {

    private static final int SEEDS = 2_000;
    private static final int STEPS = 150;

    /** Small, so that peers run out of their own space and ask each other. */
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/26");

    private static final NetworkBlocks BLOCKS = new NetworkBlocks(Cidr.parse("10.48.0.0/16"));

    private static final PoolId POOL = new PoolName(UNIVERSE, UNIVERSE).id();

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
            LongStream.rangeClosed(1, SEEDS).parallel().forEach(seed -> new Simulation(seed, Fault.NONE).run());
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

    @Test
    void twoSidesThatWereDividedApartBecomeOneWhenTheyMeet() {
        LongStream seeds = REPLAYED.map(LongStream::of).orElseGet(() -> LongStream.rangeClosed(1, SEEDS / 10));
        seeds.parallel().forEach(seed -> new Meeting(seed).run());
    }

    /** Two groups that have never heard of each other, and then do. */
    private static final class Meeting {
        private final long seed;
        private final Random random;
        private final Set<PeerName> one = new TreeSet<>();
        private final Set<PeerName> other = new TreeSet<>();
        private final SimulatedPeers peers;

        /** Who holds what; an address both sides have given is held twice. */
        private final Map<IpAddress, Set<PeerName>> holders = new TreeMap<>();

        Meeting(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            int first = 1 + random.nextInt(3);
            int second = 1 + random.nextInt(3);
            peers = new SimulatedPeers(seed, random, Fault.NONE, REPLAYED.isPresent(), peer -> {
                InitMode mode = new InitMode.Consensus(one.contains(peer) ? first : second);
                return new IpamRules(UNIVERSE, UNIVERSE, BLOCKS, mode, Optional.of(Duration.ofHours(24)));
            });
            while (one.size() < first) {
                one.add(new PeerName(1 + random.nextInt(1_000)));
            }
            while (other.size() < second) {
                PeerName peer = new PeerName(1 + random.nextInt(1_000));
                if (!one.contains(peer)) {
                    other.add(peer);
                }
            }
            one.forEach(peers::add);
            other.forEach(peers::add);
        }

        void run() {
            peers.divideApart();
            peers.isolate(one);
            peers.all().forEach(peers::boot);
            peers.advance(30_000);
            boolean unused = random.nextInt(3) == 0;
            for (int step = 0; step < 25; step++) {
                List<PeerName> givers = List.copyOf(unused ? one : peers.all());
                allocate(givers.get(random.nextInt(givers.size())));
                peers.advance(200);
            }
            peers.advance(3_000); // Whoever waits for space has got it.
            Map<PeerName, DurableState> before = new HashMap<>();
            peers.all().forEach(peer -> before.put(peer, peers.onDisk(peer)));
            Set<IpAddress> doubled = doubled();
            peers.calm();
            peers.advance(20_000);

            assertThat(peers.all().stream().map(peer -> peers.onDisk(peer).founding()))
                    .as("seed %d: foundings", seed)
                    .containsOnly(peers.onDisk(one.iterator().next()).founding());
            if (unused) {
                assertThat(peers.onDisk(other.iterator().next()).founding())
                        .as("seed %d: the side nobody used gives way", seed)
                        .isEqualTo(
                                Objects.requireNonNull(before.get(one.iterator().next()))
                                        .founding());
            }
            before.forEach((peer, state) -> assertThat(peers.onDisk(peer).allocations())
                    .as("seed %d: what %s has given", seed, peer)
                    .containsAll(state.allocations()));
            doubled.forEach(address -> assertThat(conflicts()).anyMatch(text -> text.contains("address " + address)));
            for (PeerName peer : peers.all()) {
                allocate(peer);
            }
            peers.advance(5_000);
            assertThat(doubled()).as("seed %d: held twice", seed).isEqualTo(doubled);
            peers.checkEverythingWasAnswered();
        }

        private void allocate(PeerName peer) {
            Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + random.nextLong(), Optional.empty());
            peers.ask(peer, new IpamRequest.AllocateAddress(POOL, owner), reply -> {
                if (reply instanceof AddressAllocated given) {
                    IpAddress address = given.address().address();
                    assertThat(holders.computeIfAbsent(address, key -> new TreeSet<>())
                                    .add(peer))
                            .as("seed %d: %s gives %s again", seed, peer, address)
                            .isTrue();
                }
            });
        }

        private Set<IpAddress> doubled() {
            return holders.entrySet().stream()
                    .filter(entry -> entry.getValue().size() > 1)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        private List<String> conflicts() {
            List<String> conflicts = new ArrayList<>();
            for (PeerName peer : peers.all()) {
                peers.ask(peer, new IpamRequest.IpamStatusQuery(), reply -> {
                    if (reply instanceof IpamStatus status) {
                        conflicts.addAll(status.conflicts());
                    }
                });
            }
            peers.advance(100);
            return conflicts;
        }
    }

    private static final class Simulation {
        private final long seed;
        private final Random random;
        private final Map<IpAddress, String> holders = new HashMap<>();
        private final Map<String, PeerName> networks = new HashMap<>();
        private final Map<IpAddress, PeerName> givenBy = new HashMap<>();
        private final Set<PeerName> leaving = new HashSet<>();
        private final int founders;
        private final boolean stormy;
        private final SimulatedPeers peers;
        private int tokens;

        Simulation(long seed, Fault fault) {
            this.seed = seed;
            this.random = new Random(seed);
            stormy = isStormy(seed);
            int patience = stormy ? 500 + random.nextInt(1_500) : 2_000 + random.nextInt(4_000);
            Optional<Duration> reclaimAfter =
                    !stormy && random.nextInt(4) == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(patience));
            founders = stormy ? 3 + random.nextInt(3) : 2 + random.nextInt(random.nextInt(20) == 0 ? 26 : 5);
            boolean alone = fault == Fault.DIVIDE_ALONE;
            peers = new SimulatedPeers(seed, random, fault, REPLAYED.isPresent(), peer -> {
                InitMode mode = isFounder(peer) || alone
                        ? new InitMode.Consensus(alone ? 1 : founders)
                        : new InitMode.Observer();
                return new IpamRules(UNIVERSE, UNIVERSE, BLOCKS, mode, reclaimAfter);
            });
            for (int i = 1; i <= founders; i++) {
                peers.add(new PeerName(100 + i));
            }
            peers.all().forEach(peers::boot);
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
                peers.advance(random.nextInt(random.nextInt(30) == 0 ? 15_000 : 400));
            }
            peers.calm();
            for (int attempt = 0; attempt < 8; attempt++) { // An heir's promises may be in the way for a while.
                peers.advance(3_100);
                peers.gone().forEach(peer -> sayGone(peers.running().getFirst(), peer));
            }
            peers.advance(4_000);
            everybodyGetsAnAddress();
            peers.advance(10_000);
            checkRingsAreEqual();
            checkNothingIsForgotten();
            checkHeirsKnow();
            peers.checkEverythingWasAnswered();
        }

        private void act() {
            PeerName peer = any();
            if (stormy) {
                switch (random.nextInt(20)) {
                    case 0 -> peers.isolate(Set.of(peer));
                    case 1 -> split();
                    case 2, 3 -> peers.healAll();
                    case 4 -> peers.crash(peer);
                    case 5, 6 -> peers.boot(peer);
                    case 7 -> peers.cut(peer, any());
                    case 8, 9 -> release(peer);
                    case 10 -> claim(peer);
                    default -> allocate(peer);
                }
                return;
            }
            switch (random.nextInt(20)) {
                case 18 -> peers.isolate(Set.of(peer));
                case 19 -> split();
                case 15 -> joinOrDieForGood(peer);
                case 16 -> leave(peer);
                case 17 -> newNetwork(peer);
                case 0 -> peers.crash(peer);
                case 1 -> peers.boot(peer);
                case 2 -> peers.cut(peer, any());
                case 3 -> peers.heal();
                case 4, 5, 6 -> release(peer);
                case 7 -> claim(peer);
                default -> allocate(peer);
            }
        }

        /** Somebody new comes, or somebody goes for good, which an operator says to one of the others or to two. */
        private void joinOrDieForGood(PeerName peer) {
            if (random.nextInt(3) > 0) {
                PeerName joining =
                        new PeerName(peers.all().size() < founders + 3 ? 50 + random.nextInt(100) : peer.bits());
                if (!peers.gone().contains(joining)) {
                    peers.add(joining);
                    peers.boot(joining);
                }
            } else if (canBeMissed(peer)) {
                peers.die(peer);
                forgetWhatItHad(peer);
                for (int i = 0; i < random.nextInt(3); i++) {
                    sayGone(any(), peer);
                }
            }
        }

        /** Its containers are gone, and it hands its space over, if there is somebody to take it. */
        private void leave(PeerName peer) {
            if (random.nextInt(3) == 0 && canBeMissed(peer)) {
                forgetWhatItHad(peer);
                leaving.add(peer);
                peers.ask(peer, new IpamRequest.HandOver(), reply -> peers.die(peer));
            }
        }

        private void forgetWhatItHad(PeerName peer) {
            holders.keySet().removeIf(address -> peer.equals(givenBy.get(address)));
            givenBy.values().removeIf(peer::equals);
            networks.values().removeIf(peer::equals);
        }

        /** A majority of the founders must live to divide the addresses. */
        private boolean canBeMissed(PeerName peer) {
            return !isFounder(peer)
                    || founders - peers.gone().stream().filter(this::isFounder).count() - 1 > founders / 2;
        }

        private boolean isFounder(PeerName peer) {
            return peer.bits() > 100 && peer.bits() <= 100 + founders;
        }

        private void sayGone(PeerName to, PeerName peer) {
            peers.ask(to, new IpamRequest.RemovePeer(peer.toString()), reply -> {});
        }

        private void newNetwork(PeerName peer) {
            peers.ask(
                    peer,
                    new IpamRequest.RequestPool(Optional.empty(), Optional.empty(), random.nextBoolean()),
                    reply -> {
                        if (reply instanceof PoolGranted granted && !leaving.contains(peer)) {
                            assertThat(networks.put(granted.subnet().toString(), peer))
                                    .as("seed %d: who has subnet %s given to %s", seed, granted.subnet(), peer)
                                    .isNull();
                        }
                    });
        }

        private PeerName any() {
            return List.copyOf(peers.all()).get(random.nextInt(peers.all().size()));
        }

        private void split() {
            peers.isolate(peers.all().stream()
                    .filter(peer -> random.nextBoolean())
                    .collect(Collectors.toCollection(TreeSet::new)));
        }

        private void allocate(PeerName peer) {
            Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
            peers.ask(peer, new IpamRequest.AllocateAddress(POOL, owner), reply -> hold(peer, reply, owner));
        }

        private void claim(PeerName peer) {
            Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
            IpAddress address = UNIVERSE.first().plus(1 + random.nextInt(62));
            peers.ask(peer, new IpamRequest.ClaimAddress(POOL, address, owner), reply -> hold(peer, reply, owner));
        }

        private void hold(PeerName peer, Reply reply, Owner owner) {
            if (leaving.contains(peer)) {
                return; // Nobody starts a container there any more.
            }
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
            if (held.isPresent() && peers.isRunning(peer)) {
                holders.remove(held.get()); // From here on nobody uses it, whether the release is lost or not.
                givenBy.remove(held.get());
                peers.ask(peer, new IpamRequest.ReleaseAddress(POOL, held.get()), reply -> {});
            }
        }

        /** When all is well again, a request fails only because all 62 addresses are in use or were lost with a reply. */
        private void everybodyGetsAnAddress() {
            for (PeerName peer : peers.running()) {
                Owner owner = new Owner(Owner.Kind.UNBOUND, "t" + ++tokens, Optional.empty());
                peers.ask(peer, new IpamRequest.AllocateAddress(POOL, owner), reply -> {
                    if (reply instanceof Failure failure) {
                        long used = peers.all().stream()
                                .mapToLong(
                                        one -> peers.onDisk(one).allocations().size())
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
            for (PeerName peer : peers.running()) {
                peers.onDisk(peer).rings().stream()
                        .filter(ring -> ring.pool().equals(UNIVERSE))
                        .forEach(ring -> rings.add(ring.pool() + " "
                                + ring.tokens().stream()
                                        .map(token -> token.start() + ">" + token.owner() + "v" + token.version())
                                        .toList()));
            }
            assertThat(rings).as("seed %d: rings after quiet", seed).hasSize(1);
        }

        private void checkNothingIsForgotten() {
            givenBy.forEach((address, peer) -> assertThat(peers.onDisk(peer).allocations())
                    .as("seed %d: %s given by %s", seed, address, peer)
                    .anyMatch(allocation -> allocation.address().address().equals(address)));
        }

        /** Or else nobody takes the free space of a peer that is away. */
        private void checkHeirsKnow() {
            for (PeerName peer : peers.running()) {
                peers.onDisk(peer)
                        .reserve()
                        .noted()
                        .filter(reserve ->
                                reserve.heir().filter(peers::isRunning).isPresent())
                        .ifPresent(reserve -> assertThat(
                                        peers.onDisk(reserve.heir().orElseThrow())
                                                .witnessed())
                                .as("seed %d: what %s holds back", seed, peer)
                                .contains(reserve));
            }
        }
    }
}
