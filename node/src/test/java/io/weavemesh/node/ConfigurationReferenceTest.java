package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code docs/configuration.md} is what the definitions of a launch's options, {@code docker-compose.yml} and the sources say;
 * {@code -Dwrite=true} writes it anew.
 */
class ConfigurationReferenceTest {

    private static final Path ROOT = Path.of("..");
    private static final Path FILE = ROOT.resolve("docs/configuration.md");
    private static final Pattern DEFAULT = Pattern.compile("^(.*?)\\s*Default: (.*?)\\.?$");
    private static final Pattern VALUE = Pattern.compile("\\$\\{env:[A-Z_]+:-(.*)}|([^$].*)");
    private static final Pattern IN_COMPOSE = Pattern.compile("^  ((?:WEAVE|DOCKER)_[A-Z_]+):", Pattern.MULTILINE);
    private static final Pattern IN_ENV = Pattern.compile("^#?(WEAVE_[A-Z_]+)=", Pattern.MULTILINE);
    private static final Pattern IN_JAVA = Pattern.compile("\"((?:WEAVE|DOCKER)_[A-Z_]+)\"");

    /** Those of a launch that say how it is done and not what the peer is like. */
    private static final Set<String> OF_THE_COMMAND =
            Set.of("--help", "--resume", "--no-restart", "--quiet", "--foreground");

    /** What parts of ours tell each other. */
    private static final Set<String> INTERNAL =
            Set.of("WEAVE_SCRIPT", "WEAVE_RESTARTS", "WEAVE_SUPERVISOR", "WEAVE_UNIT", "WEAVE_PROC_SYS_NET");

    /** Variables that stand for no option, and what they say. */
    private static final Map<String, String> OTHERS = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "WEAVE_PEERS",
                    "The other hosts, with spaces or commas between them, when none are given as arguments."),
            Map.entry("WEAVE_STATE", "Where state is kept that must survive a reboot. Default: `/var/lib/weave`."),
            Map.entry("WEAVE_RUN", "Where sockets and process ids are. Default: `/run/weave`."),
            Map.entry("WEAVE_DOCKER_SOCKET", "Docker's API, for all commands. Default: that of `DOCKER_HOST`."),
            Map.entry(
                    "DOCKER_HOST", "As for `docker`, if it is a Unix socket. Default: `unix:///var/run/docker.sock`."),
            Map.entry("DOCKER_BRIDGE", "Docker's default bridge, where names are served. Default: `docker0`."),
            Map.entry("DOCKER_BRIDGE_IP", "What `weave docker-bridge-ip` answers with, whatever the bridge has."),
            Map.entry(
                    "WEAVE_HOST_ROOT",
                    "Where a container sees the host's `/etc`, so that resolv.conf is followed. Default: unset."),
            Map.entry("WEAVE_PASSWORD", "Refused: traffic between peers cannot be encrypted yet.")));

    /** With Compose: which services take which option. */
    private static final Map<String, List<String>> WITHOUT_VARIABLE = new TreeMap<>(Map.of(
            "all four",
            List.of("--conn-limit", "--no-discovery"),
            "dns",
            List.of("--dns-fallback-timeout", "--dns-local-first", "--dns-ttl", "--no-dns", "--resolv-conf"),
            "plugin",
            List.of("--docker-socket", "--no-docker-api", "--plugin-dir", "--plugin-scope")));

    private final String compose = read("docker-compose.yml");
    private final List<OptionSpec> options = new CommandLine(new LaunchCommand())
            .getCommandSpec().options().stream()
                    .filter(option -> !option.hidden() && !OF_THE_COMMAND.contains(option.longestName()))
                    .toList();

    @Test
    void thePageIsWhatTheDefinitionsSay() throws IOException {
        String page = page();
        if (Boolean.getBoolean("write")) {
            Files.writeString(FILE, page);
        }
        assertThat(Files.readString(FILE))
                .as("write it anew with: mvn -pl node -am test -Dtest=ConfigurationReferenceTest -Dwrite=true"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(page);
    }

    @Test
    void whatAnOptionSaysItsDefaultIsItHas() {
        for (OptionSpec option : options) {
            Matcher value = VALUE.matcher(CommandReferenceTest.definedDefault(option));
            if (value.matches()) {
                String defined = value.group(1) == null ? value.group(2) : value.group(1);
                assertThat(defined.replaceAll("\\.$", ""))
                        .as(option.longestName())
                        .isEqualTo(defaultOf(option));
            }
        }
    }

    @Test
    void everyOptionWithoutAVariableHasItsServices() {
        assertThat(options.stream()
                        .filter(option ->
                                CommandReferenceTest.environment(option).isEmpty())
                        .map(OptionSpec::longestName))
                .containsExactlyInAnyOrderElementsOf(
                        WITHOUT_VARIABLE.values().stream().flatMap(List::stream).toList());
    }

    @Test
    void composeKnowsEveryVariableAndNoOther() {
        Set<String> known = options.stream()
                .map(CommandReferenceTest::environment)
                .filter(name -> !name.isEmpty())
                .map(name -> name.replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        known.add("WEAVE_PEERS");
        assertThat(found(IN_COMPOSE, compose)).isEqualTo(known);
        assertThat(found(IN_ENV, read(".env.example"))).isSubsetOf(union(known, Set.of("WEAVE_STATE")));
    }

    @Test
    void everyVariableThatIsReadIsOnThePage() throws IOException {
        Set<String> read = new TreeSet<>();
        for (String module :
                List.of("node", "router-service", "ipam-service", "dns-service", "plugin-service", "libs")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                for (Path file :
                        files.filter(ConfigurationReferenceTest::isShipped).toList()) {
                    read.addAll(found(IN_JAVA, Files.readString(file)));
                }
            }
        }
        // Nobody who reads them would be left if the search stopped finding anything.
        assertThat(read).containsAll(OTHERS.keySet()).containsAll(INTERNAL);
        read.removeAll(INTERNAL);
        String page = page();
        assertThat(read).allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    private static boolean isShipped(Path file) {
        String path = file.toString();
        return path.contains("/src/main/") && path.endsWith(".java");
    }

    private String page() {
        return """
                # Configuration

                Written from the options' definitions by `ConfigurationReferenceTest`. Nothing has to be configured: a peer without any option
                works, if its hosts agree on that. What must be the same on every host is said below; a peer that differs in it is refused
                and named by both sides (`weave status connections`).

                ## Where to set it

                | started by | peers | an option | a variable |
                |---|---|---|---|
                | `weave launch` | arguments, or `WEAVE_PEERS` | on the command line | in the environment |
                | systemd, by `weave setup --systemd` | its arguments | its arguments after `--` | a drop-in: `systemctl edit weave` |
                | systemd, by the Debian package | `WEAVE_PEERS` in `/etc/default/weave` | `WEAVE_LAUNCH` in that file | in that file |
                | `docker compose up -d` | `WEAVE_PEERS` in `.env` | `command: [dns, --dns-ttl, "5"]` in a file of your own | in `.env` |

                An option wins over its variable. With Compose, one that no variable stands for is given to the services it is about:
                @WITHOUT_VARIABLE@.

                A change takes effect at the next start: `weave stop` and `weave launch`, `systemctl restart weave`, or
                `docker compose up -d`. Containers stay connected meanwhile.

                ## The peer

                """.replace("@WITHOUT_VARIABLE@", withoutVariable())
                + "| option | what it is | default | environment | `.env` of Compose |\n|---|---|---|---|---|\n"
                + options.stream().map(this::row).collect(Collectors.joining())
                + """

                ## Variables without an option

                | variable | what it says | `.env` of Compose |
                |---|---|---|
                """
                + OTHERS.entrySet().stream()
                        .map(entry -> "| `" + entry.getKey() + "` | " + entry.getValue() + " | "
                                + inCompose(entry.getKey()) + " |\n")
                        .collect(Collectors.joining())
                + """

                `WEAVE_HTTP_ADDR`, `WEAVE_STATUS_ADDR`, `WEAVE_STATE` and `WEAVE_RUN` tell commands, too, where the peer is: set them for
                both. Compose also takes `WEAVE_IMAGE`, the image to run; the script `weave` takes `JAVA_HOME`, `WEAVE_DEBUG` (shows
                what it does), and `WEAVE_RECORD=no` (does not record a start for faster ones). All other commands and their options:
                [commands.md](commands.md).
                """;
    }

    private static String withoutVariable() {
        return WITHOUT_VARIABLE.entrySet().stream()
                .map(entry ->
                        entry.getValue().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "))
                                + " to " + entry.getKey())
                .collect(Collectors.joining(";\n"));
    }

    private String row(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        String environment = CommandReferenceTest.environment(option);
        return "| `" + option.longestName() + value + "` | "
                + CommandReferenceTest.cell(parts(option).group(1)) + " | "
                + shown(defaultOf(option)) + " | " + environment + " | "
                + inCompose(environment.replace("`", "")) + " |\n";
    }

    private String inCompose(String variable) {
        boolean taken = Pattern.compile("(?m)^  " + variable + ":$|\\$\\{" + variable + "[:}]")
                .matcher(compose)
                .find();
        return !variable.isEmpty() && taken ? "yes" : "";
    }

    private static String shown(String text) {
        return text.contains(" ") || text.equals("off") ? text : "`" + text + "`";
    }

    private static String defaultOf(OptionSpec option) {
        MatchResult parts = parts(option);
        return parts.groupCount() > 1 ? parts.group(2) : "off";
    }

    /** What it is, and the default if it names one. */
    private static MatchResult parts(OptionSpec option) {
        String text = String.join(" ", option.description()).replace("%n", " ").strip();
        Matcher parts = DEFAULT.matcher(text);
        if (parts.matches()) {
            return parts.toMatchResult();
        }
        assertThat(option.arity().max())
                .as(option.longestName() + " has a value and names no default")
                .isZero();
        Matcher whole = Pattern.compile("^(.*)$").matcher(text);
        assertThat(whole.matches()).isTrue();
        return whole.toMatchResult();
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        return Stream.concat(one.stream(), other.stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read " + file, e);
        }
    }
}
