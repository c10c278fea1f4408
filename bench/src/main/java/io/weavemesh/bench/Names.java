package io.weavemesh.bench;

import io.weavemesh.bench.DnsPerf.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Name service: over the bus between two peers, in memory, and next to other servers; each server is one process. */
final class Names {

    private static final int FEW = 10;
    private static final int MANY = 100_000;
    private static final int ROUNDS = 7;

    /** So many that the median of their ratios hardly moves. */
    private static final int PAIRS = 20;

    private static final int WARM_UP_SECONDS = 2;
    private static final int SECONDS = 1;

    /** "The same rate" is a statement about medians of a machine with others on it. */
    private static final double NOISE = 0.1;

    private final Path directory;
    private final List<Figure> figures;

    /** Leaves its files in a directory, and its figures in a list. */
    Names(Path directory, List<Figure> figures) {
        this.directory = directory;
        this.figures = figures;
    }

    void replication() throws IOException {
        try (NamesPeer here = NamesPeer.start(2, List.of());
                NameServer there = NameServer.ours(3, FEW, here.target())) {
            Replication replication = new Replication(here, there, figures);
            replication.one();
            replication.many();
        }
    }

    void memory() throws IOException {
        try (NameServer few = NameServer.ours(4, FEW);
                NameServer many = NameServer.ours(5, MANY)) {
            String names = "memory of 100,000 names";
            figures.add(Figure.atMost(60, names + " of its own, given by hand", "MB", megabytes(many, few)));
            try (NameServer other = NameServer.ours(10, FEW, many.target());
                    Question last = new Question("127.0.0.10", NamesPeer.DNS_PORT, NamesPeer.name(5, MANY - 1))) {
                last.awaitAnswer();
                figures.add(Figure.atMost(60, names + " of another peer", "MB", megabytes(other, few)));
            }
        }
    }

    /** The heap in use after collection, more than that of another process. */
    private static List<Double> megabytes(NameServer server, NameServer than) throws IOException {
        List<Double> samples = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            samples.add((server.command("memory") - than.command("memory")) / 1e6);
        }
        return samples;
    }

    void load() throws IOException, InterruptedException {
        try (NameServer few = NameServer.ours(4, FEW);
                NameServer many = NameServer.ours(5, MANY);
                NameServer dnsmasq = NameServer.dnsmasq(directory, 6, FEW);
                NameServer manyDnsmasq = NameServer.dnsmasq(directory, 7, MANY);
                NameServer unbound = NameServer.unbound(directory, 8, FEW);
                NameServer manyUnbound = NameServer.unbound(directory, 9, MANY)) {
            Map<NameServer, String> servers = new LinkedHashMap<>();
            servers.put(few, "10 names");
            servers.put(dnsmasq, "10 names, dnsmasq");
            servers.put(unbound, "10 names, unbound");
            servers.put(many, "100,000 names");
            servers.put(manyDnsmasq, "100,000 names, dnsmasq");
            servers.put(manyUnbound, "100,000 names, unbound");
            Map<NameServer, List<Load>> loads = loads(servers);
            List<Double> ours = rates(loads, few);
            List<Double> manyOurs = rates(loads, many);
            figures.add(ratio(1.5, "answers, 10 names, ours : dnsmasq", ours, rates(loads, dnsmasq)));
            figures.add(ratio(0.8, "answers, 10 names, ours : unbound", ours, rates(loads, unbound)));
            figures.add(ratio("answers, 100,000 names, ours : dnsmasq", manyOurs, rates(loads, manyDnsmasq)));
            figures.add(ratio("answers, 100,000 names, ours : unbound", manyOurs, rates(loads, manyUnbound)));
            sameRate(few, many);
            halfLoad(loads, List.of(few, dnsmasq, unbound));
        }
    }

    /** As much as each server can, in turn, for the machine is not ours alone. */
    private Map<NameServer, List<Load>> loads(Map<NameServer, String> servers)
            throws IOException, InterruptedException {
        Map<NameServer, List<Load>> loads = new LinkedHashMap<>();
        for (NameServer server : servers.keySet()) {
            DnsPerf.full(server, server.questions(directory, MANY), WARM_UP_SECONDS);
            loads.put(server, new ArrayList<>());
        }
        for (int i = 0; i < ROUNDS; i++) {
            for (var entry : loads.entrySet()) {
                Path questions = entry.getKey().questions(directory, MANY);
                entry.getValue().add(DnsPerf.full(entry.getKey(), questions, SECONDS));
            }
        }
        servers.forEach(
                (server, what) -> figures.add(Figure.unpromised("answers, " + what, "1/s", rates(loads, server))));
        servers.forEach((server, what) -> figures.add(
                Figure.unpromised("processor time of an answer, " + what, "us", column(loads, server, Load::micros))));
        return loads;
    }

    /**
     * Whether many names are answered as fast as few. The rates of a second differ by more than that from one to the next, so
     * each is compared with its neighbour, and either is first as often. Both get a file of questions of the same length.
     */
    private void sameRate(NameServer few, NameServer many) throws IOException, InterruptedException {
        List<Load> ofFew = new ArrayList<>();
        List<Load> ofMany = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            for (NameServer server : i % 2 == 0 ? List.of(few, many) : List.of(many, few)) {
                Load load = DnsPerf.full(server, server.questions(directory, MANY), SECONDS);
                (server == few ? ofFew : ofMany).add(load);
            }
        }
        List<Double> rates = ratios(column(ofMany, Load::perSecond), column(ofFew, Load::perSecond));
        List<Double> times = ratios(column(ofMany, Load::micros), column(ofFew, Load::micros));
        figures.add(Figure.atLeast(1 - NOISE, "answers, 100,000 names : 10 names", "", rates));
        figures.add(Figure.unpromised("processor time of an answer, 100,000 names : 10 names", "", times));
    }

    /** Times to an answer, with half of the questions each server can answer. */
    private void halfLoad(Map<NameServer, List<Load>> loads, List<NameServer> servers)
            throws IOException, InterruptedException {
        List<List<Double>> latencies =
                servers.stream().<List<Double>>map(server -> new ArrayList<>()).toList();
        for (int i = 0; i < ROUNDS; i++) {
            for (int j = 0; j < servers.size(); j++) {
                NameServer server = servers.get(j);
                double rate = Figure.unpromised("", "", rates(loads, server)).median() / 2;
                latencies.get(j).add(DnsPerf.p99Micros(server, server.questions(directory, MANY), 1, rate));
            }
        }
        String what = "99 % of answers at half load within";
        figures.add(Figure.unpromised(what, "us", latencies.get(0)));
        figures.add(Figure.unpromised(what + ", dnsmasq", "us", latencies.get(1)));
        figures.add(Figure.unpromised(what + ", unbound", "us", latencies.get(2)));
        for (int j = 1; j < servers.size(); j++) {
            List<Double> ratios = ratios(latencies.get(0), latencies.get(j));
            String name = what + ", ours : " + (j == 1 ? "dnsmasq" : "unbound");
            figures.add(Figure.atMost(2, name, "", ratios));
        }
    }

    private static List<Double> rates(Map<NameServer, List<Load>> loads, NameServer server) {
        return column(loads, server, Load::perSecond);
    }

    private static List<Double> column(
            Map<NameServer, List<Load>> loads, NameServer server, ToDoubleFunction<Load> value) {
        return column(Objects.requireNonNull(loads.get(server)), value);
    }

    private static List<Double> column(List<Load> loads, ToDoubleFunction<Load> value) {
        return loads.stream().mapToDouble(value).boxed().toList();
    }

    private static Figure ratio(double atLeast, String name, List<Double> of, List<Double> to) {
        return Figure.atLeast(atLeast, name, "", ratios(of, to));
    }

    private static Figure ratio(String name, List<Double> of, List<Double> to) {
        return Figure.unpromised(name, "", ratios(of, to));
    }

    private static List<Double> ratios(List<Double> of, List<Double> to) {
        return IntStream.range(0, of.size())
                .mapToObj(i -> of.get(i) / to.get(i))
                .toList();
    }
}
