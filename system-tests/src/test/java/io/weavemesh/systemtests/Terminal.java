package io.weavemesh.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command of this machine to its end. Output goes by files, so that daemons a command leaves behind do no harm. */
final class Terminal {

    private Terminal() {}

    /**
     * @param where what to call the place in messages
     * @param shown what to call the command in messages
     * @throws AssertionError if the command does not end in time; it is killed
     */
    static Outcome run(
            String where, String shown, List<String> command, Map<String, String> environment, Duration limit) {
        Path out = null;
        Path err = null;
        try {
            out = Files.createTempFile("weavemesh", ".out");
            err = Files.createTempFile("weavemesh", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            long begin = System.nanoTime();
            Process process = builder.start();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            Outcome outcome = new Outcome(
                    where, shown, ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err), took);
            if (!ended) {
                throw new AssertionError("did not end within " + limit.toSeconds() + " s:\n" + outcome);
            }
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + shown, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + shown, e);
        } finally {
            delete(out);
            delete(err);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
