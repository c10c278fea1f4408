package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailedStartTest {

    private static final String ABSENT = "plugin \"weavemesh\" not found";

    @ParameterizedTest
    @ValueSource(
            strings = {
                ABSENT,
                "plugin \"weave\" not found",
                "could not find plugin weavemesh in v1 plugin registry: plugin not found",
                "Post \"http://%2Frun%2Fdocker%2Fplugins%2Fweave.sock/NetworkDriver.CreateEndpoint\": EOF",
                "dial unix /run/docker/plugins/weavemesh.sock: connect: connection refused",
                "failed to create endpoint c1 on network weave: weave is still starting, it cannot carry out"
                        + " NetworkDriver.CreateEndpoint within 5 s: try again (see: weave status)"
            })
    void aContainerThatIsToRunAndDidNotFindUsIsOne(String error) {
        assertThat(FailedStart.is("exited", error, "always")).isTrue();
        assertThat(FailedStart.is("exited", error, "unless-stopped")).isTrue();
        assertThat(FailedStart.is("created", error, "always")).isTrue();
    }

    @Test
    void whoeverNeedNotRunIsLeftAlone() {
        assertThat(FailedStart.is("exited", ABSENT, "no")).isFalse();
        assertThat(FailedStart.is("exited", ABSENT, "on-failure")).isFalse();
        assertThat(FailedStart.is("running", ABSENT, "always")).isFalse();
        assertThat(FailedStart.is("exited", "", "always")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plugin \"weaver\" not found",
                "plugin \"flannel\" not found",
                "OCI runtime create failed: exec: \"weave\": executable file not found",
                "driver failed programming external connectivity on endpoint c1: port is already allocated"
            })
    void otherReasonsAreNotOurs(String error) {
        assertThat(FailedStart.is("exited", error, "always")).isFalse();
    }
}
