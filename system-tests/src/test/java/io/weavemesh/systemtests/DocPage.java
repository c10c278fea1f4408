package io.weavemesh.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, as far as its commands go. It knows fences, comments that stand alone, and text; a block that is
 * only indented is a problem, since nothing would say what it is.
 *
 * @param name path from the repository's root
 * @param blocks in the order of the page
 * @param spans what stands between backticks in its text
 * @param problems what is wrong with it, a sentence each
 */
record DocPage(String name, List<DocBlock> blocks, List<Span> spans, List<String> problems) {

    private static final String FENCE = "```";
    private static final Pattern COMMENT = Pattern.compile("<!--\\s*(.*?)\\s*-->");
    private static final Pattern OPENED = Pattern.compile("<!--\\s*given:\\s*");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");

    /** Text between backticks. */
    record Span(String where, String text) {}

    @Override
    public String toString() {
        return name;
    }

    /** README first, then what is in {@code docs}, by name. */
    static List<DocPage> all(Path repository) {
        try (Stream<Path> docs = Files.list(repository.resolve("docs"))) {
            List<String> names = docs.map(file -> "docs/" + file.getFileName())
                    .filter(name -> name.endsWith(".md"))
                    .sorted()
                    .toList();
            return Stream.concat(Stream.of("README.md"), names.stream())
                    .map(name -> read(repository, name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the documentation", e);
        }
    }

    private static DocPage read(Path repository, String name) {
        try {
            return parse(name, Files.readAllLines(repository.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    static DocPage parse(String name, List<String> lines) {
        return new Reader(name).read(lines);
    }

    /** Goes through the lines once. */
    private static final class Reader {

        private final String name;
        private final List<DocBlock> blocks = new ArrayList<>();
        private final List<Span> spans = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final List<String> inside = new ArrayList<>();
        private Optional<String> marker = Optional.empty();
        private Optional<String> open = Optional.empty();
        private int begin;
        private boolean blankBefore = true;

        Reader(String name) {
            this.name = name;
        }

        DocPage read(List<String> lines) {
            for (int i = 0; i < lines.size(); i++) {
                if (open.isPresent()) {
                    insideBlock(lines.get(i));
                } else {
                    outside(lines.get(i), i + 1);
                }
            }
            open.ifPresent(language -> problems.add(name + ":" + begin + ": this block does not end"));
            blocks.forEach(block -> problems.addAll(block.problems()));
            return new DocPage(name, List.copyOf(blocks), List.copyOf(spans), List.copyOf(problems));
        }

        private void insideBlock(String line) {
            String language = open.orElseThrow();
            if (line.equals(language.equals(DocBlock.GIVEN) ? "-->" : FENCE)) {
                blocks.add(new DocBlock(name, begin, language, inside, marker));
                inside.clear();
                open = Optional.empty();
                marker = Optional.empty();
            } else {
                inside.add(line);
            }
        }

        private void outside(String line, int number) {
            Matcher comment = COMMENT.matcher(line.strip());
            if (line.startsWith(FENCE)) {
                begin(line.substring(FENCE.length()).strip(), number);
            } else if (OPENED.matcher(line).matches()) {
                begin(DocBlock.GIVEN, number);
            } else if (comment.matches()) {
                marker = Optional.of(comment.group(1));
            } else {
                text(line, number);
            }
            blankBefore = line.isBlank();
        }

        private void begin(String language, int number) {
            open = Optional.of(language);
            begin = number;
        }

        private void text(String line, int number) {
            if (blankBefore && (line.startsWith("    ") || line.startsWith("\t"))) {
                problems.add(
                        name + ":" + number + ": a block that is only indented (expected a fence with a language)");
            }
            if (line.strip().startsWith(FENCE)) {
                problems.add(name + ":" + number + ": a fence that does not begin its line");
            }
            if (!line.isBlank()) {
                marker = Optional.empty();
            }
            SPAN.matcher(line).results().forEach(span -> spans.add(new Span(name + ":" + number, span.group(1))));
        }
    }
}
