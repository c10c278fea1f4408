package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void whatWasCommittedIsThereAfterReopening() throws Exception {
        Path file = directory.resolve("s.db");
        try (Store store = Store.open(file)) {
            await(store, put("a", "10.32.0.1/12"), put("b", "10.32.0.2/12"));
            await(store, new Store.Remove("addresses", "a"));
        }
        try (Store store = Store.open(file)) {
            assertThat(store.load("addresses", Cidr.class)).isEqualTo(Map.of("b", Cidr.parse("10.32.0.2/12")));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileInUseIsSaidSo() {
        Path file = directory.resolve("s.db");
        try (Store store = Store.open(file)) {
            assertThat(store.load("addresses", Cidr.class)).isEmpty();
            assertThatThrownBy(() -> Store.open(file))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(file + " is in use by another process");
        }
    }

    @Test
    void aDamagedFileIsRefusedAndNotStartedAfresh() throws Exception {
        Path file = directory.resolve("s.db");
        try (Store store = Store.open(file)) {
            await(store, put("a", "10.32.0.1/12"));
        }
        byte[] noise = new byte[8_192];
        new Random(1).nextBytes(noise);
        Files.write(file, noise);

        assertThatThrownBy(() -> Store.open(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file + " is damaged")
                .hasMessageContaining("move it aside");
        assertThat(Files.readAllBytes(file)).isEqualTo(noise);
    }

    /** A child commits as fast as it can and prints each key when its commit is done; it is killed in the middle. */
    @Test
    void nothingThatWasAcknowledgedIsMissingAfterKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("StoreTest: -Dseed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 5; round++) {
            Path file = directory.resolve("killed" + round + ".db");
            Process child = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Committer.class.getName(),
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            List<String> acknowledged = new ArrayList<>();
            int killAfter = 20 + random.nextInt(200);
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                for (String key = out.readLine(); key != null; key = out.readLine()) {
                    acknowledged.add(key);
                    if (acknowledged.size() == killAfter) {
                        child.toHandle().destroyForcibly(); // Unlike the process, its handle leaves the pipe open.
                    }
                }
            }
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(killAfter);
            try (Store store = Store.open(file)) {
                assertThat(store.load("addresses", Cidr.class).keySet()).containsAll(acknowledged);
            }
        }
    }

    /** The child of the test above. */
    static final class Committer {
        public static void main(String[] arguments) throws Exception {
            Store store = Store.open(Path.of(arguments[0]));
            for (int i = 0; i < 1_000_000; i++) {
                String key = "k" + i;
                store.commit(List.of(put(key, "10.32.0.1/12")))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get();
                System.out.println(key);
                System.out.flush();
            }
        }
    }

    private static Store.Put put(String key, String cidr) {
        return new Store.Put("addresses", key, Cidr.parse(cidr));
    }

    private static void await(Store store, Store.Change... changes) throws Exception {
        CompletableFuture<Void> done =
                store.commit(List.of(changes)).toCompletionStage().toCompletableFuture();
        done.get(10, TimeUnit.SECONDS);
    }
}
