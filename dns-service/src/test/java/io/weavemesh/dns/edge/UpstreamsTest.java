package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.ResolvConf.NameServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A resolv.conf that changes in all the ways they do. */
class UpstreamsTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void theFileIsFollowedHoweverItChanges() throws IOException {
        Path file = directory.resolve("resolv.conf");
        Upstreams upstreams = new Upstreams(HostFile.of(file, Map.of()), server -> false);
        assertThat(upstreams.servers()).as("missing at first").isEmpty();

        Files.writeString(file, "nameserver 192.0.2.1\n");
        until(upstreams, "written", "192.0.2.1:53");

        Files.writeString(file, "nameserver 192.0.2.2\n");
        until(upstreams, "written in place, of the same size", "192.0.2.2:53");

        Path other = Files.writeString(directory.resolve("new"), "nameserver 192.0.2.3\nnameserver 192.0.2.3\n");
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        until(upstreams, "replaced by another", "192.0.2.3:53");

        Path target = Files.writeString(directory.resolve("target"), "nameserver 192.0.2.4\n");
        Files.delete(file);
        Files.createSymbolicLink(file, target);
        until(upstreams, "a symbolic link", "192.0.2.4:53");

        Files.writeString(target, "nameserver 192.0.2.5\n");
        until(upstreams, "the link's target is another", "192.0.2.5:53");

        Files.delete(target);
        until(upstreams, "a link to nowhere");
    }

    @Test
    void itsVersionIsAnotherWhenTheResolversAreOthers() throws IOException {
        Path file = Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        Upstreams upstreams = new Upstreams(HostFile.of(file, Map.of()), server -> false);
        int version = upstreams.version();
        Files.writeString(file, "# by hand\nnameserver 192.0.2.2\n");
        TestPeer.until("the change is seen", () -> upstreams.version() != version);
        int later = upstreams.version();
        Files.writeString(file, "# another remark\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n");
        TestPeer.until("the change is seen", () -> upstreams.version() != later);
        assertThat(upstreams.servers()).hasSize(2);
    }

    @Test
    void whereWeAnswerOurselvesIsLeftOut() throws IOException {
        Path file = Files.writeString(
                directory.resolve("resolv.conf"),
                "nameserver 192.0.2.1\nnameserver 172.17.0.1\nnameserver 192.0.2.2\n");
        Upstreams upstreams = new Upstreams(
                HostFile.of(file, Map.of()),
                server -> server.address().toString().equals("172.17.0.1"));
        assertThat(upstreams.servers())
                .extracting(NameServer::toString)
                .containsExactly("192.0.2.1:53", "192.0.2.2:53");
    }

    private static void until(Upstreams upstreams, String what, String... servers) {
        TestPeer.until(
                what,
                () -> upstreams.servers().stream()
                        .map(NameServer::toString)
                        .toList()
                        .equals(List.of(servers)));
    }
}
