package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {

    private static final Map<String, String> XTERM = Map.of("TERM", "xterm");

    private final FakeTerminal terminal = new FakeTerminal();
    private final Progress progress = new Progress(terminal.stream(), true);

    @Test
    void theLineIsRewrittenInPlaceAndGoneAtTheEnd() {
        progress.show(1, 4, "opening Docker's sockets");
        assertThat(terminal.screen()).containsExactly("weave: [1/4] opening Docker's sockets ...");
        progress.show("ready");
        assertThat(terminal.screen()).containsExactly("weave: ready ...");
        progress.close();
        assertThat(terminal.screen()).containsExactly("");
        progress.close();
        assertThat(terminal.screen()).containsExactly("");
    }

    @Test
    void whatStaysIsPrintedAboveTheLine() {
        progress.aside(() -> terminal.stream().println("before"));
        progress.show("first");
        progress.aside(() -> terminal.stream().println("network shop is removed"));
        progress.show("second");
        assertThat(terminal.screen()).containsExactly("before", "network shop is removed", "weave: second ...");
        progress.close();
        progress.aside(() -> terminal.stream().println("after"));
        assertThat(terminal.screen()).containsExactly("before", "network shop is removed", "after", "");
    }

    @Test
    void aLongTextAndOneOfSeveralLinesStayOneLine() {
        progress.show("waiting for " + "host-with-a-name ".repeat(30));
        assertThat(terminal.screen())
                .singleElement()
                .asString()
                .hasSize(Progress.WIDTH)
                .endsWith(" ...");
        progress.show("one\nother\033[2J");
        assertThat(terminal.screen()).containsExactly("weave: one other [2J ...");
    }

    @Test
    void elsewhereNothingIsWritten() {
        Progress silent = new Progress(terminal.stream(), false);
        List<String> said = new ArrayList<>();
        silent.show(1, 2, "this");
        silent.aside(() -> said.add("line"));
        silent.close();
        assertThat(terminal.raw()).isEmpty();
        assertThat(said).containsExactly("line");
    }

    @Test
    void aTerminalIsADeviceOfOneThatCanRewriteALine(@TempDir Path directory) throws IOException {
        assertThat(Progress.isTerminal(to(directory, "/dev/pts/3"), XTERM)).isTrue();
        assertThat(Progress.isTerminal(to(directory, "/dev/tty1"), XTERM)).isTrue();
        assertThat(Progress.isTerminal(to(directory, "/dev/null"), XTERM)).isFalse();
        assertThat(Progress.isTerminal(to(directory, "pipe:[4711]"), XTERM)).isFalse();
        assertThat(Progress.isTerminal(directory.resolve("closed"), XTERM)).isFalse();
        assertThat(Progress.isTerminal(to(directory, "/dev/pts/4"), Map.of("TERM", "dumb")))
                .isFalse();
        assertThat(Progress.isTerminal(to(directory, "/dev/pts/5"), Map.of())).isFalse();
    }

    @Test
    void aNetworkOnManyHostsSaysHowFarItIs() {
        JsonArray hosts = new JsonArray();
        List.of("done", "waiting", "failed", "waiting")
                .forEach(state -> hosts.add(new JsonObject()
                        .put("NickName", "host" + (hosts.size() + 1))
                        .put("Progress", state)));
        DefinedNetwork network = new DefinedNetwork(
                ControlClient.fromEnvironment(Map.of()),
                new JsonObject().put("Name", "shop").put("Hosts", hosts));
        assertThat(network.waiting()).isEqualTo("shop: 2 of 4 hosts are done, waiting for host2, host4");
    }

    private static Path to(Path directory, String target) throws IOException {
        return Files.createSymbolicLink(directory.resolve("fd" + target.hashCode()), Path.of(target));
    }

    /** What a user would see: it knows carriage return, line feed, and "erase to the end of the line". */
    private static final class FakeTerminal {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        PrintStream stream() {
            return stream;
        }

        String raw() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        List<String> screen() {
            List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
            int column = 0;
            String text = raw();
            for (int i = 0; i < text.length(); i++) {
                StringBuilder line = lines.getLast();
                if (text.startsWith("\033[K", i)) {
                    line.setLength(column);
                    i += 2;
                } else if (text.charAt(i) == '\r') {
                    column = 0;
                } else if (text.charAt(i) == '\n') {
                    lines.add(new StringBuilder());
                    column = 0;
                } else {
                    line.replace(column, Math.min(column + 1, line.length()), String.valueOf(text.charAt(i)));
                    column++;
                }
            }
            return lines.stream().map(StringBuilder::toString).toList();
        }
    }
}
