package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1        | address 10.0.0.1:53",
                "10.0.0.1:5353   | address 10.0.0.1:5353",
                "fd00::1         | address [fd00::1]:53",
                "[fd00::1]       | address [fd00::1]:53",
                "[fd00::1]:5353  | address [fd00::1]:5353",
                "docker0         | the IPv4 address of interface docker0, port 53",
                "br-0a1b2c:5353  | the IPv4 address of interface br-0a1b2c, port 5353",
            })
    void anAddressOrAnInterfaceIsRead(String text, String read) {
        assertThat(ListenAddress.parse(text)).hasToString(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":53",
                "10.0.0",
                "10.0.0.1:",
                "10.0.0.1:0",
                "10.0.0.1:65536",
                "fd00::1::2",
                "[fd00::1",
                "a b",
                "10.0.0.1:x"
            })
    void anythingElseIsNamed(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text);
    }
}
