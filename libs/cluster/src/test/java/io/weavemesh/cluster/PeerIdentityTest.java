package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.PeerName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerIdentityTest {

    private static final PeerName NAME = PeerName.parse("2e:11:0a:9f:44:01");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void theNameGivenIsKept() {
        assertThat(PeerIdentity.load(directory, Optional.of(NAME))).isEqualTo(NAME);
        assertThat(PeerIdentity.load(directory, Optional.empty())).isEqualTo(NAME);
    }

    @Test
    void aNameFoundIsALocallyAdministeredUnicastAddressAndStaysTheSame() {
        PeerName name = PeerIdentity.load(directory.resolve("new/state"), Optional.empty());
        assertThat(name.bits() >>> 40 & 3)
                .as("IEEE 802 s8.4: local and unicast")
                .isEqualTo(2);
        assertThat(PeerIdentity.load(directory.resolve("new/state"), Optional.empty()))
                .isEqualTo(name);
    }

    @Test
    void processesThatStartAtOnceAgree() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 50; round++) {
                Path state = directory.resolve("round" + round);
                List<Callable<PeerName>> loads = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    loads.add(() -> PeerIdentity.load(state, Optional.empty()));
                }
                Set<PeerName> names = new HashSet<>();
                for (Future<PeerName> name : threads.invokeAll(loads)) {
                    names.add(name.get());
                }
                assertThat(names).hasSize(1);
                try (var files = Files.list(state)) {
                    assertThat(files).containsExactly(state.resolve("peer-name"));
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aDamagedFileIsSaidSo() throws Exception {
        Files.writeString(directory.resolve("peer-name"), "nonsense\n");
        assertThatThrownBy(() -> PeerIdentity.load(directory, Optional.empty()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(directory.resolve("peer-name") + " is damaged: 'nonsense' is not a peer name")
                .hasMessageContaining("--name");
        assertThat(PeerIdentity.load(directory, Optional.of(NAME))).isEqualTo(NAME);
    }
}
