package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import io.weavemesh.contract.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerHostsTest {

    @Test
    void itsNamesAreThoseDockerPutsThere() {
        assertThat(shown("/var/lib/docker/x/hosts", "foo.weave.local", "").names())
                .containsExactly("foo.weave.local", "foo");
        assertThat(shown("/var/lib/docker/x/hosts", "foo", "weave.local").names())
                .containsExactly("foo.weave.local", "foo");
        assertThat(shown("/var/lib/docker/x/hosts", "foo", "").names()).containsExactly("foo");
    }

    @Test
    void oneThatSharesAnothersNetworkIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> shown("", "foo", ""))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("container old has no /etc/hosts")
                .hasMessageContaining("--rewrite-hosts");
    }

    /** It is mounted into the container: another file in its place would not be seen there. */
    @Test
    void theFileStaysTheSameFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("hosts"), "172.17.0.2\tfoo\n");
        Object before = Files.getAttribute(file, "unix:ino");

        shown(file.toString(), "foo", "").put(List.of(Map.entry(IpAddress.parse("10.32.0.5"), List.of("foo"))));

        assertThat(file).hasContent("10.32.0.5\tfoo\n");
        assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(before);
    }

    private static ContainerHosts shown(String hostsPath, String host, String domain) {
        return ContainerHosts.of(
                "old",
                new JsonObject()
                        .put("HostsPath", hostsPath)
                        .put("Config", new JsonObject().put("Hostname", host).put("Domainname", domain)));
    }
}
