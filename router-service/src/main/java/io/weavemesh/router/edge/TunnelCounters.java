package io.weavemesh.router.edge;

import io.weavemesh.router.MetricsText.Traffic;
import io.weavemesh.router.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The kernel's counters of our tunnels (Documentation/ABI/testing/sysfs-class-net-statistics). Blocks, a little. */
final class TunnelCounters {

    private static final Path DEVICES = Path.of("/sys/class/net");

    private TunnelCounters() {}

    /** Of the networks that have a tunnel now. */
    static List<Traffic> read(List<Segment> segments) {
        return segments.stream().flatMap(segment -> read(segment).stream()).toList();
    }

    /** Nothing while it is being made, or somebody took it away and it will be made anew. */
    private static Optional<Traffic> read(Segment segment) {
        Path counters = DEVICES.resolve(segment.tunnel()).resolve("statistics");
        try {
            return Optional.of(new Traffic(
                    segment.subnet(),
                    number(counters, "rx_packets"),
                    number(counters, "rx_bytes"),
                    number(counters, "rx_dropped"),
                    number(counters, "tx_packets"),
                    number(counters, "tx_bytes"),
                    number(counters, "tx_dropped")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static long number(Path directory, String name) throws IOException {
        return Long.parseLong(Files.readString(directory.resolve(name)).strip());
    }
}
