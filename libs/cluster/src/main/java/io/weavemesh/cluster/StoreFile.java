package io.weavemesh.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * How a state file survives what machines do. Tried with a disk that loses power at any write (StoreTest).
 *
 * A commit is one chunk, written and synced. MVStore finds the newest chunk by following a chain from its header. If it may
 * reuse the space of dead chunks, a chunk of that chain can be overwritten before the header says so, and a power failure at
 * that moment takes commits with it that were synced long ago; its retention time only makes this rare. So space is never
 * reused: the file grows by 4 KiB a commit, and now and then a new one is made aside and renamed into place.
 *
 * MVStore has no checksum over contents. So every value carries one, over its map and key too, and every map has a count and
 * a sum of them, which also shows what is missing. All of that is checked when the file is opened.
 *
 * Where MVStore cannot read the newest chunk it takes an older one, without a word. That is right for the one chunk a power
 * failure may have torn, which nobody relies on. So the file is also searched for traces of newer commits: more than one
 * means that commits somebody relies on are unreadable. A tail cut off after a crash leaves no trace and goes unnoticed.
 *
 * A torn chunk of several blocks may have a good first and last one, and then MVStore takes it for whole. So if what we open
 * does not add up, and the file was not closed in order, it is tried without its last chunk.
 */

/**
 * Opens a state file, so that it is ours and whole, or says in one sentence why not. Not what writes to it.
 *
 * @param path where the file is
 * @param fileSystem one of MVStore's; tests have some that break
 */
record StoreFile(Path path, String fileSystem) {

    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

    private static final int CACHE_MEGABYTES = 1;

    private static final int BLOCK_BYTES = 4_096;
    private static final int HEADER_BYTES = 512;
    private static final Pattern VERSION = Pattern.compile("(?:H:2|chunk:)[^\\n]*?,version:([0-9a-f]{1,15})\\b");

    /**
     * Opens the file, or creates it.
     *
     * @throws IllegalStateException if it is damaged, in use or not ours; the text says what to do
     */
    MVStore open() {
        try {
            if (!Files.exists(path)) {
                create();
            }
            if (Files.size(path) == 0) {
                throw damaged("it is empty");
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot create or read state file " + path + ": " + reason(e), e);
        }
        Trace trace = newestTrace();
        try {
            return openWhole(path, trace);
        } catch (DamagedFile e) {
            if (trace.closedInOrder()) {
                throw e;
            }
            return openWithoutTornCommit(trace, e);
        }
    }

    /** The newest version any header in the file names, where that chunk begins, and whether nothing was written after it. */
    private record Trace(long version, long position, boolean closedInOrder) {}

    private static final class DamagedFile extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        DamagedFile(String text) {
            super(text);
        }
    }

    /** MVStore answers damaged bytes with many kinds of exceptions, and with pages that contain themselves. */
    private MVStore openWhole(Path file, Trace trace) {
        MVStore store = openMvStore(file);
        try {
            long readable = store.getCurrentVersion();
            if (trace.version() > readable + 1) {
                throw damaged("commit " + trace.version() + " is mentioned in it, but those after " + readable
                        + " cannot be read");
            }
            CheckedMaps maps = new CheckedMaps(store);
            String schema = maps.schema().orElseThrow(() -> damaged("it lacks the mark every state file has"));
            if (!schema.equals(CheckedMaps.SCHEMA)) {
                if (!maps.isWhole(schema)) {
                    throw damaged("its mark is '" + schema + "', which is not what was written");
                }
                throw new IllegalStateException("state file " + path + " has schema " + schema
                        + ", this version knows " + CheckedMaps.SCHEMA
                        + ": run the version that wrote it, or move the file aside");
            }
            maps.contents();
            return store;
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            store.closeImmediately();
            throw e instanceof IllegalStateException ours && !(e instanceof MVStoreException) ? ours : damaged(e);
        }
    }

    private MVStore openWithoutTornCommit(Trace trace, DamagedFile failure) {
        try {
            Path draft = draftPath();
            try {
                try (FileChannel from = FileChannel.open(path, StandardOpenOption.READ);
                        FileChannel to = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                    from.transferTo(0, trace.position(), to);
                }
                openWhole(draft, trace).close(0);
                Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
                syncDirectory();
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException | DamagedFile e) {
            failure.addSuppressed(e);
            throw failure;
        }
        LOG.warn("A crash tore the last commit, which nobody relies on; it is left out. file={}", path);
        return openWhole(path, trace);
    }

    /** The sentence for a file that cannot be trusted. It is never replaced by an empty one: what it says may be in use. */
    IllegalStateException damaged(String reason) {
        return new DamagedFile("state file " + path + " is damaged (" + reason
                + "): restore it from a backup, or move it aside and launch again; what it said about this host's"
                + " addresses is then rebuilt from Docker");
    }

    /** The same for what MVStore threw on reading it. */
    IllegalStateException damaged(Throwable cause) {
        IllegalStateException failure = damaged(reason(cause));
        failure.initCause(cause);
        return failure;
    }

    /** What lies at the bottom of a failure, in one line: {@code No space left on device}. */
    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null
                ? root.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    private Trace newestTrace() {
        Trace newest = new Trace(0, 0, false);
        ByteBuffer head = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long at = 0; at < channel.size(); at += BLOCK_BYTES) {
                channel.read(head.clear(), at);
                String text = StandardCharsets.ISO_8859_1.decode(head.flip()).toString();
                Matcher found = VERSION.matcher(text);
                if (found.lookingAt()) {
                    long version = Long.parseLong(found.group(1), 16);
                    boolean chunk = text.startsWith("chunk:");
                    boolean closed = text.startsWith("H:") && text.contains(",clean:1,");
                    if (version > newest.version()) {
                        newest = new Trace(version, chunk ? at : channel.size(), closed);
                    } else if (version == newest.version() && chunk) {
                        newest = new Trace(version, at, newest.closedInOrder()); // The file's header comes before it.
                    }
                }
            }
            return newest;
        } catch (IOException e) {
            throw new IllegalStateException("cannot read state file " + path + ": " + reason(e), e);
        }
    }

    /** Puts a file that holds the same and nothing else in place of this one, and opens it. */
    MVStore rewrite(MVStore store) throws IOException {
        Map<String, Map<String, String>> all = new CheckedMaps(store).contents();
        Path draft = draft(copy -> all.forEach((map, rows) -> rows.forEach((key, text) -> copy.put(map, key, text))));
        try {
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } finally {
            Files.deleteIfExists(draft);
        }
        store.closeImmediately();
        return open();
    }

    /** Linked into place, so that a file without our mark is never a new one, but always a damaged one. */
    private void create() throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Path draft = draft(nothing -> {});
        try {
            Files.createLink(path, draft);
            syncDirectory();
        } catch (FileAlreadyExistsException e) {
            LOG.debug("Another process made the state file at the same time. file={}", path);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private Path draft(Consumer<CheckedMaps> fill) throws IOException {
        Path draft = draftPath();
        boolean whole = false;
        try {
            MVStore store = openMvStore(draft);
            CheckedMaps maps = new CheckedMaps(store);
            maps.putSchema();
            fill.accept(maps);
            store.commit();
            store.sync();
            store.close(0);
            whole = true;
            return draft;
        } catch (MVStoreException e) {
            throw new IOException(reason(e), e);
        } finally {
            if (!whole) {
                Files.deleteIfExists(draft);
            }
        }
    }

    /** Beside the file, mode 0600. */
    private Path draftPath() throws IOException {
        return Files.createTempFile(
                path.toAbsolutePath().getParent(), path.getFileName().toString(), ".new");
    }

    /** The name is durable too, fsync(2). */
    private void syncDirectory() throws IOException {
        try (FileChannel entries = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private MVStore openMvStore(Path file) {
        MVStore store;
        try {
            store = new MVStore.Builder()
                    .fileName(fileSystem + ":" + file)
                    .autoCommitDisabled()
                    .cacheSize(CACHE_MEGABYTES)
                    .open();
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            if (e instanceof MVStoreException locked && locked.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
                throw new IllegalStateException(
                        "state file " + path + " is in use by another process: is weave running already?", e);
            }
            throw damaged(e);
        }
        store.setReuseSpace(false);
        return store;
    }
}
