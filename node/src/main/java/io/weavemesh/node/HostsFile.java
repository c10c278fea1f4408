package io.weavemesh.node;

import io.weavemesh.contract.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The text of a container's {@code /etc/hosts} (hosts(5)), as {@code weave attach} changes it. */
final class HostsFile {

    private HostsFile() {}

    /**
     * With these names at these addresses, first in the file, and nowhere else in it. The rest is as it was, so doing it twice
     * is the same as doing it once.
     *
     * @param entries address to names, in the order in which they are to stand there
     */
    static String with(String text, Collection<Map.Entry<IpAddress, List<String>>> entries) {
        List<String> ours =
                entries.stream().flatMap(entry -> entry.getValue().stream()).toList();
        List<String> lines = new ArrayList<>();
        entries.forEach(entry -> lines.add(entry.getKey() + "\t" + String.join(" ", entry.getValue())));
        text.lines().map(line -> without(line, ours)).filter(Objects::nonNull).forEach(lines::add);
        return String.join("\n", lines) + "\n";
    }

    /** A name that can stand in a line; anything else would end it, or begin another. */
    static String name(String text) {
        if (!text.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253})")) {
            throw new IllegalArgumentException("'" + text + "' is no host name");
        }
        return text;
    }

    /** A line without some of its names; null if none is left. */
    private static @Nullable String without(String line, List<String> names) {
        String entry = line.replaceAll("#.*", "").strip();
        if (entry.isEmpty()) {
            return line;
        }
        List<String> words = Arrays.asList(entry.split("\\s+", -1));
        List<String> left = words.subList(1, words.size()).stream()
                .filter(name -> !names.contains(name))
                .toList();
        if (left.size() == words.size() - 1) {
            return line;
        }
        return left.isEmpty() ? null : words.getFirst() + "\t" + String.join(" ", left);
    }
}
