package io.weavemesh.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.PeerName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** However messages are lost, doubled and delayed, and whoever restarts: never two foundings, and one when all is well. */
class FirstDivisionTest {

    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");

    private static final class Parliament {
        private final Random random;
        private final List<PeerName> peers;
        private final List<FirstDivision> members = new ArrayList<>();
        private final List<FirstDivision.Memory> disks = new ArrayList<>();
        private final List<Message> messages = new ArrayList<>();
        private final Set<Founding> chosen = new HashSet<>();
        private long now;

        private record Message(int from, int to, IpamBroadcast news) {}

        Parliament(int count, long seed) {
            random = new Random(seed);
            peers = LongStream.rangeClosed(1, count).mapToObj(PeerName::new).toList();
            for (int i = 0; i < count; i++) {
                disks.add(FirstDivision.Memory.EMPTY);
                members.add(start(i));
            }
        }

        private FirstDivision start(int index) {
            return new FirstDivision(
                    peers.get(index), UNIVERSE, new InitMode.Consensus(peers.size()), disks.get(index));
        }

        /** Somebody sees a majority, not always the same one. */
        private List<PeerName> present(int self) {
            return peers.stream()
                    .filter(peer -> !peer.equals(peers.get(self)) && random.nextInt(5) > 0)
                    .toList();
        }

        void step() {
            now += random.nextInt(300);
            int member = random.nextInt(peers.size());
            switch (random.nextInt(12)) {
                case 0, 1 -> tick(member);
                case 2 -> members.set(member, start(member));
                default -> deliver(random.nextInt(8) > 0);
            }
        }

        private void tick(int member) {
            carryOut(member, members.get(member).tick(present(member), Instant.ofEpochMilli(now)));
        }

        private void deliver(boolean once) {
            if (!messages.isEmpty()) {
                int index = random.nextInt(messages.size());
                Message message = once ? messages.remove(index) : messages.get(index);
                if (random.nextInt(6) > 0) {
                    hear(message);
                }
            }
        }

        private void hear(Message message) {
            carryOut(
                    message.to(),
                    members.get(message.to()).hear(peers.get(message.from()), message.news(), present(message.to())));
        }

        private void carryOut(int member, FirstDivision.Outcome outcome) {
            if (outcome.remember()) {
                disks.set(member, members.get(member).memory());
            }
            outcome.chosen().ifPresent(chosen::add);
            for (IpamBroadcast news : outcome.news()) {
                for (int to = 0; to < peers.size(); to++) {
                    if (to != member) {
                        messages.add(new Message(member, to, news));
                    }
                }
            }
            assertThat(chosen).as("foundings that were chosen").hasSizeLessThanOrEqualTo(1);
        }

        /** From now on everything arrives, and one proposes. */
        void calm() {
            for (int round = 0; chosen.isEmpty() && round < 20; round++) {
                now += 1_000_000;
                carryOut(0, members.get(0).tick(peers.subList(1, peers.size()), Instant.ofEpochMilli(now)));
                while (!messages.isEmpty()) {
                    hear(messages.removeFirst());
                }
            }
        }
    }

    @Property(tries = 500)
    void thereIsOneFounding(@ForAll @IntRange(min = 1, max = 6) int peers, @ForAll long seed) {
        Parliament parliament = new Parliament(peers, seed);
        for (int step = 0; step < 300; step++) {
            parliament.step();
        }
        parliament.calm();
        assertThat(parliament.chosen).hasSize(1);
    }
}
