package io.weavemesh.bench;

import java.util.List;
import java.util.Locale;

/** Numbers as people read them: about three digits. */
final class Numbers {

    private Numbers() {}

    static String text(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.2f" : "%.4f";
        return String.format(Locale.ROOT, format, value);
    }

    /** From the least to the greatest of sorted ones. */
    static String spread(List<Double> samples) {
        return text(samples.getFirst()) + " .. " + text(samples.getLast());
    }
}
