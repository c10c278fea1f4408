package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.netlink.PacketSocket;
import io.weavemesh.router.Announcement;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** That nobody can be told is no reason to stop. */
class AnnouncerTest {

    private static final Announcement NEWS =
            new Announcement("weave", IpAddress.parse("10.32.0.1"), MacAddress.parse("06:00:00:00:00:0a"));

    @Test
    void withoutASocketNothingIsSentAndItIsNotTriedAgain() {
        AtomicInteger tried = new AtomicInteger();
        try (Announcer announcer = Announcer.open(() -> {
            tried.incrementAndGet();
            return PacketSocket.openIn(Path.of("/nonexistent/namespace"));
        })) {
            assertThatCode(() -> announcer.announce(1, NEWS)).doesNotThrowAnyException();
            assertThatCode(() -> announcer.announce(1, NEWS)).doesNotThrowAnyException();
        }
        assertThat(tried).hasValue(1);
    }
}
