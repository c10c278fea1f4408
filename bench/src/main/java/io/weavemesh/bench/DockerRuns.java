package io.weavemesh.bench;

import io.weavemesh.bench.Figure.Bound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What our network costs a container's start, next to Docker's own networks on the same engine, in turn; and our part
 * of it, which is the time from each of Docker's calls to our answer.
 */
final class DockerRuns {

    /** What is promised is said of thirty; fewer are for machines with others on them. */
    private static final int RUNS = Integer.parseInt(System.getenv().getOrDefault("BENCH_RUNS", "30"));

    private static final int WARM_UP = RUNS / 3;
    private static final int LAUNCHES = 5;

    /** Enough for a 99th percentile. */
    private static final int STARTS = 4 * RUNS;

    /** Fewer are for machines with less memory. */
    private static final int MANY = Integer.parseInt(System.getenv().getOrDefault("BENCH_BURST", "100"));

    private static final int FEW = 8;

    private static final String POOL = "10.32.0.0/12";
    private static final String SOCKET = "/run/docker/plugins/weavemesh.sock";

    /** Of the calls Docker makes, those before the container's process begins. */
    private static final Pattern ANSWERS_OF_A_START =
            Pattern.compile("(?m)^weave_plugin_call_seconds_sum\\{method=\"(IpamDriver\\.RequestAddress"
                    + "|NetworkDriver\\.(CreateEndpoint|EndpointOperInfo|Join|ProgramExternalConnectivity))\"} (\\S+)");

    private final DockerHost host;
    private final List<Figure> figures;

    /** What a container is attached to. */
    private enum Network {
        WEAVE("weave", "weave"),
        /** One of ours without a way out, so without the second interface that Docker gives to all others, to its docker_gwbridge. */
        INTERNAL("inside", "weave --internal"),
        /** Docker's default one, which has no name server of Docker's. */
        DEFAULT_BRIDGE("bridge", "default bridge"),
        BRIDGE("plain", "user-defined bridge");

        private final String id;
        private final String text;

        Network(String id, String text) {
            this.id = id;
            this.text = text;
        }
    }

    private DockerRuns(DockerHost host, List<Figure> figures) {
        this.host = host;
        this.figures = figures;
    }

    /** Leaves its files in a directory, and its figures in a list. */
    static void measure(Path directory, List<Figure> figures) throws IOException, InterruptedException {
        try (DockerHost host = DockerHost.start(directory.toAbsolutePath())) {
            DockerRuns runs = new DockerRuns(host, figures);
            runs.firstCalls();
            host.bash("weave launch && docker network create plain"
                    + " && docker network create --driver weave --ipam-driver weave --internal --subnet 10.77.0.0/16 "
                    + Network.INTERNAL.id);
            runs.oneByOne();
            runs.answers();
            runs.atOnce(FEW, 9);
            runs.atOnce(MANY, 3);
        }
    }

    /** By a peer that does not ask Docker for the network, so that they are the first ones. */
    private void firstCalls() throws IOException, InterruptedException {
        List<Double> pools = new ArrayList<>();
        List<Double> addresses = new ArrayList<>();
        for (int i = 0; i < LAUNCHES; i++) {
            host.bash("weave launch --no-docker-api");
            pools.add(call("IpamDriver.RequestPool", "{\"AddressSpace\":\"weave\",\"Pool\":\"" + POOL + "\"}"));
            addresses.add(call("IpamDriver.RequestAddress", "{\"PoolID\":\"" + poolId() + "\"}"));
            host.bash("weave stop");
        }
        figures.add(Figure.atMost(300, "first call after a start (RequestPool)", "ms", pools));
        figures.add(Figure.atMost(300, "first address after a start", "ms", addresses));
    }

    private String poolId() throws IOException, InterruptedException {
        return host.bash(curl("IpamDriver.RequestPool", "{\"AddressSpace\":\"weave\",\"Pool\":\"" + POOL + "\"}")
                + " | sed 's/.*\"PoolID\":\"\\([^\"]*\\)\".*/\\1/'");
    }

    /** Milliseconds until all of the answer is there. */
    private double call(String method, String body) throws IOException, InterruptedException {
        String seconds = host.bash(curl(method, body) + " -o /dev/null -w '%{time_total}'");
        return Double.parseDouble(seconds.replace(',', '.')) * 1e3;
    }

    private static String curl(String method, String body) {
        return "curl -sSf --max-time 10 --unix-socket " + SOCKET + " http://plugin/" + method + " -d '" + body + "'";
    }

    private void oneByOne() throws IOException, InterruptedException {
        Map<Network, List<Double>> millis = new EnumMap<>(Network.class);
        for (int i = -WARM_UP; i < RUNS; i++) {
            for (Network network : Network.values()) {
                double took = host.millis("docker run --rm --net=" + network.id + " busybox true");
                if (i >= 0) {
                    millis.computeIfAbsent(network, first -> new ArrayList<>()).add(took);
                }
            }
        }
        String what = "docker run --rm, weave";
        figures.add(beside(Network.DEFAULT_BRIDGE, what, Network.WEAVE, millis).promising(Bound.AT_MOST, 1.30));
        figures.add(beside(Network.BRIDGE, what, Network.WEAVE, millis).promising(Bound.AT_MOST, 1.03));
        figures.add(beside(Network.BRIDGE, "docker run --rm, weave without a way out", Network.INTERNAL, millis));
    }

    /** Each is what all answers for one container's start took. */
    private void answers() throws IOException, InterruptedException {
        List<Double> sums = new ArrayList<>();
        double before = answersSoFar();
        for (int i = 0; i < STARTS; i++) {
            host.bash("docker run --rm --net=weave busybox true");
            double now = answersSoFar();
            sums.add((now - before) * 1e3);
            before = now;
        }
        figures.add(Figure.atMost(8, "our answers for a start, added up", "ms", sums));
        double p99 = sums.stream().sorted().toList().get((STARTS - 1) * 99 / 100);
        figures.add(Figure.atMost(40, "our answers for a start, added up: p99", "ms", List.of(p99)));
    }

    private double answersSoFar() throws IOException, InterruptedException {
        List<Double> seconds = ANSWERS_OF_A_START
                .matcher(host.bash("curl -sSf --max-time 10 http://127.0.0.1:6782/metrics"))
                .results()
                .map(result -> Double.valueOf(result.group(3)))
                .toList();
        if (seconds.size() < 3) {
            throw new IOException("the metrics show " + seconds.size() + " kinds of calls (expected at least"
                    + " RequestAddress, CreateEndpoint and Join)");
        }
        return seconds.stream().mapToDouble(Double::doubleValue).sum();
    }

    private void atOnce(int count, int rounds) throws IOException, InterruptedException {
        Map<Network, List<Double>> millis = new EnumMap<>(Network.class);
        for (int round = 0; round < rounds; round++) {
            for (Network network : List.of(Network.WEAVE, Network.BRIDGE)) {
                // A shell's 'wait' forgets how its children ended.
                double took = host.millis("seq " + count + " | xargs -P " + count + " -I{} docker run -d --net="
                        + network.id + " --label burst busybox sleep 100000");
                millis.computeIfAbsent(network, first -> new ArrayList<>()).add(took);
                host.bash("docker ps -aq -f label=burst | xargs -P 20 -n 5 docker rm -f");
            }
        }
        figures.add(beside(Network.BRIDGE, count + " docker run -d at once, weave", Network.WEAVE, millis)
                .promising(Bound.AT_MOST, 1.3));
    }

    private static Figure beside(Network peer, String what, Network ours, Map<Network, List<Double>> millis) {
        return Figure.beside(
                peer.text, millis.getOrDefault(peer, List.of()), what, "ms", millis.getOrDefault(ours, List.of()));
    }
}
