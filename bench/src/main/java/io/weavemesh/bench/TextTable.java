package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Beside;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as people read them: one table, as plain text and in Markdown. */
final class TextTable {

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private TextTable() {}

    /** All figures. There must be a part. */
    static String plain(Results results) {
        Measured newest = results.newest();
        StringBuilder text = new StringBuilder();
        text.append("date:     ").append(MINUTE.format(newest.at())).append('\n');
        text.append("machine:  ").append(newest.surroundings().machine()).append('\n');
        text.append("versions: ").append(newest.surroundings().versions()).append('\n');
        text.append(load(newest)).append("\n\n");
        text.append(
                "Medians; the spread is from the least sample to the greatest; a ratio is the median of the ratios of"
                        + " neighbouring samples; where there is one, the limit is the ratio's.\n");
        for (Measured measured : results.parts()) {
            text.append("\n== ").append(heading(measured, newest)).append('\n');
            text.append(line("figure", "median", "unit", "spread", "beside", "median", "ratio", "spread", "limit", ""));
            measured.figures().forEach(figure -> text.append(row(figure)));
        }
        return text.toString();
    }

    private static String row(Figure figure) {
        return line(
                figure.name(),
                Numbers.text(figure.median()),
                figure.unit(),
                Numbers.spread(figure.samples()),
                figure.beside().map(Beside::what).orElse(""),
                figure.beside().map(TextTable::median).orElse(""),
                figure.ratio().map(Numbers::text).orElse(""),
                figure.beside().map(Beside::ratios).map(Numbers::spread).orElse(""),
                figure.promise().map(Object::toString).orElse(""),
                verdict(figure));
    }

    private static String line(Object... columns) {
        return String.format(Locale.ROOT, "%-76s %12s %-10s %20s  %-20s %12s %7s %14s %9s  %s%n", columns)
                .replaceAll(" +\n", "\n");
    }

    private static String median(Beside beside) {
        return Numbers.text(Figure.median(beside.samples()));
    }

    private static String verdict(Figure figure) {
        return figure.promise().isEmpty() ? "" : figure.kept() ? "kept" : "MISSED";
    }

    /** What a part is, when and where it was measured; the place only where it is another than the newest part's. */
    static String heading(Measured measured, Measured newest) {
        String heading = measured.part() + " (" + MINUTE.format(measured.at()) + ", " + load(measured);
        if (!measured.surroundings().equals(newest.surroundings())) {
            heading += "; on " + measured.surroundings().machine() + "; "
                    + measured.surroundings().versions();
        }
        return heading + ")";
    }

    private static String load(Measured measured) {
        return "load average " + Numbers.text(measured.loadBefore()) + " before, " + Numbers.text(measured.loadAfter())
                + " after";
    }

    /** What is promised, with the date and the machine of each part. There must be a part. */
    static String markdown(Results results) {
        Measured newest = results.newest();
        List<String> lines = new ArrayList<>(List.of(
                MINUTE.format(newest.at()) + ", " + newest.surroundings().machine() + ". "
                        + newest.surroundings().versions() + ".",
                "",
                "| | median | spread | beside | ratio | limit | |",
                "|---|---:|---|---|---:|---:|---|"));
        for (Measured measured : results.parts()) {
            List<Figure> promised = measured.figures().stream()
                    .filter(figure -> figure.promise().isPresent())
                    .toList();
            if (!promised.isEmpty()) {
                lines.add("| *" + cell(heading(measured, newest)) + "* | | | | | | |");
            }
            promised.forEach(figure -> lines.add(markdown(figure)));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String markdown(Figure figure) {
        String beside =
                figure.beside().map(other -> other.what() + " " + median(other)).orElse("");
        List<String> cells = List.of(
                figure.name(),
                (Numbers.text(figure.median()) + " " + figure.unit()).strip(),
                Numbers.spread(figure.samples()),
                beside,
                figure.ratio().map(Numbers::text).orElse(""),
                figure.promise().map(Object::toString).orElse(""),
                figure.kept() ? "kept" : "**missed**");
        return "| " + String.join(" | ", cells.stream().map(TextTable::cell).toList()) + " |";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;");
    }
}
