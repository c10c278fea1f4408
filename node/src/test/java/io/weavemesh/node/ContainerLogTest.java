package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.node.ContainerLog.Line;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerLogTest {

    private static final String NOON = "2026-01-02T12:00:0";

    @Test
    void aLineHasDockersTimeAndTheRestAsItWas() {
        assertThat(Line.parse("dns", NOON + "1.000000001Z 12:00:01 INFO  ready"))
                .satisfies(line -> {
                    assertThat(line.time()).isEqualTo(NOON + "1.000000001Z");
                    assertThat(line.shown()).isEqualTo("dns    | 12:00:01 INFO  ready");
                });
        assertThat(Line.parse("dns", NOON + "1.000000001Z ").shown()).isEqualTo("dns    | ");
    }

    @Test
    void whatDockerItselfSaysHasNoTime() {
        assertThat(Line.parse("plugin", "Error: No such container: weave-plugin"))
                .isEqualTo(new Line("", "plugin", "Error: No such container: weave-plugin"));
        assertThat(Line.parse("plugin", "")).isEqualTo(new Line("", "plugin", ""));
    }

    @Test
    void theOldestLineOfAllComesNext() {
        assertThat(merged(List.of(
                        List.of(line("router", 1, "a"), line("router", 4, "d")),
                        List.of(),
                        List.of(line("plugin", 2, "b"), line("plugin", 3, "c"), line("plugin", 9, "e")))))
                .containsExactly("router | a", "plugin | b", "plugin | c", "router | d", "plugin | e");
    }

    @Test
    void linesOfOneTimeStayTogether() {
        assertThat(merged(List.of(
                        List.of(line("router", 1, "failure"), line("router", 1, "  at its place")),
                        List.of(line("ipam", 1, "x")))))
                .containsExactly("router | failure", "router |   at its place", "ipam   | x");
    }

    private static Line line(String service, int second, String text) {
        return new Line(NOON + second + ".000000000Z", service, text);
    }

    private static List<String> merged(List<List<Line>> logs) {
        List<String> shown = new ArrayList<>();
        List<Iterator<Line>> iterators = logs.stream().map(List::iterator).toList();
        ContainerLog.merge(iterators, line -> shown.add(line.shown()));
        return shown;
    }
}
