package io.weavemesh.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A host of {@code system-tests/lab} with a Docker Engine of its own and the image {@code busybox}. Needs root. Not for
 * several threads. It goes, with all that runs on it, when it is closed.
 */
final class DockerHost implements AutoCloseable {

    private static final String LAB = "system-tests/lab";
    private static final String HOST = "host1";

    /** For a hundred containers that come, or go, at once. */
    private static final int LIMIT_SECONDS = 300;

    private final Map<String, String> environment;
    private boolean closed;

    private DockerHost(Path directory) {
        long pid = ProcessHandle.current().pid();
        this.environment = Map.of(
                "LAB", directory.resolve("lab").toString(),
                "LAB_TAG", "b" + Long.toString(pid, Character.MAX_RADIX),
                "LAB_OWNER", Long.toString(pid));
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtLast)); // Should this process be ended.
    }

    /** Makes one whose disk is in a directory that has a path without relative parts. */
    static DockerHost start(Path directory) throws IOException, InterruptedException {
        DockerHost host = new DockerHost(directory);
        try {
            host.lab(List.of("up", "1", "--forward-drop"));
            host.lab(List.of("image"));
            return host;
        } catch (IOException | InterruptedException e) {
            host.close();
            throw e;
        }
    }

    /** Runs a line of bash on the host, within five minutes; what it printed. A failure is an error with that text. */
    String bash(String line) throws IOException, InterruptedException {
        return lab(List.of("on", HOST, "timeout", "-k", "5", Integer.toString(LIMIT_SECONDS), "bash", "-c", line))
                .strip();
    }

    /** How long a line of bash takes on the host, in milliseconds, without the way there. Its output is lost. */
    double millis(String line) throws IOException, InterruptedException {
        String clock = "${EPOCHREALTIME/[.,]/}"; // In microseconds.
        return Long.parseLong(
                        bash("b=" + clock + "; { " + line + "; } >/dev/null || exit; echo $((" + clock + " - b))"))
                / 1e3;
    }

    private String lab(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAB));
        command.addAll(arguments);
        return Commands.output(environment, command);
    }

    private void closeAtLast() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("a lab is left over: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            lab(List.of("down"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
