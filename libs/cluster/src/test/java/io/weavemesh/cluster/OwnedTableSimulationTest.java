package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableBroadcast.TableDelta;
import io.weavemesh.contract.TableBroadcast.TableDigest;
import io.weavemesh.contract.TableReply.TablePage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Real tables on a simulated bus with virtual time: messages are lost, repeated, delayed and overtake each other, peers
 * restart, now and then with their clock set back, and are cut off from each other. Checked after every step against a naive
 * copy of every state a part ever had: what anybody knows of a part is exactly one of those states. Checked after a quiet
 * time: everybody knows exactly what every peer that is there has.
 *
 * <p>A failing seed is replayed with {@code -Dseed=N}.
 */
class OwnedTableSimulationTest {

    private static final int SEEDS = 600;
    private static final int STEPS = 250;

    /** Small, so that parts have many pages and large changes several deltas. */
    private static final int PAGE_ROWS = 3;

    /** The ways a run may be spoilt on purpose. */
    private record Flaws(UnaryOperator<TableBroadcast> news, UnaryOperator<TablePage> page, boolean sameIncarnation) {
        static final Flaws NONE = new Flaws(news -> news, page -> page, false);
    }

    @Test
    void afterQuietEverybodyKnowsWhatEverybodyHas() {
        Long one = Long.getLong("seed");
        long first = one == null ? 1 : one;
        long last = one == null ? SEEDS : one;
        System.out.println("OwnedTableSimulationTest: seeds " + first + " to " + last);
        for (long seed = first; seed <= last; seed++) {
            new Simulation(seed, Flaws.NONE).run();
        }
    }

    @Test
    void aRestartedTableThatDoesNotStartANewIncarnationIsCaught() {
        assertCaught(new Flaws(news -> news, page -> page, true));
    }

    @Test
    void aTableWhoseDigestsSayNothingIsCaught() {
        assertCaught(new Flaws(
                news -> news instanceof TableDigest digest ? new TableDigest(digest.origin(), 0, 0, 0) : news,
                page -> page,
                false));
    }

    @Test
    void aTableThatAnswersPullsWithTheFirstPageOnlyIsCaught() {
        assertCaught(new Flaws(
                news -> news,
                page -> new TablePage(page.origin(), page.incarnation(), page.sequence(), page.rows(), false),
                false));
    }

    @Test
    void aTableWhoseDeltasLeaveOutWhatWasRemovedIsCaught() {
        assertCaught(new Flaws(
                news -> news instanceof TableDelta delta
                        ? new TableDelta(delta.origin(), delta.incarnation(), delta.sequence(), delta.put(), List.of())
                        : news,
                page -> page,
                false));
    }

    /** A broken variant must fail with some seed, or the simulation proves nothing. */
    private static void assertCaught(Flaws flaws) {
        int caught = 0;
        for (long seed = 1; seed <= 100; seed++) {
            try {
                new Simulation(seed, flaws).run();
            } catch (AssertionError expected) {
                caught++;
            }
        }
        assertThat(caught).as("seeds that catch the broken variant").isPositive();
    }

    /** One run. */
    private static final class Simulation {
        private final long seed;
        private final Random random;
        private final Flaws flaws;
        private final Map<PeerName, OwnedTable<NameRow>> tables = new TreeMap<>();
        private final Map<List<Object>, Map<String, NameRow>> history = new HashMap<>();
        private final Set<Set<PeerName>> cuts = new HashSet<>();
        private final PriorityQueue<Event> queue = new PriorityQueue<>();
        private long now;
        private long order;
        private long clock = 1_000;
        private boolean quiet;

        private record Event(long time, long order, Runnable action) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                int byTime = Long.compare(time, other.time);
                return byTime != 0 ? byTime : Long.compare(order, other.order);
            }
        }

        Simulation(long seed, Flaws flaws) {
            this.seed = seed;
            this.random = new Random(seed);
            this.flaws = flaws;
            int peers = random.nextInt(20) == 0 ? 20 : 2 + random.nextInt(6);
            for (int i = 1; i <= peers; i++) {
                begin(new PeerName(i));
            }
            tables.keySet().forEach(this::meetEverybody);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                act();
                advance(now + random.nextInt(300));
                checkEveryPartIsOneThatWas();
            }
            quiet = true;
            new ArrayList<>(cuts).forEach(this::heal);
            for (int round = 0; round < 10; round++) {
                tables.keySet().forEach(this::tellDigest);
                advance(now + 2_000);
            }
            checkEverybodyKnowsEverything();
        }

        private void act() {
            PeerName peer = any();
            switch (random.nextInt(12)) {
                case 0 -> restart(peer);
                case 1 -> cut(peer, any());
                case 2 -> cuts.stream().findAny().ifPresent(this::heal);
                case 3, 4 -> tellDigest(peer);
                default -> change(peer);
            }
        }

        private OwnedTable<NameRow> table(PeerName peer) {
            return Objects.requireNonNull(tables.get(peer));
        }

        private PeerName any() {
            return new ArrayList<>(tables.keySet()).get(random.nextInt(tables.size()));
        }

        private void change(PeerName peer) {
            List<NameRow> put = new ArrayList<>();
            List<String> remove = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                NameRow row = row(peer, random.nextInt(12), random.nextInt(3));
                if (random.nextBoolean()) {
                    put.add(row);
                } else {
                    remove.add(row.key());
                }
            }
            carryOut(peer, table(peer).update(put, remove));
        }

        private static NameRow row(PeerName peer, int number, int container) {
            return new NameRow(
                    Fqdn.parse("n" + number + ".weave.local"),
                    IpAddress.ipv4((int) (0x0a20_0000 + peer.bits() * 256 + number)),
                    new ContainerId("c" + container),
                    new EndpointId("e" + number));
        }

        private void restart(PeerName peer) {
            begin(peer);
            meetEverybody(peer);
        }

        private void begin(PeerName peer) {
            clock += 1_000;
            long incarnation = random.nextInt(6) == 0 ? clock - 300_000 : clock; // Unique, but not always later.
            OwnedTable<NameRow> table = new OwnedTable<>(peer, flaws.sameIncarnation() ? 1 : incarnation, PAGE_ROWS);
            tables.put(peer, table);
            history.put(state(table.digest()), Map.of());
        }

        private static List<Object> state(TableDigest digest) {
            return List.of(digest.origin(), digest.incarnation(), digest.sequence());
        }

        private void meetEverybody(PeerName peer) {
            for (PeerName other : tables.keySet()) {
                if (!other.equals(peer) && connected(peer, other)) {
                    carryOut(peer, table(peer).peerUp(other));
                    carryOut(other, table(other).peerUp(peer));
                }
            }
        }

        private void cut(PeerName one, PeerName other) {
            if (!one.equals(other) && cuts.add(Set.of(one, other))) {
                carryOut(one, table(one).peerDown(other));
                carryOut(other, table(other).peerDown(one));
            }
        }

        private void heal(Set<PeerName> pair) {
            cuts.remove(pair);
            List<PeerName> both = List.copyOf(pair);
            carryOut(both.get(0), table(both.get(0)).peerUp(both.get(1)));
            carryOut(both.get(1), table(both.get(1)).peerUp(both.get(0)));
        }

        private boolean connected(PeerName one, PeerName other) {
            return !cuts.contains(Set.of(one, other));
        }

        private void tellDigest(PeerName peer) {
            tell(peer, table(peer).digest());
        }

        private void carryOut(PeerName peer, List<OwnedTable.Effect<NameRow>> effects) {
            for (OwnedTable.Effect<NameRow> effect : effects) {
                switch (effect) {
                    case OwnedTable.Tell<NameRow> tell -> {
                        remember(tell.delta());
                        tell(peer, tell.delta());
                    }
                    case OwnedTable.Pull<NameRow> pull -> pull(peer, pull);
                    case OwnedTable.Changed<NameRow> changed -> {}
                }
            }
        }

        /** The naive copy: every state a part was in, by its number. */
        private void remember(TableDelta delta) {
            List<Object> before = List.of(delta.origin(), delta.incarnation(), delta.sequence() - 1);
            Map<String, NameRow> rows = new HashMap<>(Objects.requireNonNull(history.get(before)));
            delta.removed().forEach(rows::remove);
            delta.put().forEach(row -> rows.put(row.key(), (NameRow) row));
            history.put(List.of(delta.origin(), delta.incarnation(), delta.sequence()), rows);
        }

        private void tell(PeerName from, TableBroadcast news) {
            TableBroadcast sent = flaws.news().apply(news);
            for (PeerName to : tables.keySet()) {
                if (!to.equals(from)) {
                    deliver(from, to, () -> {
                        OwnedTable<NameRow> table = table(to);
                        carryOut(
                                to,
                                switch (sent) {
                                    case TableDelta delta -> table.delta(delta);
                                    case TableDigest digest -> table.digest(digest);
                                });
                    });
                }
            }
        }

        private void pull(PeerName peer, OwnedTable.Pull<NameRow> pull) {
            OwnedTable<NameRow> asker = table(peer);
            boolean[] answered = {false};
            deliver(peer, pull.origin(), () -> {
                TablePage page = flaws.page().apply(table(pull.origin()).answer(pull.after()));
                deliver(pull.origin(), peer, () -> {
                    if (!answered[0] && table(peer) == asker) {
                        answered[0] = true;
                        carryOut(peer, asker.page(pull.attempt(), page, NameRow.class));
                    }
                });
            });
            at(now + 2_000, () -> {
                if (!answered[0] && table(peer) == asker) {
                    answered[0] = true;
                    asker.pullFailed(pull.attempt(), pull.origin());
                }
            });
        }

        private void deliver(PeerName from, PeerName to, Runnable arrival) {
            int copies = quiet ? 1 : random.nextInt(10) == 0 ? 0 : random.nextInt(12) == 0 ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                at(now + 1 + random.nextInt(quiet ? 5 : 400), () -> {
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

        private void checkEveryPartIsOneThatWas() {
            tables.forEach((peer, table) -> table.parts().forEach((origin, rows) -> {
                TableDigest known = table.known(origin).orElseGet(table::digest);
                Map<String, NameRow> expected =
                        known.incarnation() == 0 ? Map.of() : history.getOrDefault(state(known), Map.of());
                if (expected.size() != rows.size() || !expected.values().containsAll(rows)) {
                    throw new AssertionError("seed %d: %s knows of %s %s, which at %s was %s"
                            .formatted(seed, peer, origin, rows, known, expected.values()));
                }
            }));
        }

        private void checkEverybodyKnowsEverything() {
            tables.forEach((peer, table) -> {
                Map<PeerName, Collection<NameRow>> parts = table.parts();
                tables.forEach((origin, other) -> assertThat(texts(parts.getOrDefault(origin, List.of())))
                        .as("seed %d: what %s knows of %s", seed, peer, origin)
                        .isEqualTo(texts(other.own())));
            });
        }

        private static Set<String> texts(Collection<NameRow> rows) {
            Set<String> texts = new TreeSet<>();
            rows.forEach(row -> texts.add(row.toString()));
            return texts;
        }
    }
}
