package io.weavemesh.node;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** When this process is told to end, and when it has done what had to be done before. */
final class EndOfProcess {

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** From now on a signal does not end the process before {@link #allow} was called. */
    static EndOfProcess watch() {
        EndOfProcess end = new EndOfProcess();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            end.told.countDown();
            try {
                end.ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        return end;
    }

    /** Waits until the process is told to end, but not longer; whether it was. */
    boolean isTold(Duration atMost) throws InterruptedException {
        return told.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    void allow() {
        ended.countDown();
    }
}
