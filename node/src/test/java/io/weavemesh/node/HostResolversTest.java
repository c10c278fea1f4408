package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostResolversTest {

    private static final IpAddress OURS = IpAddress.parse("172.17.0.1");

    @Test
    void theResolversOfTheHostWithoutUsAndThoseContainersCannotReach() {
        assertThat(HostResolvers.of("""
                        search a.example .
                        nameserver 172.17.0.1
                        nameserver 127.0.0.1
                        nameserver ::1
                        nameserver 192.0.2.1
                        nameserver [192.0.2.2]:5353
                        nameserver 2001:db8::1
                        """, List.of("nameserver 192.0.2.9"), OURS))
                .isEqualTo(new HostResolvers(List.of("192.0.2.1", "2001:db8::1"), List.of("a.example")));
    }

    @Test
    void behindAStubAreTheRealOnes() {
        assertThat(HostResolvers.of("nameserver 127.0.0.53\nsearch lan\n", List.of("", "nameserver 192.0.2.9\n"), OURS))
                .isEqualTo(new HostResolvers(List.of("192.0.2.9"), List.of("lan")));
    }

    @Test
    void thereMayBeNone() {
        assertThat(HostResolvers.of("", List.of("nameserver 127.0.0.1"), OURS).servers())
                .isEmpty();
    }
}
