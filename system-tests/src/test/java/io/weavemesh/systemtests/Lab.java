package io.weavemesh.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Several Docker hosts on this machine, called {@code host1}, {@code host2}, …; the script {@code system-tests/lab} makes
 * them and says how. Not for parallel use. {@code close} removes everything; what a killed test run left behind is removed
 * when the next one starts.
 */
final class Lab implements AutoCloseable {

    /** Long enough for any single command of a session on a busy machine. */
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);

    /** It runs a whole peer with all its commands, on a machine that may have other things to do. */
    private static final Duration RECORDING_LIMIT = Duration.ofMinutes(5);

    private static final Path REPOSITORY = Path.of(System.getProperty("weavemesh.repository", ".."))
            .toAbsolutePath()
            .normalize();

    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final int size;
    private Optional<Process> upstream = Optional.empty();

    /**
     * @param count hosts
     * @param upOptions of the script's {@code up}: {@code --mtu}, {@code --forward-drop}, {@code --no-docker},
     *     {@code --underlay6}, {@code --cluster-store}
     */
    static Lab up(int count, List<String> upOptions) {
        // Interface names of a lab begin with its tag and have 15 characters; a process id in base 36 has at most 5.
        String tag = "w" + Long.toString(ProcessHandle.current().pid(), 36);
        Lab lab = new Lab(tag, count);
        lab.script("sweep").ok();
        // Records a start if none is recorded since the last build; what is timed later is a start like any other.
        Terminal.run(
                        "here",
                        "weave version",
                        List.of(REPOSITORY.resolve("weave").toString(), "version"),
                        lab.environment,
                        RECORDING_LIMIT)
                .ok();
        List<String> arguments = new ArrayList<>(List.of("up", Integer.toString(count)));
        arguments.addAll(upOptions);
        try {
            lab.script(arguments.toArray(String[]::new)).ok();
            if (!upOptions.contains("--no-docker")) {
                lab.script("image").ok();
            }
            return lab;
        } catch (AssertionError e) {
            lab.close();
            throw e;
        }
    }

    private Lab(String tag, int size) {
        this.directory = Path.of("/var/tmp/weavemesh-lab-" + tag);
        this.size = size;
        environment.put("LAB", directory.toString());
        environment.put("LAB_TAG", tag);
        environment.put("LAB_OWNER", Long.toString(ProcessHandle.current().pid()));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
    }

    static Path repository() {
        return REPOSITORY;
    }

    List<String> hosts() {
        return IntStream.rangeClosed(1, size).mapToObj(i -> "host" + i).toList();
    }

    /** Types a line at a host's shell. */
    Outcome on(String host, String line) {
        return on(host, line, COMMAND_LIMIT);
    }

    /** The limit is kept on the host, so that nothing goes on there after it. */
    Outcome on(String host, String line, Duration limit) {
        List<String> command = List.of(
                script(), "on", host, "timeout", "-k", "1", Long.toString(limit.toSeconds()), "bash", "-c", line);
        Outcome outcome = Terminal.run(host, line, command, environment, limit.plusSeconds(5));
        if (outcome.exit() == 124) {
            throw new AssertionError("did not end within " + limit.toSeconds() + " s:\n" + outcome);
        }
        return outcome;
    }

    Outcome docker(String host, String arguments) {
        return on(host, "docker " + arguments);
    }

    /** Takes the host's cable out. */
    void cut(String host) {
        script("cut", host).ok();
    }

    void heal(String host) {
        script("heal", host).ok();
    }

    /** The two stop hearing each other; others still hear both. */
    void split(String one, String other) {
        script("split", one, other).ok();
    }

    void unsplit(String one, String other) {
        script("unsplit", one, other).ok();
    }

    /** Larger packets than this neither reach the host nor leave it, and nobody is told. */
    void narrow(String host, int mtu) {
        script("narrow", host, Integer.toString(mtu)).ok();
    }

    /** Power cut. */
    void crash(String host) {
        script("crash", host).ok();
    }

    /** Power on, with the disk the host had. */
    void boot(String host) {
        script("boot", host).ok();
    }

    /** Power on, but for Docker. */
    void bootWithoutDocker(String host) {
        script("boot", host, "--no-docker").ok();
    }

    /** Starts dockerd on a host where it was stopped; how long it took until it answered. */
    Duration startDocker(String host) {
        return script("dockerd", host).ok().took();
    }

    /** What the host's dockerd has printed so far. */
    String dockerLog(String host) {
        try {
            return Files.readString(directory.resolve(host).resolve("dockerd.log"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read dockerd's log of " + host, e);
        }
    }

    void loadImage(String host, Path file) {
        script("load", host, file.toString()).ok();
    }

    /** Starts the resolver that the hosts' {@code /etc/resolv.conf} names, see {@link Upstream}. Until then there is none. */
    void startUpstream() {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                            script(),
                            "switch",
                            System.getProperty("java.home") + "/bin/java",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Upstream.class.getName(),
                            "198.18.0.1")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(environment);
            upstream = Optional.of(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the upstream resolver", e);
        }
    }

    /** A host's address in the underlay. */
    String address(String host) {
        return script("addr", host).ok().text();
    }

    /** Where a host's disk is on this machine: {@code varlib} is its {@code /var/lib/weave}. */
    Path disk(String host) {
        return directory.resolve(host);
    }

    /** A path of a host as this machine's processes see it: {@code /run} is a host's own. */
    Path inside(String host, String path) {
        return Path.of("/proc", firstProcess(host), "root", path);
    }

    /** Kills the host's peer and what would start it again, which goes first or would do so. */
    void killPeer(String host) {
        String supervisor = "sed -n s/^pid=//p /run/weave/weave.supervisor";
        String peer = "cat /run/weave/weave.pid";
        on(
                        host,
                        "s=$(" + supervisor + "); p=$(" + peer + "); kill -9 $s $p;"
                                + " while kill -0 $s || kill -0 $p; do sleep 0.01; done 2>/dev/null; true")
                .ok();
    }

    /** The host's peer, for killing it at once: entering the host first would take longer than a call does. */
    ProcessHandle peer(String host) {
        try {
            String pid = Files.readString(inside(host, "/run/weave/weave.pid")).strip();
            Path namespace = Files.readSymbolicLink(Path.of("/proc", firstProcess(host), "ns/pid"));
            return ProcessHandle.allProcesses()
                    .filter(process -> isIn(namespace, process, pid))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no process " + pid + " on " + host));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find the peer of " + host, e);
        }
    }

    /** {@code NSpid} of proc(5): the process's numbers in all its PID namespaces, the innermost last. */
    private static boolean isIn(Path namespace, ProcessHandle process, String pid) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try {
            return Files.readSymbolicLink(proc.resolve("ns/pid")).equals(namespace)
                    && Files.readAllLines(proc.resolve("status")).stream()
                            .anyMatch(line -> line.startsWith("NSpid:") && line.endsWith("\t" + pid));
        } catch (IOException e) {
            return false; // It ended while we looked.
        }
    }

    private String firstProcess(String host) {
        try {
            return Files.readString(directory.resolve(host).resolve("pid")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(host + " does not run", e);
        }
    }

    /** What the host's peer has written to its log so far; empty if it has none. */
    String weaveLog(String host) {
        try {
            Path log = directory.resolve(host).resolve("varlib/weave.log");
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the weave log of " + host, e);
        }
    }

    /** What the four service containers of a host have printed so far. */
    String serviceLogs(String host) {
        return on(host, "for c in $(docker ps -aqf name=weave); do docker logs $c 2>&1; done")
                .text();
    }

    /** Copies everything the hosts print to a directory: weave's log, dockerd's, each container's. */
    void keepLogs(Path target) {
        for (String host : hosts()) {
            try {
                Path kept = Files.createDirectories(target.resolve(host));
                Path home = directory.resolve(host);
                Terminal.run(
                        "here",
                        "copy the logs of " + host,
                        List.of("bash", "-c", "cp " + home + "/*.log " + home + "/varlib/*.log* " + kept + " || true"),
                        environment,
                        COMMAND_LIMIT);
                if (Files.exists(home.resolve("pid"))) {
                    Files.writeString(kept.resolve("network.txt"), look(host).toString());
                    on(host, "for c in $(docker ps -aq); do docker logs $c >" + kept + "/container-$c.log 2>&1; done");
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot keep the logs of " + host + " in " + target, e);
            }
        }
    }

    private Outcome look(String host) {
        return on(
                host,
                "ip addr; ip -d link; bridge fdb; ip neigh; nft list ruleset; docker ps -a; docker network ls; ps axf;"
                        + " timeout 10 weave report");
    }

    @Override
    public void close() {
        upstream.ifPresent(Process::destroy);
        script("down").ok();
    }

    private Outcome script(String... arguments) {
        List<String> command = new ArrayList<>(List.of(script()));
        command.addAll(List.of(arguments));
        return Terminal.run("lab", String.join(" ", arguments), command, environment, COMMAND_LIMIT);
    }

    private static String script() {
        return REPOSITORY.resolve("system-tests/lab").toString();
    }
}
