package io.weavemesh.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Measures everything, or the parts it is told, and prints one table, which it leaves as text, JSON and a drawing in the
 * directory it is given. What was measured there earlier of other parts stays in it.
 */
public final class Main {

    private static final String PUBLISH = "--publish";
    private static final String TABLE = "--table";

    /** Tells the load average before {@code bench/run} built what is measured. */
    private static final String LOAD_BEFORE = "BENCH_LOAD";

    private Main() {}

    /**
     * Arguments: the directory, and the parts; without any, all of them. Or, instead of parts, {@code --table}: what is there
     * once more; or {@code --publish} and the root of the tree whose README is to show it.
     */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        try {
            if (rest.size() == 2 && rest.getFirst().equals(PUBLISH)) {
                Publication.in(Path.of(rest.getLast()), Results.of(json(directory)));
            } else if (rest.equals(List.of(TABLE))) {
                report(directory, Results.of(json(directory)));
            } else {
                measure(directory, parts(rest));
            }
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("run: " + e.getMessage());
            System.exit(1);
        }
    }

    private static Set<Part> parts(List<String> names) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        names.forEach(name -> parts.add(Part.of(name)));
        return parts.isEmpty() ? EnumSet.allOf(Part.class) : parts;
    }

    /** A part that fails takes nothing from the others, whose results are on the disk as soon as they are there. */
    private static void measure(Path directory, Set<Part> parts) throws Exception {
        double loadBefore = Optional.ofNullable(System.getenv(LOAD_BEFORE))
                .map(Double::valueOf)
                .orElseGet(Main::load);
        Surroundings surroundings = Surroundings.here();
        Results results = Results.of(json(directory));
        List<String> failed = new ArrayList<>();
        for (Part part : parts) {
            Path state = Files.createTempDirectory(directory, "state");
            try {
                List<Figure> figures = new ArrayList<>();
                part.measure(state, figures);
                Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS);
                results = results.with(new Measured(part, at, loadBefore, load(), surroundings, figures));
                Files.writeString(json(directory), ResultsJson.write(results));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                failed.add(part.toString());
                e.printStackTrace();
            } finally {
                Disk.delete(state);
            }
        }
        report(directory, results);
        if (!failed.isEmpty()) {
            throw new IOException("could not be measured, see above: " + String.join(", ", failed));
        }
    }

    private static void report(Path directory, Results results) throws IOException {
        if (results.parts().isEmpty()) {
            throw new IOException(
                    "nothing was measured yet in " + directory + " (expected: bench/run, or bench/run PART)");
        }
        String table = TextTable.plain(results);
        System.out.print(table);
        Files.writeString(directory.resolve("bench.txt"), table);
        Files.writeString(directory.resolve("bench.svg"), BarChart.of(results));
    }

    private static Path json(Path directory) {
        return directory.resolve("bench.json");
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
