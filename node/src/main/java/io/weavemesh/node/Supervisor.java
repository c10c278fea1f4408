package io.weavemesh.node;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;

/**
 * The process that starts this host's peer again when it has crashed: the script {@code supervise} of the distribution, whose
 * file in the run directory this reads. Not there under systemd, in a container, or after {@code launch --no-restart}.
 *
 * @param process alive when it was read
 * @param restarts how often it has started the peer again
 * @param status how the peer ended last, as a shell says it: 128 and the signal's number, or the exit status
 * @param at the time of day of the last restart
 * @param pauseSeconds how long it waits or waited before that restart; above 0 the peer keeps crashing
 */
record Supervisor(ProcessHandle process, int restarts, String status, String at, int pauseSeconds) {

    private static final int SIGNALLED = 128;
    private static final String SCRIPT = "supervise";

    /** The one that lives; a file that another left behind, or whose process is somebody else by now, means nothing. */
    static Optional<Supervisor> running(HostPaths paths) {
        Properties note = new Properties();
        try (Reader in = Files.newBufferedReader(paths.supervisorFile(), StandardCharsets.US_ASCII)) {
            note.load(in);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UserError("cannot read " + paths.supervisorFile() + ": " + e.getMessage());
        }
        return ProcessHandle.of(number(note, "pid"))
                .filter(Supervisor::isOne)
                .map(process -> new Supervisor(
                        process,
                        number(note, "restarts"),
                        note.getProperty("status", "-"),
                        note.getProperty("at", "-"),
                        number(note, "pause")));
    }

    /** Whether systemd does it, which has noted so by {@link Supervision}. */
    static boolean isSystemd(HostPaths paths) {
        try {
            return Files.readString(paths.supervisorFile()).startsWith("unit=");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UserError("cannot read " + paths.supervisorFile() + ": " + e.getMessage());
        }
    }

    private static int number(Properties note, String key) {
        String text = note.getProperty(key, "0");
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    /** Of another user's process the arguments are not known; it is taken for what the file says. */
    private static boolean isOne(ProcessHandle process) {
        return process.isAlive()
                && process.info()
                        .arguments()
                        .map(arguments -> Arrays.stream(arguments).anyMatch(a -> a.endsWith("/" + SCRIPT)))
                        .orElse(true);
    }

    /** Whether it is the one that started this process. */
    boolean startedUs() {
        return ProcessHandle.current().parent().filter(process::equals).isPresent();
    }

    /** For status pages: what the peer's past looks like. */
    String story() {
        if (restarts == 0) {
            return "process " + process.pid() + ", no restart since the launch";
        }
        return "process " + process.pid() + ", started the peer again " + restarts
                + (restarts == 1 ? " time" : " times")
                + " since the launch, last at " + at + " after " + cause()
                + (pauseSeconds > 0 ? ", with a pause of " + pauseSeconds + " s because it keeps crashing" : "");
    }

    private String cause() {
        if (!status.matches("\\d{1,3}")) {
            return "an end it did not see";
        }
        int code = Integer.parseInt(status);
        return code > SIGNALLED ? "signal " + (code - SIGNALLED) : "exit status " + code;
    }

    /** The script of the distribution whose jars this process runs from; nothing where that is none. */
    static Optional<Path> script() {
        return Arrays.stream(System.getProperty("java.class.path", "").split(":", -1))
                .filter(jar -> jar.endsWith(".jar"))
                .findFirst()
                .map(jar -> Path.of(jar).toAbsolutePath().getParent())
                .map(lib -> lib.resolveSibling(SCRIPT))
                .filter(Files::isReadable);
    }
}
