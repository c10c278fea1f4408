package io.weavemesh.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {

    private static final String README =
            "# before\n\n" + Publication.BEGIN + "\nwhat was there\n" + Publication.END + "\n\nafter\n";

    @TempDir
    Path root;

    @Test
    void theTableIsBetweenTheMarkersAndNothingElseChanges() throws IOException {
        String page = Publication.page(README, Examples.results());
        assertThat(page)
                .startsWith("# before\n\n" + Publication.BEGIN + "\n\n2026-11-26 12:30 UTC, Some CPU")
                .endsWith(Publication.END + "\n\nafter\n")
                .contains("| answers |", "(docs/figures.svg)", "(docs/figures.txt)")
                .doesNotContain("what was there");
        assertThat(Publication.page(page, Examples.results())).isEqualTo(page);
    }

    @Test
    void allFiguresAndTheDrawingAreInDocs() throws IOException {
        Files.createDirectory(root.resolve("docs"));
        Files.writeString(root.resolve("README.md"), README);
        Publication.in(root, Examples.results());
        assertThat(root.resolve("docs/figures.svg")).content().isEqualTo(BarChart.of(Examples.results()));
        assertThat(root.resolve("docs/figures.txt")).content().contains("one write and sync");
        assertThat(root.resolve("README.md")).content().contains("| answers |");
    }

    @Test
    void figuresOfABusyMachineAreRefused() {
        Results busy = Examples.results().with(Examples.part(Part.PEERS, "2026-11-26T13:00:00Z", 4, Examples.KEPT));
        assertThatThrownBy(() -> Publication.page(README, busy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("busy before 'peers'")
                .hasMessageContaining("4.00 (expected at most 0.5)");
    }

    @Test
    void noResultsAndNoPlaceAreNamed() {
        assertThatThrownBy(() -> Publication.page(README, new Results(List.of())))
                .hasMessageContaining("run bench/run first");
        assertThatThrownBy(() -> Publication.page("# x\n", Examples.results())).hasMessageContaining(Publication.END);
    }

    @Test
    void theReadmeOfThisTreeHasAPlace() throws IOException {
        assertThat(Publication.page(Files.readString(Path.of("../README.md")), Examples.results()))
                .contains("| answers |");
    }
}
