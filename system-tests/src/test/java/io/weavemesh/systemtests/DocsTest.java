package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.node.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What can be said of the documentation's commands without running any: each is run or says why not, and each exists. */
class DocsTest {

    /** Commands of the script {@code weave} that the JVM never sees. */
    private static final List<String> OF_THE_SCRIPT = List.of("build", "dist");

    private static final List<DocPage> PAGES = DocPage.all(Lab.repository());

    @Test
    void everyBlockIsRunOrSaysWhyNot() {
        assertThat(PAGES).hasSizeGreaterThan(10);
        assertThat(PAGES).flatExtracting(DocPage::problems).isEmpty();
    }

    @Test
    void mostBlocksAreRun() {
        List<DocBlock> blocks = PAGES.stream()
                .flatMap(page -> page.blocks().stream())
                .filter(block -> block.hasCommands() && !block.language().equals(DocBlock.GIVEN))
                .toList();
        List<String> left = blocks.stream()
                .filter(block -> block.notRun().isPresent())
                .map(block -> block.where() + " " + block.notRun().get())
                .toList();
        System.out.println("blocks of commands: " + blocks.size() + ", not run: " + left.size());
        assertThat(left.size()).as("not run: %s", left).isLessThan(blocks.size() / 3);
    }

    @Test
    void everyWeaveCommandOfABlockHasTheArgumentsItIsGiven() {
        List<String> wrong = new ArrayList<>();
        for (DocPage page : PAGES) {
            for (DocBlock block : page.blocks()) {
                for (String line : block.commandLines()) {
                    refusal(line).ifPresent(why -> wrong.add(block.where() + ": " + line + ": " + why));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** Placeholders in capitals are as good as values; what is left out may be known from the text around it. */
    @Test
    void everyWeaveCommandInTheTextExists() {
        List<String> wrong = new ArrayList<>();
        List<DocPage.Span> spans = PAGES.stream()
                .flatMap(page -> page.spans().stream())
                .filter(span -> span.text().startsWith("weave ") || span.text().startsWith("./weave "))
                .toList();
        for (DocPage.Span span : spans) {
            refusal(span.text().replaceAll("[\\[\\]…]", "").replace("\\|", " "))
                    .filter(why -> !why.startsWith("Missing required"))
                    .ifPresent(why -> wrong.add(span.where() + ": " + span.text() + ": " + why));
        }
        assertThat(spans).hasSizeGreaterThan(50);
        assertThat(wrong).isEmpty();
    }

    @Test
    void aWrongCommandIsFound() {
        assertThat(refusal("weave status conections --jsno")).isPresent();
        assertThat(refusal("curl x | sudo weave lunch")).isPresent();
        assertThat(refusal("docker run --ip $(weave dns-agrs) busybox")).isPresent();
        assertThat(refusal("weave launch --mtu wide")).isPresent();
        assertThat(refusal("weave status connections --json >file; docker run weave"))
                .isEmpty();
    }

    @Test
    void aBlockThatNobodyCouldRunIsFound() {
        assertThat(problems("```", "weave status", "```"))
                .singleElement()
                .asString()
                .contains("its language is ''");
        assertThat(problems("```bash", "weave status", "```"))
                .singleElement()
                .asString()
                .contains("'bash'");
        assertThat(problems("```text", "weave status", "```"))
                .singleElement()
                .asString()
                .contains("is a command");
        assertThat(problems("```console", "# weave status", "```"))
                .singleElement()
                .asString()
                .contains("no prompt");
        assertThat(problems("```console", "host3# weave status", "```"))
                .singleElement()
                .asString()
                .contains("no host3");
        assertThat(problems("", "    weave status")).singleElement().asString().contains("only indented");
        assertThat(problems("<!-- not run -->", "```sh", "weave status", "```"))
                .singleElement()
                .asString()
                .contains("expected");
        assertThat(problems("```sh", "weave status")).singleElement().asString().contains("does not end");
        assertThat(problems("<!-- not run: no third host -->", "```console", "host3# weave status", "```"))
                .isEmpty();
    }

    @Test
    void stepsAreThoseOfThePageInItsOrder() {
        DocPage page = DocPage.parse(
                "page.md",
                List.of(
                        "<!-- given:",
                        "host2# true",
                        "-->",
                        "text `weave ps`",
                        "",
                        "<!-- on: host2 -->",
                        "```sh",
                        "a",
                        "b",
                        "```",
                        "<!-- file: f -->",
                        "```yaml",
                        "x: 1",
                        "```",
                        "```console",
                        "host1# weave ps",
                        "```"));
        assertThat(page.problems()).isEmpty();
        assertThat(page.blocks().stream().flatMap(block -> block.steps(List.of("host1", "host2")).stream()))
                .containsExactly(
                        new DocBlock.Step("page.md:2", "host2", "true"),
                        new DocBlock.Step("page.md:7", "host2", "a\nb"),
                        new DocBlock.Step("page.md:12", "host1", "cat >f <<'END'\nx: 1\nEND"),
                        new DocBlock.Step("page.md:12", "host2", "cat >f <<'END'\nx: 1\nEND"),
                        new DocBlock.Step("page.md:16", "host1", "weave ps"));
        assertThat(page.spans()).containsExactly(new DocPage.Span("page.md:4", "weave ps"));
    }

    @Test
    void aLineOfShellIsTakenApart() {
        assertThat(ShellWords.commands("weave stop && tar c '/a b' 2>/dev/null | x \"y z\" >f # so"))
                .containsExactly(List.of("weave", "stop"), List.of("tar", "c", "/a b"), List.of("x", "y z"));
        assertThat(ShellWords.commands("dig @$(weave docker-bridge-ip) n"))
                .containsExactly(List.of("weave", "docker-bridge-ip"), List.of("dig", "@192.0.2.1", "n"));
        assertThatThrownBy(() -> ShellWords.commands("weave 'status")).hasMessageContaining("not closed");
    }

    private static List<String> problems(String... lines) {
        return DocPage.parse("page.md", List.of(lines)).problems();
    }

    /** Why one of its commands would be refused before anything is done. */
    private static java.util.Optional<String> refusal(String line) {
        return ShellWords.commands(line).stream()
                .map(DocsTest::arguments)
                .filter(arguments -> !arguments.isEmpty())
                .flatMap(DocsTest::refusal)
                .findFirst();
    }

    /** Of a weave command; nothing of another one. */
    private static List<String> arguments(List<String> words) {
        List<String> command = words.getFirst().equals("sudo") ? words.subList(1, words.size()) : words;
        boolean ours = !command.isEmpty()
                && (command.getFirst().equals("weave") || command.getFirst().endsWith("/weave"));
        return ours ? command.subList(1, command.size()) : List.of();
    }

    private static Stream<String> refusal(List<String> arguments) {
        if (OF_THE_SCRIPT.contains(arguments.getFirst())) {
            return script().contains("\"$command\" = " + arguments.getFirst())
                    ? Stream.empty()
                    : Stream.of("the script does not know it");
        }
        try {
            CommandLine.ParseResult result = Main.definitions().parseArgs(arguments.toArray(String[]::new));
            boolean startsOne = arguments.getFirst().startsWith("-") || result.hasSubcommand();
            return startsOne ? Stream.empty() : Stream.of("no such command");
        } catch (CommandLine.ParameterException e) {
            return Arrays.stream(String.valueOf(e.getMessage()).split("\n")).limit(1);
        }
    }

    private static String script() {
        try {
            return Files.readString(Lab.repository().resolve("weave"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read the script weave", e);
        }
    }
}
