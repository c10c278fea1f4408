package io.weavemesh.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be measured by itself, in the order of the table. */
enum Part {
    ADDRESSES,
    ANSWERS,
    REPLICATION,
    MEMORY,
    LOAD,
    OVERLAY,
    ENDPOINTS,
    PEERS,
    DOCKER_RUN,
    START;

    static Part of(String text) {
        return find(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + text + "' is no part of the figures (expected " + Arrays.toString(values()) + ")"));
    }

    static Optional<Part> find(String text) {
        return Arrays.stream(values())
                .filter(part -> part.toString().equals(text))
                .findFirst();
    }

    /** Measures it; leaves files in an empty directory, and its figures in a list. */
    void measure(Path state, List<Figure> figures) throws Exception {
        switch (this) {
            case ADDRESSES -> Cores.addresses(state, figures);
            case ANSWERS -> Cores.answers(figures);
            case REPLICATION -> new Names(state, figures).replication();
            case MEMORY -> new Names(state, figures).memory();
            case LOAD -> new Names(state, figures).load();
            case OVERLAY -> new OverlayTraffic(state, figures).measure();
            case ENDPOINTS -> new Endpoints(state, figures).measure();
            case PEERS -> Peers.measure(state, figures);
            case DOCKER_RUN -> DockerRuns.measure(state, figures);
            case START -> Start.measure(state, figures);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
