package io.weavemesh.bench;

import io.weavemesh.bench.DnsPerf.Load;
import io.weavemesh.bench.Figure.Bound;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

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
            List<NameServer> servers = List.of(few, dnsmasq, unbound, many, manyDnsmasq, manyUnbound);
            Map<NameServer, List<Load>> loads = loads(servers);
            figures.add(rate(loads, few, "dnsmasq", dnsmasq, "10 names").promising(Bound.AT_LEAST, 1.5));
            figures.add(rate(loads, few, "unbound", unbound, "10 names").promising(Bound.AT_LEAST, 0.8));
            figures.add(rate(loads, many, "dnsmasq", manyDnsmasq, "100,000 names"));
            figures.add(rate(loads, many, "unbound", manyUnbound, "100,000 names"));
            figures.add(time(loads, few, "dnsmasq", dnsmasq, "10 names"));
            figures.add(time(loads, few, "unbound", unbound, "10 names"));
            figures.add(time(loads, many, "dnsmasq", manyDnsmasq, "100,000 names"));
            figures.add(time(loads, many, "unbound", manyUnbound, "100,000 names"));
            sameRate(few, many);
            halfLoad(loads, List.of(few, dnsmasq, unbound));
        }
    }

    /** As much as each server can, in turn, for the machine is not ours alone. */
    private Map<NameServer, List<Load>> loads(List<NameServer> servers) throws IOException, InterruptedException {
        Map<NameServer, List<Load>> loads = new LinkedHashMap<>();
        for (NameServer server : servers) {
            DnsPerf.full(server, server.questions(directory, MANY), WARM_UP_SECONDS);
            loads.put(server, new ArrayList<>());
        }
        for (int i = 0; i < ROUNDS; i++) {
            for (var entry : loads.entrySet()) {
                Path questions = entry.getKey().questions(directory, MANY);
                entry.getValue().add(DnsPerf.full(entry.getKey(), questions, SECONDS));
            }
        }
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
        List<Double> rates = Figure.ratios(column(ofMany, Load::perSecond), column(ofFew, Load::perSecond));
        List<Double> times = Figure.ratios(column(ofMany, Load::micros), column(ofFew, Load::micros));
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
        figures.add(Figure.beside("dnsmasq", latencies.get(1), what, "us", latencies.get(0))
                .promising(Bound.AT_MOST, 2));
        figures.add(Figure.beside("unbound", latencies.get(2), what, "us", latencies.get(0))
                .promising(Bound.AT_MOST, 2));
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

    private static Figure rate(
            Map<NameServer, List<Load>> loads, NameServer ours, String what, NameServer other, String names) {
        return Figure.beside(what, rates(loads, other), "answers, " + names, "1/s", rates(loads, ours));
    }

    private static Figure time(
            Map<NameServer, List<Load>> loads, NameServer ours, String what, NameServer other, String names) {
        return Figure.beside(
                what,
                column(loads, other, Load::micros),
                "processor time of an answer, " + names,
                "us",
                column(loads, ours, Load::micros));
    }
}
