package io.weavemesh.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A network namespace of our own, and commands inside it. It goes, with all devices in it, when it is closed. */
final class Namespace implements AutoCloseable {

    private final String name;
    private boolean closed;

    private Namespace(String name) {
        this.name = name;
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAtLast)); // Should this process be ended.
    }

    /** Makes one; its loopback is up. Needs root. */
    static Namespace create(String role) throws IOException, InterruptedException {
        String name = "wb-" + ProcessHandle.current().pid() + "-" + role;
        output(List.of("ip", "netns", "add", name), 10);
        Namespace made = new Namespace(name);
        made.sh("ip link set lo up");
        return made;
    }

    String name() {
        return name;
    }

    /** Runs a shell command inside, within half a minute; what it printed. A failure is an error with that text. */
    String sh(String command) throws IOException, InterruptedException {
        return output(inside(List.of("sh", "-c", command)), 30);
    }

    /** What a program inside that ends by itself within a minute printed. */
    String run(List<String> command) throws IOException, InterruptedException {
        return output(inside(command), 60);
    }

    /** A program inside that runs on; its process is that program's own. */
    ProcessBuilder program(List<String> command) {
        return new ProcessBuilder(inside(command));
    }

    private List<String> inside(List<String> command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(command);
        return all;
    }

    private static String output(List<String> command, int seconds) throws IOException, InterruptedException {
        List<String> bounded = new ArrayList<>(List.of("timeout", "-k", "5", Integer.toString(seconds)));
        bounded.addAll(command);
        return Commands.output(Map.of(), bounded);
    }

    private void closeAtLast() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("namespace " + name + " is left over: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            output(List.of("ip", "netns", "del", name), 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
