package io.weavemesh.dns.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Store;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A disk that lasts as long as the test, and can be full. */
final class MemoryStore implements Store {

    private final ConcurrentMap<String, Map<String, Object>> maps = new ConcurrentHashMap<>();
    volatile boolean full;

    @Override
    public <V> Map<String, V> load(String map, Class<V> type) {
        Map<String, V> values = new TreeMap<>();
        of(map).forEach((key, value) -> values.put(key, type.cast(value)));
        return values;
    }

    @Override
    public Future<Void> commit(List<Change> changes) {
        if (full) {
            return Future.failedFuture("No space left on device");
        }
        for (Change change : changes) {
            switch (change) {
                case Put put -> of(put.map()).put(put.key(), put.value());
                case Remove remove -> of(remove.map()).remove(remove.key());
            }
        }
        return Future.succeededFuture();
    }

    private Map<String, Object> of(String map) {
        return maps.computeIfAbsent(map, name -> new ConcurrentHashMap<>());
    }

    @Override
    public void close() {}
}
