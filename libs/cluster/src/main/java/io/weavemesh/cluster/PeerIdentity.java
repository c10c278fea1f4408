package io.weavemesh.cluster;

import io.weavemesh.contract.PeerName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;

/** Finds out who this peer is, and keeps to it. */
public final class PeerIdentity {

    private static final String FILE = "peer-name";

    /** Keeps the machine's own identifier, which others may treat as a secret, out of what we publish. */
    private static final String SALT = "weavemesh peer name ";

    private PeerIdentity() {}

    /**
     * The name given, else the one in the state directory, else one derived from the machine's identifiers, else a random
     * one. It is kept in the state directory from then on. Several processes may ask at once and get the same.
     *
     * @throws IllegalStateException if the file is damaged or cannot be written; the text says what to do
     */
    public static PeerName load(Path stateDirectory, Optional<PeerName> given) {
        Path file = stateDirectory.resolve(FILE);
        try {
            Files.createDirectories(stateDirectory);
            if (given.isPresent()) {
                write(file, given.get());
                return given.get();
            }
            if (!Files.exists(file)) {
                create(file, derived().orElseGet(PeerIdentity::random));
            }
            return PeerName.parse(Files.readString(file).strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "state file " + file + " is damaged: " + e.getMessage()
                            + ": write the peer's name into it, or remove it and launch with --name",
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read or write " + file + ": " + e.getMessage(), e);
        }
    }

    /** Linked into place, so that of several processes one wins and none sees half a file. */
    private static void create(Path file, PeerName name) throws IOException {
        Path draft = draft(file, name);
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            // Another process was first; its name is ours too.
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void write(Path file, PeerName name) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).strip().equals(name.toString())) {
            Files.move(draft(file, name), file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Synced before it gets its real name: after a power failure that name must not belong to an empty file. */
    private static Path draft(Path file, PeerName name) throws IOException {
        Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), FILE, ".new");
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap((name + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
            return draft;
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        }
    }

    private static Optional<PeerName> derived() {
        String machine = read(Path.of("/etc/machine-id")) + read(Path.of("/sys/class/dmi/id/product_uuid"));
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest((SALT + machine).getBytes(StandardCharsets.UTF_8));
            return Optional.of(name(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static PeerName random() {
        byte[] bytes = new byte[6];
        new SecureRandom().nextBytes(bytes);
        return name(bytes);
    }

    /** The first six bytes as a locally administered unicast address (IEEE 802 s8.4). */
    private static PeerName name(byte[] bytes) {
        long bits = 0;
        for (int i = 0; i < 6; i++) {
            bits = bits << 8 | bytes[i] & 0xff;
        }
        return new PeerName(bits & ~(1L << 40) | 1L << 41);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
