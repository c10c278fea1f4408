package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdUnitTest {

    /** Of 100, as systemd-analyze sees it; what remains is what a peer needs, see {@link SystemdUnit}. */
    private static final int EXPOSURE = 36;

    private static final Path JAVA = Path.of("/usr/lib/jvm/jdk");

    @TempDir
    Path directory;

    @Test
    void argumentsReachTheCommandAsTheyWereGiven() {
        String text = SystemdUnit.text(
                Path.of("/opt/weave mesh/weave"),
                JAVA,
                List.of("--nickname", "50% of \"$HOME\" \\ more", "host2:6783", "10.32.0.0/12"));
        assertThat(text)
                .contains("ExecStart=\"/opt/weave mesh/weave\" launch --foreground --nickname"
                        + " \"50%% of \\\"$$HOME\\\" \\\\ more\" host2:6783 10.32.0.0/12\n")
                .contains("Environment=WEAVE_UNIT=%n\n", "Environment=JAVA_HOME=/usr/lib/jvm/jdk\n");
    }

    @Test
    void itComesBeforeDockerAndComesBackWhateverHappens() {
        assertThat(SystemdUnit.text(Path.of("/opt/weave"), JAVA, List.of()))
                .contains("Before=docker.service\n", "Type=notify\n", "Restart=always\n", "StartLimitIntervalSec=0\n")
                .contains("RestartPreventExitStatus=78\n", "WantedBy=multi-user.target docker.service\n");
    }

    @Test
    void thatOfAPackageTakesPeersAndOptionsFromItsSettings() {
        assertThat(SystemdUnit.packaged(Path.of("/usr/lib/weavemesh/current/weave")))
                .contains("ExecStart=/usr/lib/weavemesh/current/weave launch --foreground $WEAVE_LAUNCH\n")
                .contains("Environment=WEAVE_LAUNCH=\nEnvironmentFile=-/etc/default/weave\n")
                .doesNotContain("JAVA_HOME");
    }

    @Test
    void aDistributionHasItsOwnJava() throws Exception {
        Files.createDirectory(directory.resolve("runtime"));
        assertThat(SystemdUnit.text(directory.resolve("weave"), JAVA, List.of()))
                .doesNotContain("JAVA_HOME");
    }

    @Test
    void systemdUnderstandsAllOfIt() throws Exception {
        Path analyze = Path.of("/usr/bin/systemd-analyze");
        if (!Files.isExecutable(analyze)) {
            System.out.println("*** NOT RUN: systemd-analyze verify, because this machine has no systemd ***");
            return;
        }
        Path script = Files.createFile(
                directory.resolve("weave"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        for (String text : List.of(
                SystemdUnit.text(script, JAVA, List.of("--nickname", "a b", "host2")), SystemdUnit.packaged(script))) {
            verify(analyze, text);
        }
    }

    private void verify(Path analyze, String text) throws Exception {
        Path unit = Files.writeString(directory.resolve(SystemdUnit.NAME), text);
        String said = run(analyze, "verify", "--man=no", unit.toString());
        assertThat(said.lines().filter(line -> line.contains(SystemdUnit.NAME))).isEmpty();
        run(analyze, "security", "--no-pager", "--offline=true", "--threshold=" + EXPOSURE, unit.toString());
    }

    private static String run(Path analyze, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(analyze.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void removingWhatIsNotThereIsHarmless() throws Exception {
        new SystemdUnit(directory.resolve(SystemdUnit.NAME)).remove();
        assertThat(directory).isEmptyDirectory();
    }
}
