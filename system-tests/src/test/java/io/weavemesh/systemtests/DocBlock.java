package io.weavemesh.systemtests;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a page: what stands between two fences, or in a comment that begins with {@code given:}, which readers do not
 * see.
 *
 * @param page the page's path from the repository's root
 * @param line where it begins, from 1
 * @param language what the fence names, {@code given} for a comment
 * @param lines what is in it
 * @param marker the comment just before it, for example {@code on: host2}
 */
record DocBlock(String page, int line, String language, List<String> lines, Optional<String> marker) {

    static final String GIVEN = "given";
    static final String SCRIPT = "sh";
    static final String SESSION = "console";

    private static final List<String> NO_COMMANDS = List.of("text", "yaml");
    private static final Pattern PROMPT = Pattern.compile("(host\\d+)# (.+)");
    private static final Pattern COMMAND_LIKE =
            Pattern.compile("(sudo )?(\\./)?(weave|docker|docker-compose|host\\d+#|curl) .*");
    private static final Pattern HOST = Pattern.compile("host[12]");

    DocBlock {
        lines = List.copyOf(lines);
    }

    /**
     * Something to do when a page is tried.
     *
     * @param where page and line
     * @param host whose shell it is for
     * @param command for bash
     */
    record Step(String where, String host, String command) {}

    String where() {
        return page + ":" + line;
    }

    boolean hasCommands() {
        return language.equals(SCRIPT) || language.equals(SESSION) || language.equals(GIVEN);
    }

    /** Why it is not run, if it is not. */
    Optional<String> notRun() {
        return marked("not run");
    }

    /** The file it is the content of. */
    Optional<String> file() {
        return marked("file");
    }

    private Optional<String> marked(String key) {
        return marker.filter(text -> text.startsWith(key + ": "))
                .map(text -> text.substring(key.length() + 2).strip());
    }

    /** The lines a shell would get, wherever that is. */
    List<String> commandLines() {
        return switch (language) {
            case SCRIPT -> lines;
            case SESSION, GIVEN ->
                lines.stream()
                        .map(PROMPT::matcher)
                        .filter(Matcher::matches)
                        .map(prompt -> prompt.group(2))
                        .toList();
            default -> List.of();
        };
    }

    /** What is to be done for it, in order. */
    List<Step> steps(List<String> hosts) {
        if (notRun().isPresent()) {
            return List.of();
        }
        if (file().isPresent()) {
            String write = "cat >" + file().get() + " <<'END'\n" + String.join("\n", lines) + "\nEND";
            return hosts.stream().map(host -> new Step(where(), host, write)).toList();
        }
        if (language.equals(SCRIPT)) {
            return List.of(new Step(where(), marked("on").orElse(hosts.getFirst()), String.join("\n", lines)));
        }
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher prompt = PROMPT.matcher(lines.get(i));
            if (prompt.matches()) {
                steps.add(new Step(page + ":" + (line + 1 + i), prompt.group(1), prompt.group(2)));
            }
        }
        return steps;
    }

    /** What keeps it from being run, or from being known as one that is not; a sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (marker.isPresent()
                && List.of("on", "not run", "file").stream()
                        .allMatch(key -> marked(key).isEmpty())) {
            problems.add("the comment before it is '" + marker.get()
                    + "', expected 'on: HOST', 'not run: REASON', 'file: NAME', or a line of text between them");
        }
        marked("on")
                .filter(host -> !HOST.matcher(host).matches())
                .ifPresent(host -> problems.add("there are host1 and host2, and no " + host));
        if (!hasCommands() && !NO_COMMANDS.contains(language)) {
            problems.add(
                    "its language is '" + language + "', expected sh, console, or, without commands, text or yaml");
        }
        if (NO_COMMANDS.contains(language)) {
            lines.stream()
                    .filter(text -> COMMAND_LIKE.matcher(text).matches())
                    .forEach(text -> problems.add("'" + text + "' is a command in a block of language " + language));
        }
        if (language.equals(SESSION) || language.equals(GIVEN)) {
            lines.forEach(text -> checkPrompt(text).ifPresent(problems::add));
        }
        return problems.stream().map(problem -> where() + ": " + problem).toList();
    }

    private Optional<String> checkPrompt(String text) {
        Matcher prompt = PROMPT.matcher(text);
        if (!prompt.matches()) {
            return Optional.of("'" + text + "' has no prompt (expected: host1# COMMAND)");
        }
        return notRun().isPresent() || HOST.matcher(prompt.group(1)).matches()
                ? Optional.empty()
                : Optional.of("there are host1 and host2, and no " + prompt.group(1));
    }
}
