package io.weavemesh.cluster;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A durable map of maps in one file. A change is on disk before its future completes; changes that wait together share
 * one sync. Safe to use from any thread; futures complete on the caller's context. Values are stored as JSON.
 */
public interface Store extends AutoCloseable {

    /**
     * Opens or creates the store in a file. Blocks.
     *
     * @throws IllegalStateException if the file is damaged, in use or not ours; the text says what to do
     */
    static Store open(Path file) {
        return MvStore.open(file);
    }

    /** Everything in one map. For start-up: it blocks. */
    <V> Map<String, V> load(String map, Class<V> type);

    /** Makes changes durable, all or none, in the order of calls. */
    Future<Void> commit(List<Change> changes);

    /**
     * The same for what a power failure ends anyway: completes when the changes outlast this process, however it ends, and does
     * not wait for the disk. They are synced right afterwards.
     */
    default Future<Void> write(List<Change> changes) {
        return commit(changes);
    }

    @Override
    void close();

    /** One change of one map. */
    sealed interface Change {}

    record Put(String map, String key, Object value) implements Change {}

    record Remove(String map, String key) implements Change {}
}
