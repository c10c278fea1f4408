package io.weavemesh.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in an H2 MVStore file. One thread writes; it takes all changes that wait, commits them together, syncs once, and
 * completes all their futures.
 */
final class MvStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(MvStore.class);

    private static final String META = "weave";
    private static final String SCHEMA_KEY = "schema";
    private static final String SCHEMA = "1";

    /** Changes waiting for the disk. More means the disk is gone; callers have long met their deadlines. */
    private static final int MAX_WAITING = 10_000;

    private static final int CACHE_MEGABYTES = 1;

    private final Path file;
    private final MVStore store;
    private final BlockingQueue<Commit> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread writer;

    private record Commit(List<Change> changes, Promise<Void> done, boolean last) {}

    private MvStore(Path file, MVStore store) {
        this.file = file;
        this.store = store;
        this.writer =
                Thread.ofPlatform().name("store-" + file.getFileName()).daemon().start(this::write);
    }

    static MvStore open(Path file) {
        MVStore store;
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            store = new MVStore.Builder()
                    .fileName("nio:" + file.toAbsolutePath())
                    .autoCommitDisabled()
                    .cacheSize(CACHE_MEGABYTES)
                    .open();
        } catch (MVStoreException e) {
            throw new IllegalStateException(explain(file, e), e);
        } catch (IOException e) {
            throw new IllegalStateException("cannot create state file " + file + ": " + e.getMessage(), e);
        }
        MVMap<String, String> meta = store.openMap(META);
        String schema = meta.putIfAbsent(SCHEMA_KEY, SCHEMA);
        if (schema != null && !schema.equals(SCHEMA)) {
            store.closeImmediately();
            throw new IllegalStateException("state file " + file + " has schema " + schema + ", this version knows "
                    + SCHEMA + ": run the version that wrote it, or move the file aside");
        }
        store.commit();
        store.sync();
        return new MvStore(file, store);
    }

    private static String explain(Path file, MVStoreException e) {
        if (e.getErrorCode() == org.h2.mvstore.DataUtils.ERROR_FILE_LOCKED) {
            return "state file " + file + " is in use by another process: is weave running already?";
        }
        return "state file " + file + " is damaged (" + firstLine(e) + "): restore it from a backup, or move it aside"
                + " and launch again; what it said about this host's addresses is then rebuilt from Docker";
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public <V> Map<String, V> load(String map, Class<V> type) {
        Map<String, V> values = new TreeMap<>();
        store.<String, String>openMap(map).forEach((key, text) -> {
            try {
                values.put(key, JsonCodec.value(text, type));
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(
                        "state file " + file + " is damaged: entry " + key + " of " + map + " is " + e.getMessage()
                                + ": restore it from a backup, or move it aside and launch again",
                        e);
            }
        });
        return values;
    }

    @Override
    public Future<Void> commit(List<Change> changes) {
        Context caller = Vertx.currentContext();
        Promise<Void> done = caller instanceof ContextInternal context ? context.promise() : Promise.promise();
        if (!queue.offer(new Commit(List.copyOf(changes), done, false))) {
            done.fail(new FailureException(
                    Failure.Code.INTERNAL, "more than " + MAX_WAITING + " changes wait for the disk of " + file));
        }
        return done.future();
    }

    @Override
    public void close() {
        Promise<Void> done = Promise.promise();
        boolean told = queue.offer(new Commit(List.of(), done, true));
        try {
            writer.join(told ? 5_000 : 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        List<Commit> batch = new ArrayList<>();
        boolean last = false;
        while (!last) {
            batch.clear();
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                break;
            }
            queue.drainTo(batch);
            last = batch.stream().anyMatch(Commit::last);
            commitAll(batch);
        }
        try {
            store.close(0);
        } catch (MVStoreException e) {
            LOG.warn("The store could not be closed in order; it is repaired when it is opened. file={}", file, e);
        }
    }

    private void commitAll(List<Commit> batch) {
        try {
            batch.forEach(commit -> commit.changes().forEach(this::apply));
            store.commit();
            store.sync();
        } catch (RuntimeException e) {
            try {
                store.rollback();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            FailureException failure = new FailureException(
                    Failure.Code.INTERNAL, "cannot write state file " + file + ": " + firstLine(e));
            LOG.warn("Changes could not be written. file={}", file, e);
            batch.forEach(commit -> commit.done().tryFail(failure));
            return;
        }
        batch.forEach(commit -> commit.done().tryComplete());
    }

    private void apply(Change change) {
        switch (change) {
            case Put put -> store.<String, String>openMap(put.map()).put(put.key(), JsonCodec.text(put.value()));
            case Remove remove -> store.<String, String>openMap(remove.map()).remove(remove.key());
        }
    }
}
