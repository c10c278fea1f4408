package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the command line of dockerd says. */
class DockerEngineTest {

    @Test
    void itsConfigurationIsWhereItWasToldOrWhereItUsuallyIs() {
        assertThat(new DockerEngine(List.of()).configuration()).isEqualTo(Path.of("/etc/docker/daemon.json"));
        assertThat(new DockerEngine(List.of("-H", "fd://", "--config-file", "/run/d.json")).configuration())
                .isEqualTo(Path.of("/run/d.json"));
        assertThat(new DockerEngine(List.of("--config-file=/run/d.json")).configuration())
                .isEqualTo(Path.of("/run/d.json"));
    }

    @Test
    void anOptionThatWouldClashWithTheFileIsNamed() {
        assertThat(new DockerEngine(List.of("--dns-opt", "ndots:1")).dnsOption())
                .isEmpty();
        assertThat(new DockerEngine(List.of("--dns=192.0.2.1")).dnsOption()).contains("--dns");
        assertThat(new DockerEngine(List.of("--dns-search", "example.com")).dnsOption())
                .contains("--dns-search");
    }
}
