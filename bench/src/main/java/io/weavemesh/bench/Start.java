package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Bound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long {@code weave launch} takes, and what a peer needs of memory. The peer is what a distribution has, with a Java
 * runtime of its own: of files that other programs map, too, a process has a share only (its PSS), which would count for less
 * here than on a host.
 */
final class Start {

    private static final int ROUNDS = 9;
    private static final int FEW_ROUNDS = 3;

    /** What is promised is said of two hundred; fewer are for machines with less memory. */
    private static final int CONTAINERS = Integer.parseInt(System.getenv().getOrDefault("BENCH_CONTAINERS", "200"));

    /** So many are started by one command, which has a limit of time. */
    private static final int BATCH = 20;

    /** The plugin's first comparison with Docker is after 20 s, and the compilers of the JVM want to be done. */
    private static final Duration SETTLE = Duration.ofSeconds(40);

    /** In the host only. A user that is not root must be able to read it, wherever this tree is. */
    private static final String HOME = "/run/weavemesh";

    private static final List<String> SERVICES = List.of("router", "ipam", "dns", "plugin");

    /** The script that waits, the supervisor and what they started are one session. */
    private static final String OURS = "$(ps -o pid= -s $(ps -o sid= -p $(cat /run/weave/weave.pid)))";

    /** For each command: any of them would record a start. */
    private static final String UNRECORDED = "WEAVE_RECORD=no ";

    private final DockerHost host;
    private final List<Figure> figures;

    private Start(DockerHost host, List<Figure> figures) {
        this.host = host;
        this.figures = figures;
    }

    /** Leaves its files in a directory, and its figures in a list. */
    static void measure(Path directory, List<Figure> figures) throws IOException, InterruptedException {
        Path tree = directory.toAbsolutePath().resolve("tree");
        unpack(tree);
        try (DockerHost host = DockerHost.start(directory.toAbsolutePath())) {
            host.bash("mkdir " + HOME + " && mount --bind '" + tree + "' " + HOME);
            host.bash(HOME + "/weave version && test -s " + HOME + "/weave.aot");
            Start start = new Start(host, figures);
            start.launches();
            start.idle();
            start.services();
            start.containers();
        }
    }

    /** As {@code scripts/dist} does, without its archive. */
    private static void unpack(Path tree) throws IOException, InterruptedException {
        Files.createDirectories(tree);
        String built = "node/target/weavemesh";
        Commands.output(
                Map.of("TREE", tree.toString(), "HOME_THERE", HOME),
                List.of(
                        "bash",
                        "-c",
                        "set -e; scripts/runtime \"$TREE/runtime\"; cp -r " + built + "/lib " + built + "/peer.jvmopts "
                                + built + "/supervise weave \"$TREE\"; "
                                + "sed \"s|^home=.*|home=$HOME_THERE|\" scripts/image-service >\"$TREE/image-service\"; "
                                + "chmod 755 \"$TREE\" \"$TREE/image-service\""));
    }

    private void launches() throws IOException, InterruptedException {
        List<Double> seconds = new ArrayList<>();
        List<Double> processor = new ArrayList<>();
        for (int round = -1; round < ROUNDS; round++) { // Files are read from the disk once.
            double took = launch("");
            if (round >= 0) {
                seconds.add(took);
                processor.add(processorSeconds());
            }
            stop("");
        }
        List<Double> without = new ArrayList<>();
        host.bash("mv " + HOME + "/weave.aot " + HOME + "/kept");
        for (int round = 0; round < FEW_ROUNDS; round++) {
            without.add(launch(UNRECORDED));
            stop(UNRECORDED);
        }
        host.bash("mv " + HOME + "/kept " + HOME + "/weave.aot");
        figures.add(Figure.atMost(1.5, "weave launch, until it is ready", "s", seconds));
        figures.add(Figure.unpromised("weave launch, processor time until then", "s", processor));
        figures.add(Figure.unpromised("weave launch, without what was recorded of a start", "s", without));
    }

    private double launch(String environment) throws IOException, InterruptedException {
        return host.millis(environment + HOME + "/weave launch") / 1e3;
    }

    private void stop(String environment) throws IOException, InterruptedException {
        host.bash(environment + HOME + "/weave stop");
    }

    private double processorSeconds() throws IOException, InterruptedException {
        return Double.parseDouble(host.bash(
                "awk '{ print ($14 + $15) / 100 }' /proc/$(cat /run/weave/weave.pid)/stat")); // proc(5): ticks.
    }

    private void idle() throws IOException, InterruptedException {
        List<Double> memory = new ArrayList<>();
        for (int round = 0; round < FEW_ROUNDS; round++) {
            launch("");
            Thread.sleep(SETTLE);
            memory.add(megabytes(OURS));
            stop("");
        }
        figures.add(Figure.atMost(115, "memory of a peer, idle (PSS)", "MB", memory));
    }

    /** As docker-compose.yml runs them, but for the containers. */
    private void services() throws IOException, InterruptedException {
        List<String> processes = new ArrayList<>();
        for (String service : SERVICES) {
            processes.add(host.bash("MALLOC_ARENA_MAX=2 setsid " + HOME + "/image-service " + service + " >/run/"
                    + service + ".txt 2>&1 </dev/null & echo $!"));
        }
        for (int i = 0; i < SERVICES.size(); i++) {
            host.bash("curl -sSf --max-time 5 --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null"
                    + " http://127.0.0.1:" + (6782 + 10 * i) + "/health || { cat /run/" + SERVICES.get(i)
                    + ".txt; exit 1; }");
        }
        Thread.sleep(SETTLE);
        double sum = 0;
        for (int i = 0; i < SERVICES.size(); i++) {
            double one = megabytes(processes.get(i));
            sum += one;
            figures.add(Figure.unpromised(
                    "memory of " + SERVICES.get(i) + " as a process of its own, idle (PSS)", "MB", List.of(one)));
        }
        figures.add(Figure.atMost(350, "memory of four processes, idle (PSS)", "MB", List.of(sum)));
        String all = String.join(" ", processes);
        host.bash("kill " + all + "; for p in " + all + "; do tail --pid=$p -f /dev/null; done");
    }

    private void containers() throws IOException, InterruptedException {
        launch("");
        for (int begun = 0; begun < CONTAINERS; begun += BATCH) {
            host.bash("seq " + Math.min(BATCH, CONTAINERS - begun)
                    + " | xargs -P 4 -I{} docker run -d --net=weave busybox sleep 100000");
        }
        Thread.sleep(SETTLE);
        String name = String.format(Locale.ROOT, "memory of a peer with %d containers (PSS)", CONTAINERS);
        Figure figure = Figure.unpromised(name, "MB", List.of(megabytes(OURS)));
        figures.add(CONTAINERS < 200 ? figure : figure.promising(Bound.AT_MOST, 150));
    }

    /** What is in memory of processes, what they share with others counted as their part. */
    private double megabytes(String processes) throws IOException, InterruptedException {
        return Double.parseDouble(host.bash("for p in " + processes + "; do cat /proc/$p/smaps_rollup 2>/dev/null; done"
                        + " | awk '/^Pss:/ { sum += $2 } END { print sum }'"))
                * 1.024
                / 1e3;
    }
}
