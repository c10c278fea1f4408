package io.weavemesh.node;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The text of Docker's daemon.json, of which single members change while everything else stays as somebody wrote it: order,
 * indentation, line ends. Immutable. Not a JSON library.
 */
final class DaemonJson {

    private static final String INDENTATION = "    ";

    private final String text;
    private final int open;
    private final int close;
    private final List<Member> members;

    /** Where a member's key begins, and where its value begins and ends. */
    private record Member(String key, int start, int valueStart, int end) {}

    private DaemonJson(String text, int open, int close, List<Member> members) {
        this.text = text;
        this.open = open;
        this.close = close;
        this.members = members;
    }

    /**
     * Reads a file's text; blank is taken for an object without members, as Docker does.
     *
     * @throws IllegalArgumentException if it is not one JSON object
     */
    static DaemonJson parse(String text) {
        String object = text.isBlank() ? "{}\n" : text;
        try {
            new JsonObject(object); // Complains of everything that the scanner below takes for granted.
        } catch (DecodeException e) {
            String cause = String.valueOf(e.getMessage()).replaceAll("(?s)\n.*", "");
            throw new IllegalArgumentException("it is not a JSON object (" + cause + ")", e);
        }
        return new Scanner(object).scan();
    }

    String text() {
        return text;
    }

    /** Whether nothing is set. */
    boolean isEmpty() {
        return members.isEmpty();
    }

    /** A member's value as it is written. */
    Optional<String> value(String key) {
        return member(key).map(found -> text.substring(found.valueStart, found.end));
    }

    /** With a member set to a value: where it is, or else behind all others and indented as the last one is. */
    DaemonJson with(String key, String value) {
        Optional<Member> present = member(key);
        if (present.isPresent()) {
            Member found = present.get();
            return parse(text.substring(0, found.valueStart) + value + text.substring(found.end));
        }
        String added = "\"" + key + "\": " + value;
        if (members.isEmpty()) {
            return parse(text.substring(0, open + 1) + "\n" + INDENTATION + added + "\n" + text.substring(close));
        }
        Member last = members.getLast();
        int before = members.size() == 1 ? open + 1 : text.indexOf(',', members.get(members.size() - 2).end) + 1;
        String gap = text.substring(before, last.start);
        return parse(
                text.substring(0, last.end) + "," + (gap.isEmpty() ? " " : gap) + added + text.substring(last.end));
    }

    /** Without a member. One that {@link #with} put there leaves no trace. */
    DaemonJson without(String key) {
        Optional<Member> present = member(key);
        if (present.isEmpty()) {
            return this;
        }
        int at = members.indexOf(present.get());
        if (members.size() == 1) {
            return parse(text.substring(0, open + 1) + text.substring(close));
        }
        int from = at > 0 ? members.get(at - 1).end : present.get().start;
        int to = at > 0 ? present.get().end : members.get(1).start;
        return parse(text.substring(0, from) + text.substring(to));
    }

    private Optional<Member> member(String key) {
        // Of several members of one name Docker takes the last.
        return members.reversed().stream()
                .filter(member -> member.key.equals(key))
                .findFirst();
    }

    /** Finds the members of an object that is known to be well-formed. */
    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        DaemonJson scan() {
            List<Member> members = new ArrayList<>();
            int open = text.indexOf('{');
            at = open + 1;
            while (next() != '}') {
                if (next() == ',') {
                    at++;
                    next();
                }
                int start = at;
                skipString();
                String key = text.substring(start + 1, at - 1);
                next();
                at++; // The colon.
                next();
                int valueStart = at;
                skipValue();
                members.add(new Member(key, start, valueStart, at));
            }
            return new DaemonJson(text, open, at, List.copyOf(members));
        }

        private char next() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void skipString() {
            at++;
            while (text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            at++;
        }

        private void skipValue() {
            int depth = 0;
            while (true) {
                char here = text.charAt(at);
                if (here == '"') {
                    skipString();
                } else if (here == '{' || here == '[') {
                    depth++;
                    at++;
                } else if (depth > 0 && (here == '}' || here == ']')) {
                    depth--;
                    at++;
                } else if (depth == 0 && (here == ',' || here == '}' || Character.isWhitespace(here))) {
                    return;
                } else {
                    at++;
                }
            }
        }
    }
}
