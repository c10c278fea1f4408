package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Bound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What containers of two hosts can send to each other, next to a bridge and a vxlan device made by hand, in turn. */
final class OverlayTraffic {

    private static final int ROUNDS = 9;
    private static final int SECONDS = 1;
    private static final int ROUND_TRIPS = 2_000;

    /** What is measured. */
    private enum What {
        TCP("TCP cubic, 1 stream", "Gbit/s", 0.97),
        TCP4("TCP cubic, 4 streams", "Gbit/s", 0.97),
        UDP("UDP, 64 octets", "kpackets/s", 0.95),
        ROUND_TRIP("round trip", "us", 1.05);

        private final String text;
        private final String unit;
        private final double bound;

        What(String text, String unit, double bound) {
            this.text = text;
            this.unit = unit;
            this.bound = bound;
        }

        double of(TwoHosts hosts) throws IOException, InterruptedException {
            return switch (this) {
                case TCP -> hosts.tcp(1, SECONDS) / 1e9;
                case TCP4 -> hosts.tcp(4, SECONDS) / 1e9;
                case UDP -> hosts.udp(SECONDS) / 1e3;
                case ROUND_TRIP -> hosts.roundTrip(ROUND_TRIPS);
            };
        }
    }

    /** The samples of both, by what was measured. */
    private record Samples(Map<What, List<Double>> ours, Map<What, List<Double>> byHand) {}

    private final Path directory;
    private final List<Figure> figures;

    /** Leaves its files in a directory, and its figures in a list. */
    OverlayTraffic(Path directory, List<Figure> figures) {
        this.directory = directory;
        this.figures = figures;
    }

    void measure() throws IOException, InterruptedException {
        measure(TwoHosts.Beside.DOCKERS_RULES, "");
        measure(TwoHosts.Beside.NOTHING, ", no other firewall");
    }

    private void measure(TwoHosts.Beside beside, String circumstances) throws IOException, InterruptedException {
        try (TwoHosts ours = TwoHosts.ours(directory.resolve(beside.name()), beside);
                TwoHosts byHand = TwoHosts.handMade(beside)) {
            report(circumstances, rounds(ours, byHand));
            for (TwoHosts hosts : List.of(ours, byHand)) {
                hosts.segmentation(false);
                hosts.checkSegmented();
            }
            report(circumstances + ", no segmentation offload", rounds(ours, byHand));
        }
    }

    private static Samples rounds(TwoHosts ours, TwoHosts byHand) throws IOException, InterruptedException {
        Samples samples = new Samples(new EnumMap<>(What.class), new EnumMap<>(What.class));
        for (int round = -1; round < ROUNDS; round++) { // The first one warms up.
            for (What what : What.values()) {
                // Who is first changes, since what was sent before may still have to be tidied up.
                boolean oursFirst = round % 2 == 0;
                for (TwoHosts hosts : oursFirst ? List.of(ours, byHand) : List.of(byHand, ours)) {
                    double sample = what.of(hosts);
                    if (round >= 0) {
                        (hosts == ours ? samples.ours : samples.byHand)
                                .computeIfAbsent(what, _ -> new ArrayList<>())
                                .add(sample);
                    }
                }
            }
        }
        return samples;
    }

    private void report(String circumstances, Samples samples) {
        samples.ours.forEach((what, ours) -> {
            List<Double> byHand = samples.byHand.getOrDefault(what, List.of());
            String name = "overlay: " + what.text + circumstances;
            figures.add(Figure.beside("by hand", byHand, name, what.unit, ours)
                    .promising(what == What.ROUND_TRIP ? Bound.AT_MOST : Bound.AT_LEAST, what.bound));
        });
    }
}
