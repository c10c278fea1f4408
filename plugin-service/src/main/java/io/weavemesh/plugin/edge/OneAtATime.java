package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs an action for a key, never twice at once for the same: whoever asks while it runs gets the next run, which begins
 * after they asked. So an old answer never overtakes a new one, and a storm of events costs two runs. For one context.
 */
final class OneAtATime<K, V> {

    private final Function<K, Future<V>> action;

    /** Keys with a run under way, and the next run that somebody waits for, if any does. */
    private final Map<K, Waiting<V>> running = new HashMap<>();

    OneAtATime(Function<K, Future<V>> action) {
        this.action = action;
    }

    private static final class Waiting<V> {
        private final Promise<V> next = Promise.promise();
        private boolean wanted;
    }

    Future<V> run(K key) {
        Waiting<V> under = running.get(key);
        if (under != null) {
            under.wanted = true;
            return under.next.future();
        }
        return begin(key);
    }

    private Future<V> begin(K key) {
        Waiting<V> waiting = new Waiting<>();
        running.put(key, waiting);
        return action.apply(key).onComplete(ended -> {
            running.remove(key);
            if (waiting.wanted) {
                begin(key).onComplete(waiting.next);
            }
        });
    }
}
