package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Fqdn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The table compared with the JDK's, through all its sizes. {@code -Dseed=N} repeats a run. */
class NameTableTest {

    /** So many that the number of buckets changes several times on the way up and down. */
    private static final int NAMES = 20_000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    /** What the table should be at a moment: by a name's number, the mark of the node there. */
    private record Snapshot(NameTable table, Map<Integer, Integer> marks) {}

    @Test
    void everySnapshotStaysWhatItWasWhileNamesComeChangeAndGo() {
        System.out.println("NameTableTest seed=" + seed);
        NameTable table = NameTable.EMPTY;
        Map<Integer, Integer> marks = new HashMap<>();
        List<Snapshot> snapshots = new ArrayList<>();
        for (int step = 1; step <= 6 * NAMES; step++) {
            boolean filling = step <= 3 * NAMES;
            int number = random.nextInt(NAMES);
            if (random.nextInt(10) < (filling ? 8 : 2)) {
                table = table.with(NameNode.ofName(name(number)).withBelow(step));
                marks.put(number, step);
            } else {
                NameTable smaller = table.without(name(number));
                if (marks.remove(number) == null) {
                    assertThat(smaller).as("seed=%d nothing to remove", seed).isSameAs(table);
                }
                table = smaller;
            }
            if (step % 6_000 == 0) {
                snapshots.add(new Snapshot(table, Map.copyOf(marks)));
            }
        }
        for (int number = 0; number < NAMES; number++) {
            table = table.without(name(number));
        }
        snapshots.add(new Snapshot(table, Map.of()));
        snapshots.forEach(this::check);
    }

    private void check(Snapshot snapshot) {
        for (int number = 0; number < NAMES; number++) {
            byte[] name = name(number);
            NameNode found = snapshot.table.find(name, name.length);
            Integer mark = snapshot.marks.get(number);
            if (mark == null ? found != NameNode.ABSENT : found.below() != mark) {
                throw new AssertionError(
                        "seed=" + seed + ": name " + number + " is " + found.below() + ", not " + mark);
            }
        }
    }

    @Test
    void aNameOfWhichOnlyTheBeginningIsThereIsAnother() {
        byte[] name = name(1);
        NameTable table = NameTable.EMPTY.with(NameNode.ofName(name).withBelow(1));
        assertThat(table.find(name, name.length).below()).isEqualTo(1);
        assertThat(table.find(name, name.length - 1)).isSameAs(NameNode.ABSENT);
    }

    @Test
    void namesThatBelongInOnePlaceAreAllFound() {
        // The first bits of the hash choose a bucket, the last ones a place in it: these fight for the same one.
        List<byte[]> crowd = new ArrayList<>();
        for (int i = 0; crowd.size() < 100; i++) {
            byte[] name = name(i);
            if ((NameTable.hash(name, name.length) & 0xfe00001f) == 0) {
                crowd.add(name);
            }
        }
        NameTable table = NameTable.EMPTY;
        for (int i = 0; i < crowd.size(); i++) {
            table = table.with(NameNode.ofName(crowd.get(i)).withBelow(i + 1));
        }
        for (int i = 0; i < crowd.size(); i++) {
            assertThat(table.find(crowd.get(i), crowd.get(i).length).below()).isEqualTo(i + 1);
            table = table.without(crowd.get(i));
            assertThat(table.find(crowd.get(i), crowd.get(i).length)).isSameAs(NameNode.ABSENT);
        }
    }

    private static byte[] name(int number) {
        return WireName.of(Fqdn.parse("n" + number + ".weave.local"));
    }
}
