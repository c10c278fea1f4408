package io.weavemesh.bench;

import static io.weavemesh.bench.Examples.KEPT;
import static io.weavemesh.bench.Examples.MISSED;
import static io.weavemesh.bench.Examples.UNPROMISED;
import static io.weavemesh.bench.Examples.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

    @TempDir
    Path directory;

    @Test
    void whatIsMeasuredAnewReplacesItsPartAndNothingElse() {
        Results before = Examples.results();
        Measured anew = part(Part.LOAD, "2026-11-27T08:00:00Z", 3, UNPROMISED);
        Results after = before.with(anew);
        assertThat(after.parts()).containsExactly(anew, before.parts().getLast());
        assertThat(after.newest()).isEqualTo(anew);
    }

    @Test
    void partsAreInTheOrderOfTheTableWhateverWasMeasuredFirst() {
        Results results = new Results(List.of())
                .with(part(Part.START, "2026-11-26T10:00:00Z", 0, KEPT))
                .with(part(Part.ADDRESSES, "2026-11-26T11:00:00Z", 0, MISSED));
        assertThat(results.parts()).extracting(Measured::part).containsExactly(Part.ADDRESSES, Part.START);
    }

    @Test
    void ofTwoMeasurementsOfOnePartTheLaterCounts() {
        Measured early = part(Part.LOAD, "2026-11-25T10:00:00Z", 0, KEPT);
        Measured late = part(Part.LOAD, "2026-11-26T10:00:00Z", 0, MISSED);
        assertThat(new Results(List.of(late, early)).parts()).containsExactly(late);
        assertThat(new Results(List.of(early, late)).parts()).containsExactly(late);
    }

    @Test
    void theFileHasAllOfIt() throws IOException {
        Path file = directory.resolve("bench.json");
        Files.writeString(file, ResultsJson.write(Examples.results()));
        assertThat(Results.of(file)).isEqualTo(Examples.results());
        assertThat(Files.readString(file))
                .contains(
                        "\"kept\" : true",
                        "\"kept\" : false",
                        "\"ratio\" : 1.1",
                        "\"measured\" : \"2026-11-20T10:00:00Z\"");
    }

    @Test
    void aPartThatThereIsNoMoreIsLeftOut() throws IOException {
        String text = ResultsJson.write(Examples.results()).replace("\"endpoints\"", "\"of-old\"");
        assertThat(ResultsJson.read(text).parts()).extracting(Measured::part).containsExactly(Part.LOAD);
    }

    @Test
    void noFileIsNoResults() throws IOException {
        assertThat(Results.of(directory.resolve("none")).parts()).isEmpty();
    }

    @Test
    void aFileOfSomethingElseIsNamed() throws IOException {
        Path file = directory.resolve("bench.json");
        for (String text : List.of("{\"figures\": []}", "no json", "{\"parts\": [{\"part\": \"load\"}]}", "")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> Results.of(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("remove it to begin anew");
        }
    }

    @Test
    void aPartWithAnUnknownNameIsRefusedWithThoseThereAre() {
        assertThatThrownBy(() -> Part.of("laod")).hasMessageContaining("'laod'").hasMessageContaining("docker-run");
    }
}
