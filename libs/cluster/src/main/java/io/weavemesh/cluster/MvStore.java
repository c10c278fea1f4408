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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * A store in an H2 MVStore file. One thread writes: it takes all changes that wait, commits them together, syncs once, and
 * completes all their futures. A commit is one write of a new chunk and one fsync. Those who do not ask for the latter are told in
 * between; there is never more than one chunk that is not synced ({@link StoreFile} says why).
 *
 * <p>After a failed write MVStore closes itself, and what is done with it afterwards fails or hangs. So the file is opened
 * anew: it then holds what was last synced, which is all that was ever promised.
 */
final class MvStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(MvStore.class);

    /** Changes waiting for the disk. More means the disk is gone; callers have long met their deadlines. */
    private static final int MAX_WAITING = 10_000;

    /** A file is not worth rewriting below this; it is about 2,000 commits. */
    private static final long REWRITE_BYTES = 8 << 20;

    /** It is rewritten when it has grown by this factor since, so that rewriting costs little per commit. */
    private static final int REWRITE_FACTOR = 4;

    /** A disk that takes longer than this to finish what waits is not worth holding up our end for. */
    private static final long CLOSE_MILLIS = 5_000;

    private final StoreFile file;
    private final BlockingQueue<Commit> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Object door = new Object();
    private final Thread writer;
    private final Object disk = new Object();
    private MVStore store;
    private boolean closed;
    private boolean broken;
    private long rewrittenBytes;

    private record Commit(List<Change> changes, Promise<Void> done, Wants wants) {}

    /** When a commit is done. */
    private enum Wants {
        WRITTEN,
        SYNCED,
        /** The last one: when nothing comes behind it. */
        END
    }

    private MvStore(StoreFile file) {
        this.file = file;
        this.store = file.open();
        this.writer = Thread.ofPlatform()
                .name("store-" + file.path().getFileName())
                .daemon()
                .unstarted(this::write);
    }

    static MvStore open(Path file) {
        return open(file.toAbsolutePath(), "nio");
    }

    static MvStore open(Path file, String fileSystem) {
        MvStore opened = new MvStore(new StoreFile(file, fileSystem));
        opened.writer.start();
        return opened;
    }

    /** Waits for what is being written: the file might be opened anew by that. */
    @Override
    public <V> Map<String, V> load(String map, Class<V> type) {
        Map<String, String> texts;
        synchronized (disk) {
            try {
                reopenIfBroken();
                texts = new CheckedMaps(store).load(map);
            } catch (MVStoreException | IllegalArgumentException e) {
                throw file.damaged(e);
            }
        }
        Map<String, V> values = new TreeMap<>();
        texts.forEach((key, text) -> {
            try {
                values.put(key, JsonCodec.value(text, type));
            } catch (IllegalArgumentException e) {
                throw file.damaged("entry " + key + " of " + map + " is " + e.getMessage());
            }
        });
        return values;
    }

    @Override
    public Future<Void> commit(List<Change> changes) {
        return offer(changes, Wants.SYNCED);
    }

    @Override
    public Future<Void> write(List<Change> changes) {
        return offer(changes, Wants.WRITTEN);
    }

    private Future<Void> offer(List<Change> changes, Wants wants) {
        Context caller = Vertx.currentContext();
        Promise<Void> done = caller instanceof ContextInternal context ? context.promise() : Promise.promise();
        try {
            offer(new Commit(changes.stream().map(MvStore::encoded).toList(), done, wants));
        } catch (JacksonException e) {
            done.fail(failure("a value has no JSON form: " + e.getMessage()));
        }
        return done.future();
    }

    @Override
    public void close() {
        synchronized (door) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            queue.put(new Commit(List.of(), Promise.promise(), Wants.END));
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void offer(Commit commit) {
        synchronized (door) { // Nothing may come behind the last one: nobody would answer it.
            if (closed) {
                commit.done().fail(failure("it is closed"));
            } else if (!queue.offer(commit)) {
                commit.done().fail(failure("more than " + MAX_WAITING + " changes wait for the disk"));
            }
        }
    }

    /** Made into text at once, by the caller: a value that has none must not spoil the changes of others. */
    private static Change encoded(Change change) {
        return switch (change) {
            case Put put -> new Put(put.map(), put.key(), JsonCodec.text(put.value()));
            case Remove remove -> remove;
        };
    }

    private void write() {
        List<Commit> batch = new ArrayList<>();
        boolean last = false;
        while (!last) {
            batch.clear();
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                continue; // Nobody interrupts this thread; its end is the last commit.
            }
            queue.drainTo(batch);
            last = batch.stream().anyMatch(commit -> commit.wants() == Wants.END);
            synchronized (disk) {
                commitAll(batch);
            }
        }
        synchronized (disk) {
            closeFile();
        }
    }

    private void closeFile() {
        try {
            store.close(0);
        } catch (RuntimeException e) {
            LOG.warn(
                    "The store could not be closed in order; it is repaired when it is opened. file={} reason=\"{}\"",
                    file.path(),
                    StoreFile.reason(e));
        }
    }

    private void commitAll(List<Commit> batch) {
        try {
            reopenIfBroken();
            batch.forEach(commit -> commit.changes().forEach(this::apply));
            if (store.hasUnsavedChanges()) {
                store.commit();
                batch.stream()
                        .filter(commit -> commit.wants() == Wants.WRITTEN)
                        .forEach(commit -> commit.done().complete());
                store.sync();
            }
        } catch (RuntimeException e) {
            broken = true;
            String reason = StoreFile.reason(e);
            LOG.warn("Changes could not be written. file={} reason=\"{}\"", file.path(), reason);
            batch.forEach(commit -> commit.done().tryFail(failure(reason)));
            return;
        }
        batch.forEach(commit -> commit.done().tryComplete());
        rewriteIfLarge();
    }

    private void reopenIfBroken() {
        if (broken) {
            store.closeImmediately();
            store = file.open();
            broken = false;
            LOG.info("State file is open again. file={}", file.path());
        }
    }

    private void rewriteIfLarge() {
        try {
            long size = Files.size(file.path());
            if (size > Math.max(REWRITE_BYTES, REWRITE_FACTOR * rewrittenBytes)) {
                store = file.rewrite(store);
                rewrittenBytes = Files.size(file.path());
                LOG.debug("State file is rewritten. file={} before={} after={}", file.path(), size, rewrittenBytes);
            }
        } catch (IOException | RuntimeException e) {
            broken = true; // Whichever file is there now is whole; it is opened before the next commit.
            LOG.warn("State file could not be rewritten. file={} reason=\"{}\"", file.path(), StoreFile.reason(e));
        }
    }

    private void apply(Change change) {
        switch (change) {
            case Put put -> new CheckedMaps(store).put(put.map(), put.key(), (String) put.value());
            case Remove remove -> new CheckedMaps(store).remove(remove.map(), remove.key());
        }
    }

    private FailureException failure(String reason) {
        return new FailureException(Failure.Code.INTERNAL, "cannot write state file " + file.path() + ": " + reason);
    }
}
