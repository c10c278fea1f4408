package io.weavemesh.router;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A value in a {@link ReportTemplate}: an operand, a function of operands, or a pipeline of them, where each result is the
 * next one's last argument.
 */
sealed interface TemplateExpression {

    /** The value, without an {@code Optional} around it; an empty one where it is absent. */
    Object of(Object dot, Map<String, ?> root);

    /** {@code .}, {@code .A.B}, {@code $} or {@code $.A}. */
    record Field(boolean fromRoot, List<String> names) implements TemplateExpression {
        @Override
        public Object of(Object dot, Map<String, ?> root) {
            Object value = fromRoot ? root : dot;
            for (String name : names) {
                value = bare(member(value, name));
            }
            return value;
        }

        private static Object member(Object value, String name) {
            Optional<?> found = value instanceof Map<?, ?> map ? Optional.ofNullable(map.get(name)) : Optional.empty();
            if (found.isEmpty()) {
                String known = value instanceof Map<?, ?> map
                        ? map.keySet().stream().map(String::valueOf).collect(Collectors.joining(", "))
                        : "none, it is " + shown(value);
                throw new IllegalStateException("there is no field " + name + " (there are: " + known + ")");
            }
            return found.get();
        }
    }

    /** A text or number as it stands. */
    record Literal(Object value) implements TemplateExpression {
        @Override
        public Object of(Object dot, Map<String, ?> root) {
            return value;
        }
    }

    /** A function and its arguments. */
    record Call(String function, List<TemplateExpression> arguments) implements TemplateExpression {
        @Override
        public Object of(Object dot, Map<String, ?> root) {
            List<Object> values =
                    arguments.stream().map(argument -> argument.of(dot, root)).toList();
            return switch (function) {
                case "len" -> length(values.getFirst());
                case "json" -> JsonText.line(values.getFirst());
                case "not" -> !isTrue(values.getFirst());
                default -> index(values.getFirst(), values.getLast());
            };
        }

        private static Object length(Object value) {
            return switch (value) {
                case List<?> list -> list.size();
                case Map<?, ?> map -> map.size();
                case String text -> text.length();
                default -> throw new IllegalStateException("len: " + shown(value) + " has no length");
            };
        }

        private static Object index(Object value, Object key) {
            return switch (value) {
                case List<?> list when key instanceof Integer at && at >= 0 && at < list.size() -> bare(list.get(at));
                case Map<?, ?> map
                when key instanceof String name && map.containsKey(name) ->
                    new Field(false, List.of(name)).of(map, Map.of());
                default -> throw new IllegalStateException("index: there is no " + shown(key) + " in " + shown(value));
            };
        }
    }

    /** Reads an action's words. */
    static TemplateExpression parse(List<String> words) {
        Optional<TemplateExpression> value = Optional.empty();
        int start = 0;
        int depth = 0;
        for (int i = 0; i <= words.size(); i++) {
            String word = i == words.size() ? "|" : words.get(i);
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            if (depth == 0 && word.equals("|")) {
                value = Optional.of(command(words.subList(start, i), value));
                start = i + 1;
            }
        }
        return value.orElseThrow(() -> unknown(words));
    }

    private static TemplateExpression command(List<String> words, Optional<TemplateExpression> piped) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("the template has an action with nothing in it");
        }
        int wanted = switch (words.getFirst()) {
            case "len", "json", "not" -> 1;
            case "index" -> 2;
            default -> 0;
        };
        List<TemplateExpression> operands = operands(words.subList(wanted == 0 ? 0 : 1, words.size()));
        piped.ifPresent(operands::add);
        if (operands.size() != Math.max(1, wanted)) {
            throw unknown(words);
        }
        return wanted == 0 ? operands.getFirst() : new Call(words.getFirst(), List.copyOf(operands));
    }

    private static List<TemplateExpression> operands(List<String> words) {
        List<TemplateExpression> operands = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (!words.get(i).equals("(")) {
                operands.add(operand(words.get(i), words));
                continue;
            }
            int open = i;
            int depth = 1;
            while (depth > 0 && ++i < words.size()) {
                depth += words.get(i).equals("(") ? 1 : words.get(i).equals(")") ? -1 : 0;
            }
            if (depth > 0) {
                throw unknown(words);
            }
            operands.add(parse(words.subList(open + 1, i)));
        }
        return operands;
    }

    private static TemplateExpression operand(String word, List<String> words) {
        if (word.startsWith("`")) {
            return new Literal(word.substring(1, word.length() - 1));
        }
        if (word.startsWith("\"")) {
            return new Literal(word.substring(1, word.length() - 1).translateEscapes());
        }
        if (word.matches("\\d{1,9}")) {
            return new Literal(Integer.parseInt(word));
        }
        boolean root = word.startsWith("$");
        String path = root ? word.substring(1) : word;
        if (root && path.isEmpty() || path.equals(".")) {
            return new Field(root, List.of());
        }
        if (path.matches("(\\.[A-Za-z_][A-Za-z0-9_]*)+")) {
            return new Field(root, List.of(path.substring(1).split("\\.", -1)));
        }
        throw unknown(words);
    }

    private static IllegalArgumentException unknown(List<String> words) {
        return new IllegalArgumentException("the template has {{" + String.join(" ", words)
                + "}}, which is not understood (there are fields such as .Router.Name, range, if, with, else, end, len,"
                + " json, index and not)");
    }

    /** What Go prints for it. */
    static String shown(Object value) {
        return switch (value) {
            case List<?> list ->
                list.stream().map(element -> shown(bare(element))).collect(Collectors.joining(" ", "[", "]"));
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> entry.getKey() + ":" + shown(bare(entry.getValue())))
                        .collect(Collectors.joining(" ", "map[", "]"));
            case Optional<?> _ -> "<nil>";
            default -> value.toString();
        };
    }

    /** Whether it is not empty, zero, false or absent. */
    static boolean isTrue(Object value) {
        return switch (value) {
            case Boolean truth -> truth;
            case Number number -> number.doubleValue() != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case Optional<?> _ -> false;
            default -> true;
        };
    }

    private static Object bare(Object value) {
        return value instanceof Optional<?> optional && optional.isPresent() ? optional.get() : value;
    }
}
