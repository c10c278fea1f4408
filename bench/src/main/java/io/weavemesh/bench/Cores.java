package io.weavemesh.bench;

import io.weavemesh.dns.AnswerBenchmark;
import io.weavemesh.ipam.AllocationBenchmark;
import io.weavemesh.ipam.AllocationMemory;
import io.weavemesh.ipam.MergeBenchmark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the cores do alone, by JMH, and addresses over the bus. */
final class Cores {

    private static final int CALLERS = 32;

    /** "No slower" is a statement about medians of a machine with others on it. */
    private static final double NOISE = 0.1;

    private Cores() {}

    /** Leaves its files in a directory, and its figures in a list. */
    static void addresses(Path state, List<Figure> figures) throws Exception {
        memory(figures);
        bus(state, figures);
        cores(figures);
    }

    private static void memory(List<Figure> figures) {
        AllocationMemory.bytes(1_000); // Classes are loaded by this.
        List<Double> samples = IntStream.range(0, 5)
                .mapToObj(i -> AllocationMemory.bytes(100_000) / 1e6)
                .toList();
        figures.add(Figure.atMost(40, "memory of 100,000 allocations", "MB", samples));
    }

    private static void cores(List<Figure> figures) throws RunnerException {
        List<Double> empty = pairs("pair", 0);
        List<Double> full = pairs("pair", 90);
        String pairs = "release and allocate, one thread, /12 ";
        figures.add(Figure.atLeast(1_000_000, pairs + "empty", "pairs/s", empty));
        figures.add(Figure.unpromised(pairs + "90 % full", "pairs/s", full));
        figures.add(Figure.atLeast(0.5, pairs + "90 % full : empty", "", Figure.ratios(full, empty)));
        figures.add(Figure.unpromised(pairs + "90 % full, of any age", "pairs/s", pairs("anyPair", 90)));
        for (MergeBenchmark.News news : MergeBenchmark.News.values()) {
            List<Double> merge = samples(options(MergeBenchmark.class.getName())
                    .mode(Mode.SingleShotTime)
                    .timeUnit(TimeUnit.MICROSECONDS)
                    .warmupIterations(50)
                    .measurementIterations(100)
                    .param("news", news.name()));
            String what = switch (news) {
                case NOTHING -> "nothing new";
                case VERSIONS -> "all changed";
                case TOKENS -> "9,000 not known";
            };
            figures.add(Figure.atMost(
                    10,
                    "merge of 1,000 peers' 10,000 tokens, " + what,
                    "ms",
                    merge.stream().map(micros -> micros / 1_000).toList()));
        }
    }

    static void answers(List<Figure> figures) throws RunnerException {
        for (String names : List.of("10", "100000")) {
            String what = "answer made by the core, " + (names.equals("10") ? "10 names" : "100,000 names");
            answers("alone", names, what + ", one by one", figures);
            answers("together", names, what, figures);
        }
    }

    private static void answers(String method, String names, String what, List<Figure> figures) throws RunnerException {
        Collection<RunResult> results = new Runner(options(AnswerBenchmark.class.getName() + "." + method + "$")
                        .addProfiler(GCProfiler.class)
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .warmupIterations(4)
                        .measurementIterations(8)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementTime(TimeValue.seconds(1))
                        .param("names", names)
                        .build())
                .run();
        figures.add(Figure.unpromised(what, "ns", samples(results, IterationResult::getPrimaryResult)));
        figures.add(Figure.atMost(
                0.01,
                what + ", allocated",
                "B",
                samples(
                        results,
                        result -> Objects.requireNonNull(
                                result.getSecondaryResults().get("gc.alloc.rate.norm")))));
    }

    private static List<Double> pairs(String method, int full) throws RunnerException {
        return samples(options(AllocationBenchmark.class.getName() + "." + method + "$")
                .mode(Mode.Throughput)
                .timeUnit(TimeUnit.SECONDS)
                .warmupIterations(4)
                .measurementIterations(8)
                .warmupTime(TimeValue.seconds(1))
                .measurementTime(TimeValue.seconds(1))
                .param("full", Integer.toString(full)));
    }

    private static ChainedOptionsBuilder options(String benchmark) {
        return new OptionsBuilder()
                .include(benchmark)
                .forks(1)
                .jvmArgs(
                        "-Xmx3g",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "--sun-misc-unsafe-memory-access=allow")
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private static List<Double> samples(ChainedOptionsBuilder options) throws RunnerException {
        return samples(new Runner(options.build()).run(), IterationResult::getPrimaryResult);
    }

    private static List<Double> samples(Collection<RunResult> results, Function<IterationResult, Result<?>> part) {
        return results.stream()
                .map(RunResult::getBenchmarkResults)
                .flatMap(Collection::stream)
                .flatMap(result -> result.getIterationResults().stream())
                .map(iteration -> part.apply(iteration).getScore())
                .toList();
    }

    private static void bus(Path state, List<Figure> figures) throws Exception {
        try (Addresses few = Addresses.start(state.resolve("few"));
                Addresses many = Addresses.start(state.resolve("many"))) {
            figures.add(Figure.unpromised("one write and sync of 4 KiB on this disk", "ms", Disk.syncs(state)));
            few.fill(100);
            many.fill(50_000);
            List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>());
            List<List<Double>> latencies = List.of(new ArrayList<>(), new ArrayList<>());
            for (int i = -3; i < 15; i++) { // In turn, for the disk is not ours alone. The first three warm it up.
                for (Addresses one : List.of(few, many)) {
                    double rate = one.round(CALLERS, 3_200).perSecond();
                    double latency = one.round(1, 200).medianMillis();
                    if (i >= 0) {
                        rates.get(one == few ? 0 : 1).add(rate);
                        latencies.get(one == few ? 0 : 1).add(latency);
                    }
                }
            }
            for (int i = 0; i < 2; i++) {
                String live = i == 0 ? ", 100 in use" : ", 50,000 in use";
                figures.add(Figure.atLeast(3_000, "addresses to " + CALLERS + " callers" + live, "1/s", rates.get(i)));
                figures.add(Figure.atMost(1.5, "time to an address, 1 caller" + live, "ms", latencies.get(i)));
            }
            figures.add(Figure.atLeast(
                    1 - NOISE, "addresses to 32 callers, 50,000 : 100", "", Figure.ratios(rates.get(1), rates.get(0))));
            figures.add(Figure.atMost(
                    1 + NOISE,
                    "time to an address, 50,000 : 100",
                    "",
                    Figure.ratios(latencies.get(1), latencies.get(0))));
        }
    }
}
