package io.weavemesh.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A small text file of somebody else that is read and replaced as a whole, so that nobody ever sees half of it. */
record WholeFile(Path path) {

    /** Its text; nothing if it is not there. */
    Optional<String> read() {
        try {
            return Optional.of(Files.readString(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw refused("read", e);
        }
    }

    /** Replaces it; a symbolic link stays one, and owner and permissions stay as they are. It is on disk afterwards. */
    void write(String text) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            boolean present = Files.exists(path);
            Path target = present ? path.toRealPath() : path.toAbsolutePath();
            Path fresh = target.resolveSibling("." + target.getFileName() + ".weave-new");
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            takeAttributes(target, fresh, present);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(target.getParent())) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw refused("write", e);
        }
    }

    private static void takeAttributes(Path from, Path to, boolean present) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        if (present) {
            PosixFileAttributes attributes = Files.readAttributes(from, PosixFileAttributes.class);
            view.setOwner(attributes.owner());
            view.setGroup(attributes.group());
            view.setPermissions(attributes.permissions());
        } else {
            view.setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw refused("delete", e);
        }
    }

    private UserError refused(String what, IOException cause) {
        return cause instanceof AccessDeniedException
                ? new UserError("cannot " + what + " " + path + ": permission denied; run as root")
                : new UserError("cannot " + what + " " + path + ": " + cause.getMessage());
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
