package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A whole peer in a namespace on a switch, started by the command {@code weave launch}, without Docker. */
final class PeerHost implements AutoCloseable {

    /** The kernel's unit of processor time, in what it shows to programs (proc(5)). */
    private static final long TICK_NANOS = 10_000_000;

    private static final Pattern PSS = Pattern.compile("(?m)^Pss: +(\\d+) kB");
    private static final Pattern DEVICE = Pattern.compile("(?m)^ *eth0: *(\\d+)(?: +\\d+){7} +(\\d+)");
    private static final Pattern ESTABLISHED = Pattern.compile("\\bestablished\\b");

    private final int number;
    private final Path state;
    private final Namespace namespace;

    private PeerHost(int number, Path state, Namespace namespace) {
        this.number = number;
        this.state = state;
        this.namespace = namespace;
        Runtime.getRuntime().addShutdownHook(new Thread(this::end)); // Should this process be ended.
    }

    /** A host that is plugged in and on which nothing runs yet. */
    static PeerHost create(int number, Namespace networkSwitch, Path directory)
            throws IOException, InterruptedException {
        Namespace namespace = Namespace.create("peer" + number);
        try {
            namespace.sh("set -e; ip link add eth0 type veth peer name port" + number + " netns " + networkSwitch.name()
                    + "; ip addr add " + address(number) + "/24 dev eth0; ip link set eth0 up");
            networkSwitch.sh("ip link set port" + number + " master switch up");
            Path state = directory.resolve("peer" + number);
            Files.createDirectories(state);
            return new PeerHost(number, state, namespace);
        } catch (IOException | InterruptedException e) {
            namespace.close();
            throw e;
        }
    }

    static String address(int number) {
        return "192.0.2." + number;
    }

    /** Starts the peer; returns when it says that it is ready. */
    void launch(List<String> targets) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./weave", "launch", "--name", name(number)));
        command.addAll(List.of("--nickname", "peer" + number, "--host", address(number), "--no-dns"));
        command.addAll(List.of("--ipalloc-init", "seed=" + name(1)));
        command.addAll(
                List.of("--docker-socket", state.resolve("no-docker.sock").toString()));
        command.addAll(List.of("--plugin-dir", state.resolve("plugins").toString()));
        command.addAll(targets);
        ProcessBuilder builder = namespace.program(command);
        builder.environment().put("WEAVE_STATE", state.toString());
        builder.environment().put("WEAVE_RUN", state.resolve("run").toString());
        Path output = state.resolve("launch.txt");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("peer " + number + " did not start: " + Files.readString(output));
        }
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "2e:11:0a:00:00:%02x", number);
    }

    /** How many other peers it says it is connected to. */
    int established() throws IOException, InterruptedException {
        String connections = namespace.sh("curl -sS --max-time 5 http://127.0.0.1:6784/status/connections");
        return (int) ESTABLISHED.matcher(connections).results().count();
    }

    /** What is in memory of it, what it shares with others counted as their part, in megabytes. */
    double megabytes() throws IOException {
        return Long.parseLong(only(PSS, proc("smaps_rollup")).group(1)) * 1.024 / 1e3;
    }

    /** The processor time it has used. */
    Duration processorTime() throws IOException {
        String stat = proc("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Duration.ofNanos((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS);
    }

    /** The octets it has sent to the other hosts, with all headers. */
    long sent() throws IOException {
        return Long.parseLong(only(DEVICE, proc("net/dev")).group(2));
    }

    private static Matcher only(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no '" + pattern + "' in: " + text);
        }
        return matcher;
    }

    private String proc(String file) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid()), file));
    }

    private long pid() throws IOException {
        return Long.parseLong(Files.readString(state.resolve("run/weave.pid")).strip());
    }

    private void end() {
        try {
            if (Files.exists(state.resolve("run/weave.pid"))) {
                ProcessHandle.of(pid()).ifPresent(peer -> {
                    peer.destroy();
                    peer.onExit().join();
                });
            }
        } catch (IOException e) {
            System.err.println("peer " + number + " could not be ended: " + e.getMessage());
        }
    }

    /** Ends the peer, if there is one; its host goes with it. */
    @Override
    public void close() throws IOException {
        end();
        namespace.close();
    }
}
