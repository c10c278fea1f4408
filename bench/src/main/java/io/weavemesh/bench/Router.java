package io.weavemesh.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of a program of ours in a namespace, with a peer's JVM options, which answers each line with one. */
final class Router implements AutoCloseable {

    private final Process process;

    private Router(Process process) {
        this.process = process;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // Should this process be ended.
    }

    /** router-service at this address of the namespace; when it is ready it has a network. */
    static Router start(Namespace host, String address, Path state, String... targets) throws IOException {
        Files.createDirectories(state);
        List<String> arguments = new ArrayList<>(List.of(address, state.toString()));
        arguments.addAll(List.of(targets));
        return start(host, RouterPeer.class.getName(), arguments);
    }

    /** Any program that says it is ready by a first line. */
    static Router start(Namespace host, String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@node/src/main/dist/peer.jvmopts",
                "-cp",
                System.getProperty("java.class.path"),
                program));
        command.addAll(arguments);
        Router router = new Router(host.program(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        router.readLine();
        return router;
    }

    /** Tells it to do something; its answer. */
    String command(String command) throws IOException {
        process.outputWriter(StandardCharsets.US_ASCII)
                .append(command)
                .append('\n')
                .flush();
        return readLine();
    }

    /** Tells it to do something; the numbers of its answer. */
    List<Double> samples(String command) throws IOException {
        return List.of(command(command).split(" ", -1)).stream()
                .map(Double::valueOf)
                .toList();
    }

    private String readLine() throws IOException {
        String line = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (line == null) {
            throw new IOException("the peer's process ended by itself");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
