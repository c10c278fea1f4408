package io.weavemesh.router;

import io.weavemesh.router.TemplateScanner.Part;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of Go's {@code text/template} that {@code weave report -f} was used with: fields ({@code .Router.Name}, {@code
 * $.Version}), {@code len}, {@code json}, {@code index}, {@code not}, quoted texts, {@code range}, {@code if}, {@code with},
 * {@code else}, {@code end}, pipelines, and white space trimmed by a dash. No variables, no definitions.
 *
 * <p>A node is a text, a value to print, or a block; values are those of {@link JsonText}.
 */
public final class ReportTemplate {

    private sealed interface Node {
        record Text(String text) implements Node {}

        record Print(TemplateExpression value) implements Node {}

        record Block(Kind kind, TemplateExpression value, List<Node> body, List<Node> otherwise) implements Node {}
    }

    private enum Kind {
        RANGE,
        IF,
        WITH
    }

    private final List<Node> nodes;

    private ReportTemplate(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** @throws IllegalArgumentException if the text is no such template; the message says where */
    public static ReportTemplate parse(String text) {
        Iterator<Part> parts = TemplateScanner.scan(text).iterator();
        List<Node> nodes = new ArrayList<>();
        Optional<String> end = parse(parts, nodes);
        if (end.isPresent()) {
            throw new IllegalArgumentException("the template has an unexpected {{" + end.get() + "}}");
        }
        return new ReportTemplate(nodes);
    }

    /** Reads to the end of a block, and gives what ended it. */
    private static Optional<String> parse(Iterator<Part> parts, List<Node> nodes) {
        while (parts.hasNext()) {
            switch (parts.next()) {
                case Part.Text(String text) -> nodes.add(new Node.Text(text));
                case Part.Action(List<String> words) -> {
                    List<String> rest = words.subList(1, words.size());
                    switch (words.getFirst()) {
                        case "range" -> nodes.add(block(Kind.RANGE, rest, parts));
                        case "if" -> nodes.add(block(Kind.IF, rest, parts));
                        case "with" -> nodes.add(block(Kind.WITH, rest, parts));
                        case "else", "end" -> {
                            if (!rest.isEmpty()) {
                                throw new IllegalArgumentException(
                                        "the template has {{" + String.join(" ", words) + "}}, which is not supported");
                            }
                            return Optional.of(words.getFirst());
                        }
                        default -> nodes.add(new Node.Print(TemplateExpression.parse(words)));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Node block(Kind kind, List<String> words, Iterator<Part> parts) {
        TemplateExpression value = TemplateExpression.parse(words);
        List<Node> body = new ArrayList<>();
        List<Node> otherwise = new ArrayList<>();
        Optional<String> end = parse(parts, body);
        if (end.equals(Optional.of("else"))) {
            end = parse(parts, otherwise);
        }
        if (!end.equals(Optional.of("end"))) {
            throw new IllegalArgumentException(
                    "the template has a {{" + kind.name().toLowerCase(java.util.Locale.ROOT) + " "
                            + String.join(" ", words) + "}} without an {{end}}");
        }
        return new Node.Block(kind, value, body, otherwise);
    }

    /** @throws IllegalStateException if the report has not what the template asks for; the message says what */
    public String apply(Map<String, ?> report) {
        StringBuilder out = new StringBuilder();
        print(nodes, report, report, out);
        return out.toString();
    }

    private static void print(List<Node> nodes, Object dot, Map<String, ?> root, StringBuilder out) {
        for (Node node : nodes) {
            switch (node) {
                case Node.Text(String text) -> out.append(text);
                case Node.Print(TemplateExpression value) -> out.append(TemplateExpression.shown(value.of(dot, root)));
                case Node.Block block -> print(block, dot, root, out);
            }
        }
    }

    private static void print(Node.Block block, Object dot, Map<String, ?> root, StringBuilder out) {
        Object value = block.value().of(dot, root);
        boolean filled = TemplateExpression.isTrue(value);
        if (!filled) {
            print(block.otherwise(), dot, root, out);
            return;
        }
        switch (block.kind()) {
            case IF -> print(block.body(), dot, root, out);
            case WITH -> print(block.body(), value, root, out);
            case RANGE -> elements(value).forEach(element -> print(block.body(), element, root, out));
        }
    }

    private static Iterable<?> elements(Object value) {
        return switch (value) {
            case List<?> list -> list;
            case Map<?, ?> map -> map.values();
            default -> throw new IllegalStateException("the template cannot range over " + value);
        };
    }
}
