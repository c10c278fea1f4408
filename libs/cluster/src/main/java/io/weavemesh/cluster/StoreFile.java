package io.weavemesh.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a state file, so that it is ours and whole, or says in one sentence why not. Not what reads or writes it.
 *
 * <p>Space: MVStore does not overwrite a chunk for 45 s unless told so, which lets the file grow by 4 KiB a commit under
 * load. Since every commit of ours is synced before the next is written, and MVStore keeps the last five versions whole, a
 * dead chunk may be reused at once.
 *
 * @param path where the file is
 * @param fileSystem one of MVStore's; tests have some that break
 */
record StoreFile(Path path, String fileSystem) {

    private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

    private static final String META = "weave";
    private static final String SCHEMA_KEY = "schema";
    private static final String SCHEMA = "1";

    private static final int CACHE_MEGABYTES = 1;

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
        MVStore store = openMvStore(path);
        try {
            requireSchema(store);
            return store;
        } catch (RuntimeException e) { // Whatever it is, the file must not stay locked.
            store.closeImmediately();
            throw e instanceof IllegalStateException ? e : damaged(e);
        }
    }

    /** The sentence for a file that cannot be trusted. It is never replaced by an empty one: what it says may be in use. */
    IllegalStateException damaged(String reason) {
        return new IllegalStateException("state file " + path + " is damaged (" + reason
                + "): restore it from a backup, or move it aside and launch again; what it said about this host's"
                + " addresses is then rebuilt from Docker");
    }

    /** The same for what MVStore threw on reading it. */
    IllegalStateException damaged(RuntimeException cause) {
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

    private void requireSchema(MVStore store) {
        String schema = store.<String, String>openMap(META).get(SCHEMA_KEY);
        if (schema == null) {
            throw damaged("it lacks the mark every state file has");
        }
        if (!schema.equals(SCHEMA)) {
            throw new IllegalStateException("state file " + path + " has schema " + schema + ", this version knows "
                    + SCHEMA + ": run the version that wrote it, or move the file aside");
        }
    }

    /** Made aside and linked into place, so that a file without our mark is never a new one, but always a damaged one. */
    private void create() throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        Path draft = Files.createTempFile(directory, path.getFileName().toString(), ".new"); // Mode 0600.
        try {
            MVStore store = openMvStore(draft);
            store.<String, String>openMap(META).put(SCHEMA_KEY, SCHEMA);
            store.commit();
            store.sync();
            store.close();
            Files.createLink(path, draft);
        } catch (FileAlreadyExistsException e) {
            LOG.debug("Another process made the state file at the same time. file={}", path);
        } catch (MVStoreException e) {
            throw new IOException(reason(e), e);
        } finally {
            Files.deleteIfExists(draft);
        }
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true); // The name is durable too, fsync(2).
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
        } catch (MVStoreException e) {
            if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
                throw new IllegalStateException(
                        "state file " + path + " is in use by another process: is weave running already?", e);
            }
            throw damaged(e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) { // Seen with damaged headers.
            throw damaged(e);
        }
        store.setRetentionTime(0);
        return store;
    }
}
