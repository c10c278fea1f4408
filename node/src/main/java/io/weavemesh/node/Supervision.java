package io.weavemesh.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running peer's side of being supervised, see {@link Supervisor}: says who does it and when the peer is ready, and starts
 * a new supervisor when that one is gone. Belongs to the main thread.
 */
final class Supervision {

    private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);

    /** Set by the script {@code supervise}: its process, and how often it has started a peer again. */
    private static final String SUPERVISOR = "WEAVE_SUPERVISOR";

    private static final String RESTARTS = "WEAVE_RESTARTS";

    private final HostPaths paths;
    private final String restarts;
    private final boolean supervised;
    private Optional<ProcessHandle> supervisor;

    private Supervision(HostPaths paths, String restarts, Optional<ProcessHandle> supervisor) {
        this.paths = paths;
        this.restarts = restarts;
        this.supervised = supervisor.isPresent();
        this.supervisor = supervisor;
    }

    /** Of a process that nobody starts again. */
    static Supervision none(HostPaths paths) {
        return new Supervision(paths, "0", Optional.empty());
    }

    /** Whether this process was started in place of one that crashed. */
    static boolean isRestart(Map<String, String> environment) {
        return environment.containsKey(SUPERVISOR)
                && !environment.getOrDefault(RESTARTS, "0").equals("0");
    }

    /** For the peer that holds the pid file, and so is the only one of this host. */
    static Supervision begin(HostPaths paths, Map<String, String> environment) {
        String restarts = environment.getOrDefault(RESTARTS, "0");
        Optional<ProcessHandle> supervisor = ProcessHandle.current()
                .parent()
                .filter(parent -> Long.toString(parent.pid()).equals(environment.get(SUPERVISOR)));
        delete(paths.readyFile());
        if (supervisor.isPresent() && restarts.equals("0")) {
            write(paths.supervisorFile(), "pid=" + supervisor.get().pid() + "\n");
        }
        String unit = environment.get(SystemdUnit.VARIABLE);
        if (unit != null) {
            write(paths.supervisorFile(), "unit=" + unit + "\n");
        }
        return new Supervision(paths, restarts, supervisor);
    }

    /** For a peer that was told to end. */
    void end() {
        if (Supervisor.isSystemd(paths)) {
            delete(paths.supervisorFile());
        }
    }

    /** From now on a crash is worth a restart. */
    void ready() {
        if (supervised) {
            write(
                    paths.readyFile(),
                    supervisor.map(s -> "pid=" + s.pid() + "\n").orElse(""));
        }
    }

    /** A supervisor that was killed is replaced; the peer goes on meanwhile. */
    void look() {
        if (supervisor.isEmpty() || supervisor.get().isAlive()) {
            return;
        }
        supervisor = Optional.empty();
        try {
            supervisor = Supervisor.script().map(this::adopt);
        } catch (IllegalStateException e) {
            LOG.warn("No supervisor could be started; a crash would be the end. reason=\"{}\"", e.getMessage());
        }
    }

    private ProcessHandle adopt(Path script) {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                "sh",
                script.toString(),
                "--adopt",
                Long.toString(ProcessHandle.current().pid())));
        try {
            String self = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8);
            command.addAll(Arrays.stream(self.split("\0", -1))
                    .filter(argument -> !argument.isEmpty())
                    .toList());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put(RESTARTS, restarts);
            ProcessHandle adopted = builder.start().toHandle();
            LOG.warn("The supervisor is gone; started another one. process={}", adopted.pid());
            return adopted;
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("A file of the supervisor could not be removed. file={} reason=\"{}\"", file, e.getMessage());
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            LOG.warn("A file of the supervisor could not be written. file={} reason=\"{}\"", file, e.getMessage());
        }
    }
}
