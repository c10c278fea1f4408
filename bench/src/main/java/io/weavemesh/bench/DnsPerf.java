package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program {@code dnsperf}: asks one server from one socket. */
final class DnsPerf {

    private static final Pattern RATE = Pattern.compile("Queries per second: +([0-9.]+)");
    private static final Pattern COMPLETED = Pattern.compile("Queries completed: +([0-9]+)");
    private static final Pattern CODES = Pattern.compile("Response codes: +(.*)");
    private static final Pattern LATENCY = Pattern.compile("^> NOERROR .* ([0-9.]+)$");

    private DnsPerf() {}

    /**
     * What a server gave.
     *
     * @param micros processor time of the server for each answer
     */
    record Load(double perSecond, double micros) {}

    /** As many answers as there can be with a hundred questions on their way at any time. */
    static Load full(NameServer server, Path questions, int seconds) throws IOException, InterruptedException {
        Duration before = server.processorTime();
        List<String> lines = run(server, questions, "-l", Integer.toString(seconds));
        double micros = server.processorTime().minus(before).toNanos() / 1e3;
        return new Load(Double.parseDouble(only(RATE, lines)), micros / Double.parseDouble(only(COMPLETED, lines)));
    }

    /** The time in microseconds within which 99 of 100 answers came, at so many questions per second. */
    static double p99Micros(NameServer server, Path questions, int seconds, double rate)
            throws IOException, InterruptedException {
        List<String> lines =
                run(server, questions, "-l", Integer.toString(seconds), "-Q", Long.toString(Math.round(rate)), "-v");
        List<Double> latencies = new ArrayList<>();
        for (String line : lines) {
            Matcher latency = LATENCY.matcher(line);
            if (latency.matches()) {
                latencies.add(Double.parseDouble(latency.group(1)) * 1e6);
            }
        }
        Collections.sort(latencies);
        return latencies.get(latencies.size() * 99 / 100);
    }

    private static List<String> run(NameServer server, Path questions, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("dnsperf", "-s", "127.0.0." + server.number(), "-p", Integer.toString(NamesPeer.DNS_PORT)));
        command.addAll(List.of("-d", questions.toString(), "-c", "1", "-T", "1"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = process.inputReader().lines().toList();
        if (process.waitFor() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' failed: " + lines);
        }
        String codes = only(CODES, lines);
        if (!codes.matches("NOERROR \\d+ \\(100.00%\\)")) {
            throw new IOException("127.0.0." + server.number() + " did not answer all questions: " + codes);
        }
        return lines;
    }

    private static String only(Pattern pattern, List<String> lines) throws IOException {
        for (String line : lines) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new IOException("dnsperf did not say '" + pattern + "'");
    }
}
