package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Service;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock of our own would not be refused to us, so processes of their own hold them here. */
class RunningServicesTest {

    private static final Set<Service> ALL = EnumSet.allOf(Service.class);

    @TempDir
    private Path directory;

    private HostPaths paths = new HostPaths(Path.of("/"), Path.of("/"));
    private final List<Process> holders = new ArrayList<>();

    @BeforeEach
    void begin() {
        paths = new HostPaths(directory, directory);
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process holder : holders) {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void nothingRunsWhereThereAreNoFilesOrOnlyOnesThatADeadProcessLeft() throws IOException {
        assertThat(RunningServices.alone(paths)).isEmpty();
        Files.writeString(paths.pidFile(Service.DNS), "1\n");
        Files.writeString(paths.pidFile(), "1\n");
        assertThat(RunningServices.alone(paths)).isEmpty();
        assertThatCode(() -> RunningServices.refuseSecondPeer(paths, ALL)).doesNotThrowAnyException();
        assertThatCode(() -> RunningServices.refuseSecondPeer(paths, EnumSet.of(Service.DNS)))
                .doesNotThrowAnyException();
    }

    @Test
    void aWholePeerIsNotStartedBesideServicesInContainers() throws IOException {
        hold(paths.pidFile(Service.ROUTER));
        hold(paths.pidFile(Service.PLUGIN));
        assertThat(RunningServices.alone(paths)).containsExactlyInAnyOrder(Service.ROUTER, Service.PLUGIN);
        assertThatThrownBy(() -> RunningServices.refuseSecondPeer(paths, ALL))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("weave runs on this host already")
                .hasMessageContaining("router")
                .hasMessageContaining("plugin")
                .hasMessageContaining("stop it with 'weave stop'");
        assertThatCode(() -> RunningServices.refuseSecondPeer(paths, EnumSet.of(Service.DNS)))
                .doesNotThrowAnyException();
    }

    @Test
    void aServiceIsNotStartedBesideAWholePeer() throws IOException {
        hold(paths.pidFile());
        assertThat(RunningServices.alone(paths)).isEmpty();
        assertThatThrownBy(() -> RunningServices.refuseSecondPeer(paths, EnumSet.of(Service.DNS)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a whole peer runs on this host already");
    }

    /** By a process of its own, in the way a peer does it. */
    private void hold(Path file) throws IOException {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        holders.add(holder);
        assertThat(holder.inputReader().readLine()).isEqualTo("held");
    }

    /** A process that takes a file and keeps it. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            PidFile held = PidFile.take(Path.of(arguments[0]));
            System.out.println("held");
            System.in.transferTo(OutputStream.nullOutputStream()); // Until it is killed, or who started it is gone.
            held.close();
        }
    }
}
