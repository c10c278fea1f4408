package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code docs/commands.md} is what the definitions of commands and options say; {@code -Dwrite=true} writes it anew. */
class CommandReferenceTest {

    private static final Path FILE = Path.of("..", "docs", "commands.md");
    private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{env:([A-Z_]+)");
    private static final List<String> SAID_ELSEWHERE = List.of("help", "-h", "--help");

    @Test
    void thePageIsWhatTheDefinitionsSay() throws IOException {
        String page = page(new CommandLine(new WeaveCommand()).getCommandSpec());
        if (Boolean.getBoolean("write")) {
            Files.writeString(FILE, page);
        }
        assertThat(Files.readString(FILE))
                .as("write it anew with: mvn -pl node -am test -Dtest=CommandReferenceTest -Dwrite=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(page);
    }

    private static String page(CommandSpec weave) {
        return """
                # Commands and options

                Written from their definitions by `CommandReferenceTest`. `weave help COMMAND` shows the same at a terminal. Where an
                option names an environment variable, that is its default. Exit status: 0 if it was done, 1 if not, 2 if the peer of
                this host ran and does not now, 4 if there is no such peer, name or container.
                """ + commands(weave).map(CommandReferenceTest::section).collect(Collectors.joining());
    }

    /** Those for people, and theirs. */
    private static Stream<CommandSpec> commands(CommandSpec of) {
        return of.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .distinct()
                .filter(command -> !command.usageMessage().hidden() && !SAID_ELSEWHERE.contains(command.name()))
                .flatMap(command -> Stream.concat(Stream.of(command), commands(command)));
    }

    private static String section(CommandSpec command) {
        String options = command.options().stream()
                .filter(option -> !option.hidden() && !SAID_ELSEWHERE.contains(option.longestName()))
                .map(CommandReferenceTest::row)
                .collect(Collectors.joining());
        String parameters = command.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .map(parameter -> "| `" + cell(parameter.paramLabel()) + "` | " + description(parameter) + " | |\n")
                .collect(Collectors.joining());
        return "\n## " + command.qualifiedName() + "\n\n"
                + String.join(" ", command.usageMessage().description()).strip()
                + "\n"
                + ((options + parameters).isEmpty()
                        ? ""
                        : "\n| | | environment |\n|---|---|---|\n" + parameters + options);
    }

    private static String row(OptionSpec option) {
        String names = String.join(", ", option.names());
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        return "| `" + cell(names + value) + "` | " + description(option) + " | " + environment(option) + " |\n";
    }

    private static String description(ArgSpec argument) {
        return cell(String.join(" ", argument.description()).replace("%n", " ").strip());
    }

    /** As it is written, empty if it is not; what the option itself answers is the variable's value here. */
    static String definedDefault(OptionSpec option) {
        String defined = option.userObject() instanceof AnnotatedElement field
                ? field.getAnnotation(CommandLine.Option.class).defaultValue()
                : "";
        return defined.startsWith("__") ? "" : defined; // What the annotation has where nothing is written.
    }

    /** The variable that is the option's default, or nothing. */
    static String environment(OptionSpec option) {
        Matcher found = ENVIRONMENT.matcher(definedDefault(option));
        return found.find() ? "`" + found.group(1) + "`" : "";
    }

    static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
