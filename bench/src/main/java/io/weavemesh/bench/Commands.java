package io.weavemesh.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Other programs that end by themselves. */
final class Commands {

    private Commands() {}

    /**
     * Runs one with nothing to read.
     *
     * @param environment what it has besides ours
     * @return what it printed, errors among it; a failure is an error with that text
     */
    static String output(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Process process = start(environment, command);
        String output = outputOf(process);
        if (process.waitFor() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' failed: " + output.strip());
        }
        return output;
    }

    /** What one prints of itself, however it ends. */
    static String said(List<String> command) throws IOException, InterruptedException {
        Process process = start(Map.of(), command);
        String output = outputOf(process);
        process.waitFor();
        return output;
    }

    private static Process start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String outputOf(Process process) throws IOException {
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
