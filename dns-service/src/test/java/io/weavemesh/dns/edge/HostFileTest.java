package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The host's files as a container sees them that has {@code /etc} and {@code /run/systemd/resolve} of it. */
class HostFileTest {

    @TempDir
    private Path directory = Path.of("");

    private Path root = Path.of("");

    @BeforeEach
    void mount() throws IOException {
        root = Files.createDirectory(directory.resolve("host"));
        Files.createDirectories(root.resolve("etc"));
        Files.createDirectories(root.resolve("run/systemd/resolve"));
    }

    @Test
    void aPlainFileIsBelowTheRoot() throws IOException {
        write("etc/resolv.conf", "plain");
        assertThat(read("/etc/resolv.conf")).isEqualTo("plain");
    }

    @Test
    void aRelativeLinkStaysBelowTheRoot() throws IOException {
        write("run/systemd/resolve/stub-resolv.conf", "stub");
        link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
        assertThat(read("/etc/resolv.conf")).isEqualTo("stub");
    }

    @Test
    void anAbsoluteLinkLeadsToTheHostsFileAndNotToOurs() throws IOException {
        write("run/systemd/resolve/resolv.conf", "the host's");
        link("etc/resolv.conf", "/run/systemd/resolve/resolv.conf");
        assertThat(read("/etc/resolv.conf")).isEqualTo("the host's");
    }

    @Test
    void moreStepsUpThanThereAreEndAtTheRoot() throws IOException {
        write("run/systemd/resolve/resolv.conf", "the host's");
        link("etc/resolv.conf", ".././.././../../run/systemd/resolve/resolv.conf");
        assertThat(read("/etc/resolv.conf")).isEqualTo("the host's");
    }

    @Test
    void linksToDirectoriesAndToOtherLinksAreFollowed() throws IOException {
        write("run/systemd/resolve/resolv.conf", "far");
        link("etc/resolver", "/run/systemd/resolve");
        link("etc/second", "./resolver/resolv.conf");
        link("etc/resolv.conf", "second");
        assertThat(read("/etc/resolv.conf")).isEqualTo("far");
    }

    @Test
    void whatTheHostHasElsewhereIsOurOwnFileOfThatName() throws IOException {
        link("etc/resolv.conf", "/run/NetworkManager/resolv.conf");
        assertThat(host("/etc/resolv.conf").locate()).isEqualTo(Path.of("/etc/resolv.conf"));
    }

    @Test
    void aFileThatIsReplacedIsTheNewOne() throws IOException {
        write("run/systemd/resolve/resolv.conf", "link");
        write("etc/resolv.conf", "file");
        HostFile file = host("/etc/resolv.conf");
        assertThat(Files.readString(file.locate())).isEqualTo("file");
        Files.delete(root.resolve("etc/resolv.conf"));
        link("etc/resolv.conf", "/run/systemd/resolve/resolv.conf");
        assertThat(Files.readString(file.locate())).isEqualTo("link");
    }

    @Test
    void linksInACircleAreAnError() throws IOException {
        link("etc/resolv.conf", "/etc/other");
        link("etc/other", "resolv.conf");
        assertThatThrownBy(() -> host("/etc/resolv.conf").locate())
                .isInstanceOf(FileSystemLoopException.class)
                .hasMessageContaining("/etc/resolv.conf");
    }

    @Test
    void onTheHostItselfThePathIsTheFile() throws IOException {
        link("etc/resolv.conf", "/run/systemd/resolve/resolv.conf");
        Path file = root.resolve("etc/resolv.conf");
        assertThat(HostFile.of(file, Map.of()).locate()).isEqualTo(file);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(root.resolve(file), text);
    }

    private void link(String file, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(file), Path.of(target));
    }

    private String read(String path) throws IOException {
        return Files.readString(host(path).locate());
    }

    private HostFile host(String path) {
        return HostFile.of(Path.of(path), Map.of("WEAVE_HOST_ROOT", root.toString()));
    }
}
