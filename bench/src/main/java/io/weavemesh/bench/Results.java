package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The newest of what was found of each part, which may have taken several runs.
 *
 * @param parts in the order of {@link Part}, each at most once
 */
record Results(List<Measured> parts) {

    Results {
        Map<Part, Measured> newest = parts.stream()
                .collect(Collectors.toMap(
                        Measured::part,
                        Function.identity(),
                        (one, other) -> other.at().isBefore(one.at()) ? one : other,
                        TreeMap::new));
        parts = List.copyOf(newest.values());
    }

    /** What is in a file that an earlier run left; nothing where there is none. */
    static Results of(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new Results(List.of());
        }
        try {
            return ResultsJson.read(Files.readString(file));
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage() + " (remove it to begin anew)", e);
        }
    }

    /** With a part measured anew. */
    Results with(Measured measured) {
        List<Measured> others =
                parts.stream().filter(part -> part.part() != measured.part()).toList();
        return new Results(java.util.stream.Stream.concat(others.stream(), java.util.stream.Stream.of(measured))
                .toList());
    }

    /** The part that was measured last; there must be one. */
    Measured newest() {
        return parts.stream().max(Comparator.comparing(Measured::at)).orElseThrow();
    }
}
