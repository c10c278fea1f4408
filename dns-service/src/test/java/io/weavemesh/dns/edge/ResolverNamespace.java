package io.weavemesh.dns.edge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A dns-service in a network and mount namespace of its own, in which {@code /etc/resolv.conf} names it: what a container
 * sees. Programs run in there cannot tell.
 */
final class ResolverNamespace implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 60;

    private static final Map<String, String> FILES = Map.of(
            "resolv.conf", "nameserver 127.0.0.1\nsearch weave.local\n",
            "nsswitch.conf", "hosts: files dns\n",
            "hosts", "127.0.0.1 localhost\n");

    private final Process server;

    private ResolverNamespace(Process server) {
        this.server = server;
    }

    /** Starts it, with files in a directory. */
    static ResolverNamespace open(Path directory) {
        try {
            // glibc leaves out a family of which the host has loopback addresses only (AI_ADDRCONFIG).
            StringBuilder script = new StringBuilder("set -e; ip link set lo up; "
                    + "ip address add 10.47.0.1/12 dev lo; ip address add fd00::99/64 dev lo nodad; ");
            for (Map.Entry<String, String> file : FILES.entrySet()) {
                Path inner = Files.writeString(directory.resolve(file.getKey()), file.getValue());
                script.append("mount --bind %s /etc/%s; ".formatted(inner, file.getKey()));
            }
            script.append("exec \"$@\"");
            List<String> command = new ArrayList<>(List.of("unshare", "-m", "-n", "sh", "-c", script.toString(), "sh"));
            command.addAll(java(ConformanceServer.class));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            ResolverNamespace namespace = new ResolverNamespace(process);
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            for (String line = output.readLine(); !ConformanceServer.READY.equals(line); line = output.readLine()) {
                if (line == null) {
                    throw new IllegalStateException("the server ended with " + process.waitFor() + ", see above");
                }
            }
            return namespace;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** How to start a class of the tests. */
    static List<String> java(Class<?> main) {
        return List.of(
                Path.of(property("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                property("java.class.path"),
                main.getName());
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name));
    }

    /** What a program prints inside, words of its command with spaces between; its exit code is not looked at. */
    String run(String command) {
        return run(List.of(command.split(" ", -1)));
    }

    String run(List<String> words) {
        List<String> command =
                new ArrayList<>(List.of("nsenter", "-t", String.valueOf(server.pid()), "-m", "-n", "--"));
        command.addAll(words);
        return output(command);
    }

    /** What a program prints, wherever it runs. */
    static String output(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " does not end");
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    @Override
    public void close() {
        try {
            server.getOutputStream().close();
            if (!server.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
