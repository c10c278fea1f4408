package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something was measured.
 *
 * @param machine processor, memory and kernel, in one line
 * @param versions of all that took part, in one line
 */
record Surroundings(String machine, String versions) {

    private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*: *(.+)$");
    private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal: *(\\d+) kB$");
    private static final Pattern VERSION = Pattern.compile("(\\d+(?:\\.\\d+)+)");

    /** Programs that are measured or measure, and what shows their version. */
    private static final Map<String, List<String>> PROGRAMS = programs();

    private static Map<String, List<String>> programs() {
        Map<String, List<String>> programs = new LinkedHashMap<>();
        programs.put("Docker", List.of("dockerd", "--version"));
        programs.put("dnsmasq", List.of("dnsmasq", "--version"));
        programs.put("unbound", List.of("unbound", "-V"));
        programs.put("iperf", List.of("iperf3", "--version"));
        return programs;
    }

    /** Of this machine, as it is now. {@code BENCH_VERSION} says which version of ours is measured. */
    static Surroundings here() throws IOException, InterruptedException {
        String model = first(MODEL, Files.readString(Path.of("/proc/cpuinfo")), "unknown processor");
        double kilobytes = Double.parseDouble(first(MEMORY, Files.readString(Path.of("/proc/meminfo")), "0"));
        String machine = String.format(
                Locale.ROOT,
                "%s, %d cores, %.0f GiB, Linux %s",
                model,
                Runtime.getRuntime().availableProcessors(),
                kilobytes / (1 << 20),
                System.getProperty("os.version"));
        StringBuilder versions = new StringBuilder("weavemesh "
                + System.getenv().getOrDefault("BENCH_VERSION", "of this tree")
                + ", Java "
                + Runtime.version());
        for (var program : PROGRAMS.entrySet()) {
            versions.append(", ").append(program.getKey()).append(' ').append(version(program.getValue()));
        }
        return new Surroundings(machine, versions.toString());
    }

    /** Some programs say that asking is an error; what matters is the number. */
    private static String version(List<String> command) throws InterruptedException {
        try {
            return first(VERSION, Commands.said(command), "?");
        } catch (IOException e) {
            return "not here";
        }
    }

    private static String first(Pattern pattern, String text, String otherwise) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : otherwise;
    }
}
