package io.weavemesh.router.edge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A throw-away network namespace, and the tools of iproute2 inside it to check the kernel's side independently of us. */
final class Namespace implements AutoCloseable {

    private final String name;

    private Namespace(String name) {
        this.name = name;
    }

    static Namespace create(String role) {
        String name = "wr-" + ProcessHandle.current().pid() + "-" + role;
        run(List.of("ip", "netns", "add", name));
        return new Namespace(name);
    }

    Path path() {
        return Path.of("/run/netns", name);
    }

    /** Runs a shell command inside and returns what it printed; a failure is an error with that text. */
    String sh(String command) {
        return run(List.of("ip", "netns", "exec", name, "sh", "-c", command));
    }

    /** A process inside that runs on; the caller ends it. */
    Process start(List<String> command) throws IOException {
        List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", name));
        inside.addAll(command);
        return new ProcessBuilder(inside).redirectErrorStream(true).start();
    }

    /** Writes of IPv6 settings, which only a process inside can do. */
    Ipv6Settings ipv6() {
        return new Ipv6Settings((file, value) -> sh("echo " + value + " > " + file));
    }

    /** Whether a shell command succeeds inside. */
    boolean succeeds(String command) {
        return status(List.of("ip", "netns", "exec", name, "sh", "-c", command), new StringBuilder()) == 0;
    }

    @Override
    public void close() {
        run(List.of("ip", "netns", "del", name));
    }

    private static String run(List<String> command) {
        StringBuilder output = new StringBuilder();
        int status = status(command, output);
        if (status != 0) {
            throw new IllegalStateException(command + " ended with " + status + ": " + output);
        }
        return output.toString();
    }

    private static int status(List<String> command, StringBuilder output) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(command))
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            output.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for " + command, e);
        }
    }
}
