package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Bound;
import io.weavemesh.bench.Figure.Promise;
import java.util.List;
import java.util.Locale;

/**
 * What is promised, as a drawing (SVG 1.1): a bar for each figure on a logarithmic axis, as long as the figure is of its limit,
 * or the limit of the figure where more is better. So a bar that ends left of the line in the middle keeps its promise. A thin
 * line goes from the best to the worst sample.
 */
final class BarChart {

    private static final int WIDTH = 1100;
    private static final int LABELS = 570;
    private static final int AXIS = 300;
    private static final int ROW = 20;
    private static final int TOP = 104;

    /** Shares of the limit at both ends; what is beyond them ends there. */
    private static final double LEAST = 0.01;

    private static final double MOST = 10;

    private static final String STYLE = """
            text { font: 12px sans-serif; fill: #1f2328 } .dim { fill: #59636e } .right { text-anchor: end }
            .title { font-size: 16px } .part { font-weight: bold } .middle { text-anchor: middle }
            .paper { fill: #ffffff } .kept { fill: #4c9a6a } .missed { fill: #d1444a }
            .spread { stroke: #1f2328; stroke-width: 1.5 } .grid { stroke: #d1d9e0 } .limit { stroke: #1f2328; stroke-width: 2 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 } .dim { fill: #9198a1 } .paper { fill: #0d1117 } .kept { fill: #3fb950 }
              .missed { fill: #f85149 } .spread, .limit { stroke: #e6edf3 } .grid { stroke: #3d444d }
            }
            """;

    private final StringBuilder svg = new StringBuilder();
    private int y = TOP;

    private BarChart() {}

    /** There must be a part. */
    static String of(Results results) {
        BarChart chart = new BarChart();
        Measured newest = results.newest();
        for (Measured measured : results.parts()) {
            List<Figure> promised = measured.figures().stream()
                    .filter(figure -> figure.promise().isPresent())
                    .toList();
            if (!promised.isEmpty()) {
                chart.text(16, "part", TextTable.heading(measured, newest));
                chart.y += ROW;
            }
            promised.forEach(chart::row);
            chart.y += ROW / 2;
        }
        return chart.whole(newest);
    }

    private String whole(Measured newest) {
        String rows = svg.toString();
        int height = y + ROW;
        svg.setLength(0);
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">%n",
                WIDTH,
                height,
                WIDTH,
                height));
        svg.append("<title>What was measured, as a share of what is promised</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n");
        svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        y = 26;
        text(16, "title", "What was measured, as a share of what is promised");
        y = 46;
        text(
                16,
                "dim",
                "A bar that ends left of the limit keeps the promise; the thin line is from best to worst sample.");
        y = 64;
        text(16, "dim", newest.surroundings().machine());
        y = TOP - 12;
        for (double share : new double[] {0.01, 0.1, 1, 10}) {
            line(share == 1 ? "limit" : "grid", x(share), TOP - 6, x(share), height - ROW / 2.0);
            text(
                    x(share),
                    "dim middle",
                    share == 1 ? "limit" : Numbers.text(share).replaceAll("\\.?0+$", "") + "\u00d7");
        }
        return svg.append(rows).append("</svg>\n").toString();
    }

    private void row(Figure figure) {
        Promise promise = figure.promise().orElseThrow();
        List<Double> samples = figure.promised();
        double median = Figure.median(samples);
        String name = figure.name()
                + figure.beside().map(other -> " : " + other.what()).orElse("");
        String unit = figure.beside().isPresent() ? "" : " " + figure.unit();
        String value = (Numbers.text(median) + unit).strip() + " (" + promise + ")";
        svg.append("<g><title>")
                .append(escaped(
                        name + ": " + value + ", " + Numbers.spread(samples) + (figure.kept() ? ", kept" : ", missed")))
                .append("</title>\n");
        text(LABELS - 10, "right", name);
        svg.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"12\"/>%n",
                figure.kept() ? "kept" : "missed",
                LABELS,
                y - 10,
                x(share(median, promise)) - LABELS));
        line("spread", x(share(samples.getFirst(), promise)), y - 4, x(share(samples.getLast(), promise)), y - 4);
        text(LABELS + AXIS + 10, figure.kept() ? "dim" : "part", value);
        svg.append("</g>\n");
        y += ROW;
    }

    /** At most 1 where the promise is kept. */
    private static double share(double value, Promise promise) {
        return promise.bound() == Bound.AT_MOST ? value / promise.value() : promise.value() / value;
    }

    private static double x(double share) {
        double inside = Math.clamp(share, LEAST, MOST);
        return LABELS + AXIS * Math.log(inside / LEAST) / Math.log(MOST / LEAST);
    }

    private void line(String style, double x1, double y1, double x2, double y2) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    private void text(double x, String style, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>%n", style, x, y, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
