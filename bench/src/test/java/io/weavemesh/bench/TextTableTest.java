package io.weavemesh.bench;

import static io.weavemesh.bench.Examples.KEPT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void eachRowHasMedianSpreadPeerRatioLimitAndWhetherItIsKept() {
        List<String> lines = TextTable.plain(Examples.results()).lines().toList();
        assertThat(row(lines, "an <endpoint>"))
                .containsExactly("an <endpoint> & its table", "1.40", "ms", "1.20 .. 1.90", "<= 2.00", "kept");
        assertThat(row(lines, "answers"))
                .containsExactly(
                        "answers",
                        "30,000",
                        "1/s",
                        "24,000 .. 44,000",
                        "dnsmasq",
                        "30,000",
                        "1.10",
                        "1.00 .. 1.20",
                        ">= 1.50",
                        "MISSED");
        assertThat(row(lines, "one write")).containsExactly("one write and sync", "0.70", "ms", "0.70 .. 0.70");
    }

    private static List<String> row(List<String> lines, String begin) {
        String row = lines.stream()
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .orElseThrow();
        return List.of(row.strip().split(" {2,}| (?=1/s|ms)|(?<=1/s|ms) +|(?<=1\\.10) +|(?<=dnsmasq) +"));
    }

    @Test
    void theHeadSaysWhenAndWhereAndEachPartItsOwnDateAndLoad() {
        String table = TextTable.plain(Examples.results());
        assertThat(table)
                .startsWith("date:     2026-11-26 12:30 UTC\nmachine:  Some CPU, 2 cores")
                .contains("versions: weavemesh 1, Java 25\n")
                .contains("== load (2026-11-26 12:30 UTC, load average 0.13 before, 1.75 after)\n")
                .contains("== endpoints (2026-11-20 10:00 UTC, load average 0.25 before, 1.75 after)\n");
    }

    @Test
    void aPartOfAnotherMachineSaysSo() {
        Surroundings there = new Surroundings("Other CPU", "weavemesh 0");
        Results results = Examples.results()
                .with(new Measured(Part.PEERS, Instant.parse("2026-11-01T00:00:00Z"), 0, 0, there, List.of(KEPT)));
        assertThat(TextTable.plain(results)).contains("0.00 after; on Other CPU; weavemesh 0)");
        assertThat(TextTable.markdown(results)).contains("0.00 after; on Other CPU; weavemesh 0)");
    }

    @Test
    void markdownHasWhatIsPromisedInRowsOfEqualLength() {
        String markdown = TextTable.markdown(Examples.results());
        assertThat(markdown)
                .startsWith("2026-11-26 12:30 UTC, Some CPU")
                .contains("| an &lt;endpoint&gt; & its table | 1.40 ms | 1.20 .. 1.90 |  |  | &lt;= 2.00 | kept |")
                .contains(
                        "| answers | 30,000 1/s | 24,000 .. 44,000 | dnsmasq 30,000 | 1.10 | &gt;= 1.50 | **missed** |")
                .doesNotContain("one write");
        assertThat(markdown.lines().filter(line -> line.startsWith("|")))
                .hasSize(6)
                .allMatch(line -> line.chars().filter(c -> c == '|').count() == 8);
    }
}
