package io.weavemesh.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExposedPortTest {

    @ParameterizedTest
    @ValueSource(strings = {"80/tcp", "53/udp", "1/sctp", "65535/tcp"})
    void itsTextIsDockers(String text) {
        assertThat(ExposedPort.parse(text)).hasToString(text);
    }

    @ParameterizedTest(name = "''{0}'' is refused")
    @ValueSource(strings = {"", "80", "/tcp", "80/", "80/icmp", "0/tcp", "65536/tcp", "-1/tcp", "123456/tcp", "8o/tcp"})
    void whatIsNoPortIsRefused(String text) {
        assertThatThrownBy(() -> ExposedPort.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port");
    }

    @Test
    void portsOrderByTransportThenNumber() {
        List<ExposedPort> sorted = Stream.of("53/udp", "443/tcp", "80/tcp", "53/tcp")
                .map(ExposedPort::parse)
                .sorted()
                .toList();
        assertThat(sorted).hasToString("[53/tcp, 80/tcp, 443/tcp, 53/udp]");
    }
}
