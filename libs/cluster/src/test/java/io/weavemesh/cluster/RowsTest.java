package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows against a {@code HashMap}. A failing seed is replayed with {@code -Dseed=N}. */
class RowsTest {

    private static final int SEEDS = 50;
    private static final int STEPS = 2_000;

    @Test
    void rowsAreFoundReplacedAndRemovedByTheirKeys() {
        long first = Long.getLong("seed", 1);
        long last = Long.getLong("seed", SEEDS);
        System.out.println("RowsTest: seeds " + first + " to " + last);
        for (long seed = first; seed <= last; seed++) {
            run(seed);
        }
    }

    /** As a pull does it; with one order for all sizes this takes minutes. */
    @Test
    @Timeout(30)
    void rowsReadFromOneTableAreSoonInAnother() {
        Rows<NameRow> source = new Rows<>();
        IntStream.range(0, 60_000).forEach(i -> source.put(row(i, 0)));
        Rows<NameRow> copy = new Rows<>();
        source.all().forEach(copy::put);
        assertThat(copy.size()).isEqualTo(60_000);
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        Rows<NameRow> rows = new Rows<>();
        Map<String, NameRow> model = new HashMap<>();
        int names = 1 << random.nextInt(12); // From always the same key to a table that grows and shrinks.
        for (int step = 0; step < STEPS; step++) {
            boolean growing = random.nextInt(10) < (step / 500 % 2 == 0 ? 8 : 2);
            NameRow row = row(random.nextInt(names), random.nextInt(2));
            if (growing) {
                assertThat(rows.put(row)).isEqualTo(Optional.ofNullable(model.put(row.key(), row)));
            } else {
                assertThat(rows.remove(row.key())).isEqualTo(Optional.ofNullable(model.remove(row.key())));
            }
            NameRow other = row(random.nextInt(names), 0);
            assertThat(rows.get(other.key())).isEqualTo(Optional.ofNullable(model.get(other.key())));
            assertThat(rows.size()).isEqualTo(model.size());
            if (step % 100 == 0) {
                assertThat(inPages(rows, 1 + random.nextInt(20)))
                        .as("seed %d, step %d", seed, step)
                        .containsExactlyInAnyOrderElementsOf(model.values());
            }
        }
    }

    private static List<NameRow> inPages(Rows<NameRow> rows, int limit) {
        List<NameRow> all = new ArrayList<>(rows.page(Optional.empty(), limit));
        for (List<NameRow> page = all; !page.isEmpty(); ) {
            page = rows.page(Optional.of(all.getLast().key()), limit);
            all.addAll(page);
        }
        return all;
    }

    private static NameRow row(int number, int container) {
        return new NameRow(
                Fqdn.parse("n" + number + ".weave.local"),
                IpAddress.ipv4(0x0a20_0000 + number),
                new ContainerId("c" + container),
                new EndpointId("e" + number));
    }
}
