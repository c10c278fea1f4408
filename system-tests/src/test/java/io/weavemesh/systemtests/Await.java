package io.weavemesh.systemtests;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another host will show in its own time, by looking again and again. */
final class Await {

    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /** Repeats the assertion until it holds; returns how long that took. Fails with its last error after the limit. */
    static Duration within(Duration limit, Runnable assertion) {
        long begin = System.nanoTime();
        while (true) {
            try {
                assertion.run();
                return Duration.ofNanos(System.nanoTime() - begin);
            } catch (AssertionError e) {
                if (System.nanoTime() - begin > limit.toNanos()) {
                    throw new AssertionError("not within " + limit.toMillis() + " ms: " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
