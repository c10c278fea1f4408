package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aFileIsReplacedBehindItsLinkAndKeepsItsPermissions() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "old");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        Object inode = Files.getAttribute(target, "unix:ino");

        new WholeFile(link).write("new");

        assertThat(link).isSymbolicLink().hasContent("new");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-r-----");
        assertThat(Files.getAttribute(target, "unix:ino"))
                .as("another file under the same name, never half of one")
                .isNotEqualTo(inode);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aMissingFileIsMadeWithItsDirectoryAndDeleted() {
        WholeFile file = new WholeFile(directory.resolve("etc/docker/daemon.json"));
        assertThat(file.read()).isEmpty();
        file.write("{}");
        assertThat(file.read()).contains("{}");
        file.delete();
        file.delete();
        assertThat(file.read()).isEmpty();
    }
}
