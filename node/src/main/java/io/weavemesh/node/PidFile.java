package io.weavemesh.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The file that says which process is the peer of this host. The process holds a lock on it for as long as it lives, so a
 * file left over from a crash means nothing.
 */
final class PidFile implements AutoCloseable {

    private final FileChannel channel;
    private final Path file;

    private PidFile(FileChannel channel, Path file) {
        this.channel = channel;
        this.file = file;
    }

    /** Takes the file for this process; a peer that runs already is named in the error. */
    static PidFile take(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw new UserError(alreadyRunning(file));
            }
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            channel.force(true);
            return new PidFile(channel, file);
        } catch (AccessDeniedException e) {
            throw new UserError("cannot write " + file + ": permission denied; run as root");
        } catch (IOException e) {
            throw new UserError("cannot write " + file + ": " + e.getMessage());
        }
    }

    /** The process that holds the file, if there is one. */
    static Optional<ProcessHandle> running(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            try (FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    return Optional.empty();
                }
            }
            String pid = Files.readString(file, StandardCharsets.US_ASCII).strip();
            return pid.matches("\\d{1,10}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
        } catch (AccessDeniedException e) {
            throw new UserError("cannot read " + file + ": permission denied; run as root");
        } catch (IOException e) {
            throw new UserError("cannot read " + file + ": " + e.getMessage());
        }
    }

    /** Whether a process holds the file, be it one in another container. Asks for no more than reading. */
    static boolean isHeld(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (IOException e) {
            return false; // There is none, or none for us.
        }
    }

    static String alreadyRunning(Path file) {
        return "weave is already running"
                + running(file).map(p -> " (process " + p.pid() + ")").orElse("")
                + "; see it with 'weave status', stop it with 'weave stop'";
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            channel.close();
        } catch (IOException e) {
            // The lock ends with the process in any case, and a file without a lock means nothing.
            System.err.println("weave: cannot remove " + file + ": " + e.getMessage());
        }
    }
}
