package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A store in memory, whose disk may be full. */
final class FakeStore implements Store {
    final Map<String, Map<String, Object>> maps = new ConcurrentHashMap<>();
    volatile boolean full;

    @Override
    public <V> Map<String, V> load(String map, Class<V> type) {
        Map<String, V> values = new TreeMap<>();
        maps.getOrDefault(map, Map.of()).forEach((key, value) -> values.put(key, type.cast(value)));
        return values;
    }

    @Override
    public Future<Void> commit(List<Change> changes) {
        if (full) {
            return Future.failedFuture(new FailureException(Failure.Code.INTERNAL, "no space left on device"));
        }
        for (Change change : changes) {
            switch (change) {
                case Put put ->
                    maps.computeIfAbsent(put.map(), _ -> new ConcurrentSkipListMap<>())
                            .put(put.key(), put.value());
                case Remove remove -> maps.getOrDefault(remove.map(), Map.of()).remove(remove.key());
            }
        }
        return Future.succeededFuture();
    }

    @Override
    public void close() {}
}
