package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code supervise}, with a shell in the peer's place: its lives are lines of a file that the test reads. */
class SuperviseScriptTest {

    private static final Path SCRIPT = Path.of("src/main/dist/supervise").toAbsolutePath();
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Says that it lives, and that it is ready as the peer does. */
    private static final String READY =
            "echo \"$$ $WEAVE_RESTARTS\" >>$WEAVE_RUN/lives; echo pid=$WEAVE_SUPERVISOR >$WEAVE_RUN/weave.ready; ";

    @TempDir
    Path directory;

    private Optional<Process> script = Optional.empty();

    @AfterEach
    void end() {
        script.ifPresent(Process::destroyForcibly);
    }

    @Test
    void aFirstStartThatFailsIsNotRepeated() throws Exception {
        Process script = supervise("echo $$ >>$WEAVE_RUN/lives; exit 1");
        assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).hasSize(1);
        assertThat(directory.resolve("weave.supervisor")).doesNotExist();
    }

    @Test
    void aFirstStartThatFailsBesideAPeerThatIsReadyIsNotRepeatedEither() throws Exception {
        Files.writeString(directory.resolve("weave.ready"), "pid=1\n");
        Files.writeString(directory.resolve("weave.supervisor"), "pid=1\n");
        Process script = supervise("echo $$ >>$WEAVE_RUN/lives; exit 1");
        assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).hasSize(1);
        assertThat(directory.resolve("weave.supervisor")).exists();
        assertThat(directory.resolve("weave.ready")).exists();
    }

    @Test
    void aPeerThatIsKilledIsStartedAgainAndTheNoteSaysSo() throws Exception {
        Process script = supervise(READY + "exec sleep 1000");
        awaitLives(1);
        kill(peer(), "KILL");
        awaitLives(2);

        Supervisor noted =
                Supervisor.running(new HostPaths(directory, directory)).orElseThrow();
        assertThat(noted.process().pid()).isEqualTo(script.pid());
        assertThat(noted.story()).contains("started the peer again 1 time since the launch", "after signal 9");
        assertThat(lives()).first().asString().endsWith(" 0");
        assertThat(lives()).last().asString().endsWith(" 1");
        assertThat(directory.resolve("weave.log")).content().contains("WARN  supervise", "status=137 restarts=1");
    }

    @Test
    void aPeerThatEndsBecauseItWasToldToIsNotStartedAgain() throws Exception {
        Process script = supervise(READY + "exec sleep 1000");
        awaitLives(1);
        kill(peer(), "TERM");
        assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).hasSize(1);
    }

    @Test
    void aSupervisorThatIsToldToEndTellsItsPeerAndWaitsForIt() throws Exception {
        Process script =
                supervise(READY + "trap 'sleep 0.3; echo orderly >>$WEAVE_RUN/lives; exit 0' TERM; sleep 1000 & wait");
        awaitLives(1);
        kill(script.pid(), "TERM");
        assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).last().isEqualTo("orderly");
        assertThat(directory.resolve("weave.ready")).doesNotExist();
    }

    @Test
    void aCrashLoopIsSlowedDownAndEndsAtOnceWhenTold() throws Exception {
        Process script = supervise(READY + "exit 3");
        awaitLives(5); // One launch, three restarts without a pause, one after a second.
        awaitUntil(() -> note().contains("pause=2"));
        Supervisor noted =
                Supervisor.running(new HostPaths(directory, directory)).orElseThrow();
        assertThat(noted.story()).contains("after exit status 3, with a pause of 2 s because it keeps crashing");
        kill(script.pid(), "TERM");
        assertThat(script.waitFor(1, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).hasSize(5);
        assertThat(directory.resolve("weave.supervisor")).doesNotExist();
    }

    @Test
    void aPeerThatLostItsSupervisorIsAdoptedAndStartedAgainByTheNewOne() throws Exception {
        Process orphan = new ProcessBuilder("sleep", "1000").start();
        try {
            Files.writeString(directory.resolve("weave.pid"), orphan.pid() + "\n");
            supervise(List.of("--adopt", Long.toString(orphan.pid())), READY + "exec sleep 1000");
            awaitUntil(() -> note().contains("pid="));
            assertThat(lives()).isEmpty();
            kill(orphan.pid(), "KILL");
            awaitLives(1);
            assertThat(lives()).first().asString().endsWith(" 1");
        } finally {
            orphan.destroyForcibly();
        }
    }

    @Test
    void anAdoptedPeerThatEndedInOrderIsNotStartedAgain() throws Exception {
        Process orphan = new ProcessBuilder("sleep", "1000").start();
        Files.writeString(directory.resolve("weave.pid"), orphan.pid() + "\n");
        Process script = supervise(List.of("--adopt", Long.toString(orphan.pid())), READY + "exec sleep 1000");
        awaitUntil(() -> note().contains("pid="));
        Files.delete(directory.resolve("weave.pid")); // As a peer does that was told to stop.
        kill(orphan.pid(), "TERM");
        assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lives()).isEmpty();
    }

    @Test
    void aNoteWhoseProcessIsSomebodyElseMeansNothing() throws IOException {
        Files.writeString(
                directory.resolve("weave.supervisor"),
                "pid=" + ProcessHandle.current().pid() + "\nrestarts=3\n");
        assertThat(Supervisor.running(new HostPaths(directory, directory))).isEmpty();
        Files.writeString(directory.resolve("weave.supervisor"), "pid=banana\n");
        assertThat(Supervisor.running(new HostPaths(directory, directory))).isEmpty();
    }

    private Process supervise(String peer) throws IOException {
        return supervise(List.of(), peer);
    }

    private Process supervise(List<String> options, String peer) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(options);
        command.addAll(List.of("sh", "-c", peer));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("WEAVE_RUN", directory.toString());
        builder.environment().put("WEAVE_STATE", directory.toString());
        builder.environment().remove("WEAVE_RESTARTS");
        Process started = builder.start();
        script = Optional.of(started);
        return started;
    }

    private long peer() throws IOException {
        return Long.parseLong(lives().getLast().replaceAll(" .*", ""));
    }

    private static void kill(long pid, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private List<String> lives() throws IOException {
        Path file = directory.resolve("lives");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private String note() throws IOException {
        Path file = directory.resolve("weave.supervisor");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private void awaitLives(int count) throws Exception {
        awaitUntil(() -> lives().size() >= count);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void awaitUntil(Condition condition) throws Exception {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("not within 20 s").isLessThan(end);
            Thread.sleep(5);
        }
    }
}
