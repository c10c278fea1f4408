package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts results into the documentation: what is promised into README, all of it and the drawing into docs. */
final class Publication {

    static final String BEGIN = "<!-- figures: written by bench/run --publish -->";
    static final String END = "<!-- figures: end -->";

    /** Of a processor: above it, others had the machine as well, and the figures would say so of them. */
    static final double QUIET = 0.5;

    private static final String TABLE = "docs/figures.txt";
    private static final String DRAWING = "docs/figures.svg";

    private Publication() {}

    /** Writes into the tree with this root. Results of a machine that was busy before are refused. */
    static void in(Path root, Results results) throws IOException {
        Path readme = root.resolve("README.md");
        String page = page(Files.readString(readme), results);
        Files.writeString(root.resolve(TABLE), TextTable.plain(results));
        Files.writeString(root.resolve(DRAWING), BarChart.of(results));
        Files.writeString(readme, page);
    }

    /** README with the table between the markers. */
    static String page(String readme, Results results) throws IOException {
        if (results.parts().isEmpty()) {
            throw new IOException("nothing was measured yet that could be published: run bench/run first");
        }
        for (Measured measured : results.parts()) {
            if (measured.loadBefore() > QUIET) {
                throw new IOException(
                        "the machine was busy before '" + measured.part() + "' was measured: load average "
                                + Numbers.text(measured.loadBefore()) + " (expected at most " + QUIET
                                + "): measure it again while nothing else runs");
            }
        }
        int begin = readme.indexOf(BEGIN);
        int end = readme.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException("README.md has no place for figures (expected '" + BEGIN + "' and, after it, '" + END
                    + "', a line each)");
        }
        return readme.substring(0, begin + BEGIN.length()) + "\n\n" + TextTable.markdown(results)
                + "\n![Bars of the figures"
                + " above, as shares of their limits](" + DRAWING + ")\n\n[All figures](" + TABLE + ").\n\n"
                + readme.substring(end);
    }
}
