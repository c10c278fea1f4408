package io.weavemesh.bench;

import io.weavemesh.router.edge.RemoteEndpoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What endpoints of this host and of others cost a peer; each measurement is in a namespace and a process of its own. */
final class Endpoints {

    private static final int LOCAL = 100;
    private static final int FRESH = 30;

    /** A peer runs for hours: what it does often is compiled. */
    private static final int WARM_UP_ROUNDS = 10;

    private static final String REMOTE = "10000";
    private static final int STARTS = 3;
    private static final int ROUNDS = 9;

    private final Path directory;
    private final List<Figure> figures;

    /** Leaves its files in a directory, and its figures in a list. */
    Endpoints(Path directory, List<Figure> figures) {
        this.directory = directory;
        this.figures = figures;
    }

    void measure() throws IOException, InterruptedException {
        local();
        remote();
    }

    private void local() throws IOException, InterruptedException {
        try (Namespace host = Namespace.create("local")) {
            host.sh("ip link add eth0 type bridge; ip addr add 192.0.2.1/24 dev eth0; ip link set eth0 up");
            try (Router router = Router.start(host, "192.0.2.1", directory)) {
                List<Double> fresh = router.samples("endpoints " + FRESH);
                for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                    router.samples("endpoints " + FRESH);
                }
                List<Double> warm = router.samples("endpoints " + LOCAL);
                figures.add(Figure.unpromised("one write and sync of 4 KiB on this disk", "ms", Disk.syncs(directory)));
                figures.add(Figure.unpromised("the first endpoint after a start", "ms", fresh.subList(0, 1)));
                figures.add(Figure.unpromised("an endpoint, the first " + FRESH + " after a start", "ms", fresh));
                figures.add(Figure.atMost(2, "an endpoint: veth, bridge, table, journal", "ms", warm));
            }
        }
    }

    private void remote() throws IOException, InterruptedException {
        List<Double> first = new ArrayList<>();
        List<Double> repairs = new ArrayList<>();
        List<Double> comparisons = new ArrayList<>();
        List<Double> fresh = new ArrayList<>();
        List<Double> changes = new ArrayList<>();
        for (int start = 0; start < STARTS; start++) {
            try (Namespace host = Namespace.create("remote");
                    Router peer = Router.start(host, RemoteEndpoints.class.getName(), List.of(REMOTE))) {
                first.addAll(peer.samples("program"));
                for (int change = 0; change < FRESH * WARM_UP_ROUNDS; change++) {
                    List<Double> millis = peer.samples("change");
                    if (change < FRESH) {
                        fresh.addAll(millis);
                    }
                }
                for (int round = 0; round < ROUNDS; round++) {
                    changes.addAll(peer.samples("change"));
                    comparisons.addAll(peer.samples("compare"));
                }
                for (int round = 0; round < 3; round++) {
                    repairs.addAll(peer.samples("repair"));
                }
            }
        }
        String what = "10,000 endpoints of others: ";
        figures.add(Figure.atMost(300, what + "compared with the kernel", "ms", comparisons));
        figures.add(Figure.atMost(300, what + "all made anew", "ms", repairs));
        figures.add(Figure.unpromised(what + "all made, first thing after a start", "ms", first));
        figures.add(Figure.unpromised(what + "one more, the first " + FRESH + " after a start", "ms", fresh));
        figures.add(Figure.atMost(1, what + "one more", "ms", changes));
    }
}
