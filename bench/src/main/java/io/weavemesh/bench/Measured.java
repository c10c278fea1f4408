package io.weavemesh.bench;

import java.time.Instant;
import java.util.List;

/**
 * What one run found of one part of the figures.
 *
 * @param at when it was finished
 * @param loadBefore the load average over a minute before the run, all of its parts, began
 * @param loadAfter the same when this part was finished; most of it is our own doing
 */
record Measured(
        Part part, Instant at, double loadBefore, double loadAfter, Surroundings surroundings, List<Figure> figures) {

    Measured {
        figures = List.copyOf(figures);
    }
}
