package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UncaughtTest {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void aWriteThatEndedWithItsConnectionAndThenOnceMoreIsKnown() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        vertx.exceptionHandler(thrown::complete);
        Promise<Void> told = Promise.promise();
        Promise<Void> write = ((ContextInternal) vertx.getOrCreateContext()).promise();
        write.future().onComplete(told);
        told.fail("the connection broke");
        write.fail("the connection is closed");
        assertThat(thrown.get(10, TimeUnit.SECONDS)).matches(Uncaught::isWriteThatEndedTwice);
    }

    @Test
    void whatIsOursIsAFault() {
        Promise<Void> promise = Promise.promise();
        promise.complete();
        assertThat(catchThrowable(promise::complete))
                .isInstanceOf(IllegalStateException.class)
                .matches(thrown -> !Uncaught.isWriteThatEndedTwice(thrown));
        assertThat(Uncaught.isWriteThatEndedTwice(new IllegalStateException("another")))
                .isFalse();
    }
}
