package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Many peers on one machine, each in a namespace and a process of its own. They are started one after the other, as soon as
 * the one before is ready: all at once would measure how many JVMs this machine can start.
 */
final class Peers implements AutoCloseable {

    /** What is promised is said of twenty; fewer are for machines with others on them. */
    private static final int COUNT = Integer.parseInt(System.getenv().getOrDefault("BENCH_PEERS", "20"));

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** The routers leave strangers alone for ten seconds, and the compilers of the JVMs want to be done. */
    private static final Duration SETTLE = Duration.ofSeconds(30);

    private static final Duration IDLE = Duration.ofSeconds(40);

    private final Namespace networkSwitch;
    private final List<PeerHost> hosts = new ArrayList<>();

    private Peers() throws IOException, InterruptedException {
        networkSwitch = Namespace.create("switch");
    }

    /** Leaves its files in a directory, and its figures in a list. */
    static void measure(Path directory, List<Figure> figures) throws IOException, InterruptedException {
        try (Peers peers = new Peers()) {
            peers.plugIn(directory);
            peers.start(figures);
            Thread.sleep(SETTLE);
            peers.idle(figures);
        }
    }

    private void plugIn(Path directory) throws IOException, InterruptedException {
        networkSwitch.sh("ip link add switch type bridge; ip link set switch up");
        for (int number = 1; number <= COUNT; number++) {
            hosts.add(PeerHost.create(number, networkSwitch, directory.toAbsolutePath()));
        }
    }

    private void start(List<Figure> figures) throws IOException, InterruptedException {
        List<Double> starts = new ArrayList<>();
        long begin = 0;
        for (PeerHost host : hosts) {
            begin = System.nanoTime();
            host.launch(host == hosts.getFirst() ? List.of() : List.of(PeerHost.address(1)));
            starts.add(secondsSince(begin));
        }
        for (PeerHost host : hosts) {
            while (host.established() < COUNT - 1) {
                if (secondsSince(begin) > PATIENCE.toSeconds()) {
                    throw new IOException(
                            "a peer has " + host.established() + " of " + (COUNT - 1) + " others after " + PATIENCE);
                }
            }
        }
        String what = COUNT + " peers: ";
        figures.add(Figure.atMost(10, what + "last start to all connected", "s", List.of(secondsSince(begin))));
        figures.add(Figure.unpromised(what + "a start, one after the other", "s", starts));
    }

    private void idle(List<Figure> figures) throws IOException, InterruptedException {
        List<Double> processor = new ArrayList<>();
        List<Double> traffic = new ArrayList<>();
        List<Long> sent = new ArrayList<>();
        List<Duration> used = new ArrayList<>();
        long begin = System.nanoTime();
        for (PeerHost host : hosts) {
            sent.add(host.sent());
            used.add(host.processorTime());
        }
        Thread.sleep(IDLE);
        double seconds = secondsSince(begin);
        for (int i = 0; i < COUNT; i++) {
            // What both of a pair send is twice what one sends to one other.
            traffic.add(2 * (hosts.get(i).sent() - sent.get(i)) / 1e3 / (COUNT - 1) / seconds);
            processor.add(hosts.get(i).processorTime().minus(used.get(i)).toNanos() / 1e7 / seconds);
        }
        List<Double> memory = new ArrayList<>();
        for (PeerHost host : hosts) {
            memory.add(host.megabytes());
        }
        String what = COUNT + " peers, idle: ";
        figures.add(Figure.atMost(2, what + "traffic of a pair, both ways", "KB/s", traffic));
        figures.add(Figure.atMost(1, what + "processor of a peer", "% of one", processor));
        figures.add(Figure.unpromised(what + "memory of a peer (PSS)", "MB", memory));
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    @Override
    public void close() throws IOException {
        Collections.reverse(hosts);
        IOException failed = null;
        for (PeerHost host : hosts) {
            try {
                host.close();
            } catch (IOException e) {
                failed = e;
            }
        }
        networkSwitch.close();
        if (failed != null) {
            throw failed;
        }
    }
}
