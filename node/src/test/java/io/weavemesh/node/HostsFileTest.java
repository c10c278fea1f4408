package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostsFileTest {

    private static final String DOCKERS = """
            127.0.0.1\tlocalhost
            # made by Docker
            172.17.0.2\tfoo.weave.local foo
            172.17.0.3\tdb bar  # a link
            """;

    private static final List<Map.Entry<IpAddress, List<String>>> ATTACHED = List.of(
            Map.entry(IpAddress.parse("10.32.0.5"), List.of("foo.weave.local", "foo")),
            Map.entry(IpAddress.parse("10.32.0.9"), List.of("db")));

    @Test
    void namesMoveToTheAddressesGivenAndTheRestStays() {
        assertThat(HostsFile.with(DOCKERS, ATTACHED)).isEqualTo("""
                10.32.0.5\tfoo.weave.local foo
                10.32.0.9\tdb
                127.0.0.1\tlocalhost
                # made by Docker
                172.17.0.3\tbar
                """);
    }

    @Test
    void twiceIsOnce() {
        String once = HostsFile.with(DOCKERS, ATTACHED);
        assertThat(HostsFile.with(once, ATTACHED)).isEqualTo(once);
    }

    @Test
    void aNameCannotBringALineOfItsOwn() {
        assertThat(HostsFile.name("db-1.example")).isEqualTo("db-1.example");
        for (String wrong : List.of("", "a b", "a\n192.0.2.1 b", "#a", "-a")) {
            assertThatThrownBy(() -> HostsFile.name(wrong)).hasMessageContaining("is no host name");
        }
    }

    @Test
    void anEmptyFileGetsThem() {
        assertThat(HostsFile.with("", ATTACHED)).isEqualTo("10.32.0.5\tfoo.weave.local foo\n10.32.0.9\tdb\n");
    }
}
