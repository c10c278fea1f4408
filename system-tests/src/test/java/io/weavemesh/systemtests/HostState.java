package io.weavemesh.systemtests;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What is on a host at one moment, as Docker, its peer, the kernel and its name server each say. Not what should be.
 *
 * @param containers Docker's, by name, in whatever state
 * @param given addresses with prefix length that the peer has given for endpoints, with the endpoint's identifier
 * @param shown addresses in {@code weave ps}, with the first 12 characters of the container's identifier
 * @param interfaces the host ends of our veth pairs
 * @param names all that the peer knows, of all hosts
 * @param answers to a question for each of the names asked for
 */
record HostState(
        String host,
        Map<String, Container> containers,
        Set<Held> given,
        Set<Held> shown,
        Set<String> interfaces,
        Set<Name> names,
        Map<String, Answer> answers) {

    private static final Pattern GIVEN = Pattern.compile("\"containerid\":\"([^\"]*)\",\"addrs\":\\[([^\\]]*)\\]");
    private static final Pattern NAME = Pattern.compile(
            "\"ContainerID\":\"([^\"]*)\",\"Origin\":\"[^\"]*\",\"Addr\":\"([^\"]*)\",\"Hostname\":\"([^\"]*)\"");
    private static final Pattern STATUS = Pattern.compile("status: ([A-Z]+)");
    private static final Pattern QUESTION = Pattern.compile("^;([^;. ]+)\\.weave\\.local\\.\\s");

    /** Begins a part of what the host prints. */
    private static final String PART = "@";

    private static final String LOOK = "set -e; page() { curl -sf --max-time 5 http://127.0.0.1:6784/$1; echo; };"
            + " echo @containers; ids=$(docker ps -aq); [ -z \"$ids\" ] || docker inspect -f '{{slice .Name 1}} {{.Id}}"
            + " {{.State.Status}} {{.State.Pid}} {{.HostConfig.RestartPolicy.Name}}"
            + "{{range .NetworkSettings.Networks}} {{.EndpointID}}={{.IPAddress}}/{{.IPPrefixLen}}{{end}}' $ids;"
            + " echo @given; page ip; echo @shown; page ps; echo @names; page name;"
            + " echo @interfaces; ip -o link show type veth | grep -o 'vethwl[^@:]*' || true;"
            + " echo @answers; ";

    HostState {
        containers = Map.copyOf(containers);
        given = Set.copyOf(given);
        shown = Set.copyOf(shown);
        interfaces = Set.copyOf(interfaces);
        names = Set.copyOf(names);
        answers = Map.copyOf(answers);
    }

    /**
     * A container of Docker's.
     *
     * @param process of the container, as the host numbers it; 0 without one
     * @param kept by Docker: {@code --restart always}
     * @param attached its endpoints with their addresses; empty unless it runs
     */
    record Container(String name, String id, String status, String process, boolean kept, List<Held> attached) {

        Container {
            attached = List.copyOf(attached);
        }

        boolean runs() {
            return status.equals("running");
        }

        /** Without prefix length. */
        List<String> addresses() {
            return attached.stream().map(Held::plain).toList();
        }
    }

    /** An address, with prefix length, and who has it. */
    record Held(String holder, String address) {

        String plain() {
            return address.substring(0, address.indexOf('/'));
        }
    }

    /** A name a peer knows. */
    record Name(String name, String container, String address) {}

    /** What the name server said. */
    record Answer(String status, Set<String> addresses) {
        Answer {
            addresses = Set.copyOf(addresses);
        }

        private Answer with(String address) {
            Set<String> more = new HashSet<>(addresses);
            more.add(address);
            return new Answer(status, more);
        }
    }

    /** Looks at a host; the names asked for are without the domain. Fails if anything does not answer. */
    static HostState of(Lab lab, String host, String nameServer, List<String> asked) {
        String questions = "printf '%s.weave.local\\n' " + String.join(" ", asked) + " | dig @" + nameServer
                + " +noall +comments +question +answer +tries=1 +time=2 -f -";
        Map<String, List<String>> parts = new HashMap<>();
        List<String> part = new ArrayList<>();
        for (String line : lab.on(host, LOOK + questions).ok().lines()) {
            if (line.startsWith(PART)) {
                part = new ArrayList<>();
                parts.put(line.substring(1), part);
            } else if (!line.isBlank()) {
                part.add(line);
            }
        }
        return new HostState(
                host,
                containers(part(parts, "containers")),
                given(String.join("", part(parts, "given"))),
                shown(part(parts, "shown")),
                new TreeSet<>(part(parts, "interfaces")),
                names(String.join("", part(parts, "names"))),
                answers(part(parts, "answers")));
    }

    private static List<String> part(Map<String, List<String>> parts, String name) {
        return Objects.requireNonNull(parts.get(name), name);
    }

    List<Container> running() {
        return containers.values().stream().filter(Container::runs).toList();
    }

    Optional<Container> running(String name) {
        return Optional.ofNullable(containers.get(name)).filter(Container::runs);
    }

    private static Map<String, Container> containers(List<String> lines) {
        Map<String, Container> all = new TreeMap<>();
        for (String line : lines) {
            List<String> words = List.of(line.split(" ", -1));
            List<Held> attached = words.subList(5, words.size()).stream()
                    .filter(word -> !word.startsWith("="))
                    .map(word -> new Held(word.split("=", -1)[0], word.split("=", -1)[1]))
                    .toList();
            all.put(
                    words.getFirst(),
                    new Container(
                            words.getFirst(),
                            words.get(1),
                            words.get(2),
                            words.get(3),
                            words.get(4).equals("always"),
                            attached));
        }
        return all;
    }

    private static Set<Held> given(String json) {
        Set<Held> all = new HashSet<>();
        for (MatchResult owner : GIVEN.matcher(json).results().toList()) {
            if (!owner.group(1).startsWith("network")) { // What a network reserves is nobody's leak.
                for (String address : owner.group(2).replace("\"", "").split(",", -1)) {
                    all.add(new Held(owner.group(1), address));
                }
            }
        }
        return all;
    }

    private static Set<Held> shown(List<String> lines) {
        Set<Held> all = new HashSet<>();
        for (String line : lines) {
            List<String> words = List.of(line.split(" ", -1));
            if (!words.getFirst().equals("weave:expose")) {
                words.stream().skip(2).forEach(address -> all.add(new Held(words.getFirst(), address)));
            }
        }
        return all;
    }

    private static Set<Name> names(String json) {
        Set<Name> all = new HashSet<>();
        NAME.matcher(json)
                .results()
                .forEach(row ->
                        all.add(new Name(row.group(3).replace(".weave.local.", ""), row.group(1), row.group(2))));
        return all;
    }

    /** dig(1) prints the status, the question, and then the answer to it. */
    private static Map<String, Answer> answers(List<String> lines) {
        Map<String, Answer> all = new TreeMap<>();
        String status = "";
        String name = "";
        for (String line : lines) {
            Optional<String> said = first(STATUS, line);
            Optional<String> asked = first(QUESTION, line);
            if (said.isPresent()) {
                status = said.get();
            } else if (asked.isPresent()) {
                name = asked.get();
                all.put(name, new Answer(status, Set.of()));
            } else if (!line.startsWith(";")) {
                all.computeIfPresent(name, (_, answer) -> answer.with(line.replaceAll(".*\\s", "")));
            }
        }
        return all;
    }

    private static Optional<String> first(Pattern pattern, String line) {
        return pattern.matcher(line).results().findFirst().map(result -> result.group(1));
    }
}
