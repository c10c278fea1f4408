package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.h2.mvstore.MVStore;
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

    @Test
    void anEmptyFileAndAForeignFileAreDamagedAndNotNew() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty.db"));
        assertThatThrownBy(() -> Store.open(empty)).hasMessageContaining(empty + " is damaged (it is empty)");
        Path foreign = directory.resolve("foreign.db");
        try (MVStore other = MVStore.open(foreign.toString())) {
            other.<String, String>openMap("something").put("else", "here");
        }
        assertThatThrownBy(() -> Store.open(foreign)).hasMessageContaining(foreign + " is damaged (it lacks the mark");
    }

    @Test
    void aFileOfAnotherVersionIsToldFromOneWhoseMarkIsDamaged() {
        Path other = directory.resolve("other.db");
        withMark(other, "7", "%08x");
        assertThatThrownBy(() -> Store.open(other))
                .hasMessageContaining(other + " has schema 7, this version knows 2: run the version that wrote it");
        Path damaged = directory.resolve("damaged.db");
        withMark(damaged, ":", "no checksum of it, but %08x");
        assertThatThrownBy(() -> Store.open(damaged))
                .hasMessageContaining(damaged + " is damaged (its mark is ':', which is not what was written");
    }

    private static void withMark(Path file, String schema, String check) {
        CRC32C checksum = new CRC32C();
        checksum.update(("weave\0schema\0" + schema).getBytes(StandardCharsets.UTF_8));
        try (MVStore store = MVStore.open(file.toString())) {
            store.<String, String>openMap("weave").put("schema", schema);
            store.<String, String>openMap("weave").put("schema checksum", check.formatted(checksum.getValue()));
        }
    }

    @Test
    void anEntryOfAnotherKindIsNamed() throws Exception {
        Path file = directory.resolve("s.db");
        try (Store store = Store.open(file)) {
            await(store, new Store.Put("addresses", "a", "no address"));
            assertThatThrownBy(() -> store.load("addresses", Cidr.class))
                    .hasMessageContaining(file + " is damaged (entry a of addresses is 'no address' is not a CIDR");
        }
    }

    /** Whatever a bad disk does to the file: a sentence, or what was last committed, or but for one commit. */
    @Test
    void damageAnywhereIsRefusedOrHarmless() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        Path file = directory.resolve("s.db");
        List<Map<String, Cidr>> states = new ArrayList<>();
        try (Store store = Store.open(file)) {
            for (int i = 0; i < 60; i++) {
                await(store, put("k" + i % 20, "10.32.0." + i + "/12"));
                states.add(store.load("addresses", Cidr.class));
            }
        }
        byte[] whole = Files.readAllBytes(file);
        int refused = 0;
        for (int round = 0; round < 300; round++) {
            byte[] bytes = whole.clone();
            for (int damage = random.nextInt(40); damage >= 0; damage--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Path damaged = directory.resolve("damaged" + round + ".db");
            Files.write(damaged, random.nextInt(5) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try (Store store = Store.open(damaged)) {
                Map<String, Cidr> loaded = store.load("addresses", Cidr.class);
                assertThat(loaded)
                        .as("seed %d round %d", seed, round)
                        .isIn(states.getLast(), states.get(states.size() - 2));
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining(damaged + " is damaged").hasMessageContaining("move it aside");
                refused++;
            }
        }
        System.out.println("StoreTest: -Dseed=" + seed + ", " + refused + " of 300 damaged files refused");
        assertThat(refused).isPositive();
    }

    @Test
    void aFullDiskFailsTheCommitForgetsNothingAndIsNotForEver() throws Exception {
        FaultyDisk.insert();
        Path file = directory.resolve("s.db");
        try (Store store = MvStore.open(file, FaultyDisk.FILE_SYSTEM)) {
            await(store, put("a", "10.32.0.1/12"));
            FaultyDisk.full(true);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> await(store, put("b", "10.32.0.2/12")))
                        .hasMessageContaining("cannot write state file " + file + ": No space left on device");
                assertThat(store.load("addresses", Cidr.class)).containsKey("a");
            }
            FaultyDisk.full(false);
            await(store, put("c", "10.32.0.3/12"));
            assertThat(store.load("addresses", Cidr.class)).containsOnlyKeys("a", "c");
        }
        try (Store store = Store.open(file)) {
            assertThat(store.load("addresses", Cidr.class)).containsOnlyKeys("a", "c");
        }
    }

    /** The file as it is after the power failed at many moments holds what was acknowledged, and nothing half done. */
    @Test
    void nothingThatWasAcknowledgedIsMissingAfterAPowerFailure() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("StoreTest: -Dseed=" + seed);
        Random random = new Random(seed);
        FaultyDisk.insert();
        Path file = directory.resolve("s.db");
        List<Map<String, Cidr>> states = new ArrayList<>(List.of(Map.of()));
        List<Integer> acknowledged = new ArrayList<>();
        List<Boolean> losable = new ArrayList<>(List.of(false));
        try (Store store = MvStore.open(file, FaultyDisk.FILE_SYSTEM)) {
            acknowledged.add(FaultyDisk.moment());
            for (int i = 1; i <= 1_000; i++) {
                Map<String, Cidr> state = new TreeMap<>(states.getLast());
                List<Store.Change> changes = new ArrayList<>();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    String key = "k" + random.nextInt(40);
                    Cidr value = new Cidr(IpAddress.ipv4(0x0a20_0000 + i), 12);
                    if (random.nextInt(3) == 0) {
                        changes.add(new Store.Remove("addresses", key));
                        state.remove(key);
                    } else {
                        changes.add(new Store.Put("addresses", key, value));
                        state.put(key, value);
                    }
                }
                boolean mayBeLost = random.nextBoolean();
                if (mayBeLost) {
                    await(store.write(changes));
                } else {
                    await(store.commit(changes));
                }
                losable.add(mayBeLost);
                states.add(state);
                acknowledged.add(FaultyDisk.moment());
            }
            for (int round = 0; round < 150; round++) {
                int moment =
                        acknowledged.getFirst() + random.nextInt(acknowledged.getLast() - acknowledged.getFirst() + 1);
                int known = 0;
                while (known + 1 < acknowledged.size() && acknowledged.get(known + 1) <= moment) {
                    known++;
                }
                Path left = directory.resolve("left" + round + ".db");
                Files.write(left, FaultyDisk.after(moment, random));
                try (Store reopened = Store.open(left)) {
                    assertThat(reopened.load("addresses", Cidr.class))
                            .as("seed %d moment %d commit %d", seed, moment, known)
                            .isIn(states.subList(
                                    losable.get(known) ? known - 1 : known, Math.min(known + 2, states.size())));
                }
            }
        }
    }

    @Test
    void theFileStaysSmallHoweverOftenItIsWritten() throws Exception {
        Path file = directory.resolve("s.db");
        try (Store store = Store.open(file)) {
            for (int i = 0; i < 2_500; i++) {
                await(store, put("k" + i % 300, "10.32.0." + i % 256 + "/12"));
            }
            assertThat(Files.size(file)).isLessThan(9 << 20);
            assertThat(store.load("addresses", Cidr.class)).hasSize(300);
        }
    }

    @Test
    void aCommitAfterTheEndFailsInsteadOfWaitingForEver() throws Exception {
        Store store = Store.open(directory.resolve("s.db"));
        store.close();
        store.close();
        assertThatThrownBy(() -> await(store, put("a", "10.32.0.1/12"))).hasMessageContaining("it is closed");
    }

    @Test
    void aValueWithoutJsonFormSpoilsOnlyItsOwnCommit() throws Exception {
        List<Object> endless = new ArrayList<>();
        endless.add(endless);
        try (Store store = Store.open(directory.resolve("s.db"))) {
            var bad = store.commit(List.of(new Store.Put("addresses", "bad", endless)));
            await(store, put("good", "10.32.0.1/12"));
            assertThat(bad.failed()).isTrue();
            assertThat(store.load("addresses", Cidr.class)).containsOnlyKeys("good");
        }
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
                List<Store.Change> changes = List.of(put(key, "10.32.0.1/12"));
                await(i % 2 == 0 ? store.commit(changes) : store.write(changes));
                System.out.println(key);
                System.out.flush();
            }
        }
    }

    private static Store.Put put(String key, String cidr) {
        return new Store.Put("addresses", key, Cidr.parse(cidr));
    }

    private static void await(Store store, Store.Change... changes) throws Exception {
        await(store.commit(List.of(changes)));
    }

    private static void await(Future<Void> done) throws Exception {
        done.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
