package io.weavemesh.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How soon a name that is registered on one peer is answered by another, which is a process of its own: over the real bus,
 * from the request to the service here until an answer there. All times are taken here.
 */
final class Replication {

    private static final int SUBNET_PREFIX = 12;
    private static final int WARM_UP = 300;
    private static final int NAMES = 1_000;
    private static final int BULK = 10_000;
    private static final int BULKS = 5;

    private final NamesPeer here;
    private final NameServer there;
    private final List<Figure> figures;

    Replication(NamesPeer here, NameServer there, List<Figure> figures) {
        this.here = here;
        this.there = there;
        this.figures = figures;
    }

    /** One name after the other. */
    void one() throws IOException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < WARM_UP + NAMES; i++) {
            double took = millisUntilVisible(i + 1);
            if (i >= WARM_UP) {
                millis.add(took);
            }
        }
        Collections.sort(millis);
        figures.add(Figure.atMost(2, "registered name answered by another peer", "ms", millis));
        double p99 = millis.get(millis.size() * 99 / 100);
        figures.add(Figure.atMost(20, "registered name answered by another peer, 99 % within", "ms", List.of(p99)));
    }

    /** Many at once. As a peer's changes arrive in their order, it is enough to ask for the last ones. */
    void many() throws IOException {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < BULKS; i++) {
            here.forget();
            seconds.add(millisUntilVisible(here.registered() + BULK) / 1e3);
        }
        figures.add(Figure.atMost(2, "10,000 names registered and answered by another peer", "s", seconds));
    }

    /** Registers until there are so many, and waits for those of the last requests, which were under way together. */
    private double millisUntilVisible(int count) throws IOException {
        long begin = System.nanoTime();
        int first = Math.max(here.registered(), count - NamesPeer.CONCURRENT);
        here.register(count, SUBNET_PREFIX);
        for (int i = first; i < count; i++) {
            try (Question question = there.question(here.number(), i)) {
                question.awaitAnswer();
            }
        }
        return (System.nanoTime() - begin) / 1e6;
    }
}
