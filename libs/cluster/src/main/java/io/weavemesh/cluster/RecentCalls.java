package io.weavemesh.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The requests this process was asked lately, so that one that is sent again, because its answer may have been lost, is done
 * once and answered twice. A request that failed is forgotten: sent again, it is tried again. Safe to use from any thread.
 */
final class RecentCalls {

    /** Longer than any request's deadline but those that wait for a person; those are worth doing twice. */
    static final long KEPT_NANOS = 15_000_000_000L;

    /** As many as may be under way, a few times over. */
    static final int MAX = 16_384;

    private record Key(PeerName from, long call) {}

    private record Begun(Key key, long at) {}

    private final LongSupplier nanos;
    private final Map<Key, Future<Reply>> answers = new HashMap<>();
    private final Deque<Begun> inOrder = new ArrayDeque<>();

    /** @param nanos a clock that only goes forward, such as {@code System::nanoTime} */
    RecentCalls(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The answer to a call; the work is only begun for the first attempt. A call of number 0 is nobody's second attempt. */
    Future<Reply> once(PeerName from, long call, Supplier<Future<? extends Reply>> work) {
        if (call == 0) {
            return work.get().map(reply -> reply);
        }
        Key key = new Key(from, call);
        Promise<Reply> promise = Promise.promise();
        synchronized (this) {
            forgetOld();
            Future<Reply> known = answers.putIfAbsent(key, promise.future());
            if (known != null) {
                return known;
            }
            inOrder.add(new Begun(key, nanos.getAsLong()));
        }
        promise.future().onFailure(_ -> forget(key));
        work.get().<Reply>map(reply -> reply).onComplete(promise);
        return promise.future();
    }

    private synchronized void forget(Key key) {
        answers.remove(key);
    }

    private void forgetOld() {
        long now = nanos.getAsLong();
        for (Begun oldest = inOrder.peek();
                oldest != null && (now - oldest.at() > KEPT_NANOS || inOrder.size() >= MAX);
                oldest = inOrder.peek()) {
            answers.remove(oldest.key());
            inOrder.remove();
        }
    }
}
