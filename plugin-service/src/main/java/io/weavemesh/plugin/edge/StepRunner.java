package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.Reply;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.Step;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the steps of a driver call, one after the other, under one deadline. */
final class StepRunner {

    private static final Logger LOG = LoggerFactory.getLogger(StepRunner.class);

    /** Docker itself would wait for ever. */
    private static final Duration CALL_DEADLINE = Duration.ofSeconds(5);

    /** So that the text of a service's own deadline arrives before ours is over. */
    private static final Duration MARGIN = Duration.ofMillis(250);

    private final Vertx vertx;
    private final Future<Bus> bus;
    private final Store store;

    StepRunner(Vertx vertx, Future<Bus> bus, Store store) {
        this.vertx = vertx;
        this.bus = bus;
        this.store = store;
    }

    /** The last step of the call. The first one is made when the bus is there. */
    Future<Step> run(String method, Supplier<Step> first) {
        long end = System.nanoTime() + CALL_DEADLINE.toNanos();
        Promise<Step> result = Promise.promise();
        long timer = vertx.setTimer(
                CALL_DEADLINE.toMillis(),
                late -> result.tryFail(new FailureException(
                        Failure.Code.NOT_READY,
                        (bus.isComplete()
                                        ? "weave did not carry out "
                                        : "weave is still starting, it cannot carry out ")
                                + method + " within " + CALL_DEADLINE.toSeconds()
                                + " s: try again (see: weave status)")));
        bus.compose(ready -> carryOut(ready, first.get(), end)).onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                result.tryComplete(done.result());
            } else {
                result.tryFail(
                        done.cause() instanceof IllegalArgumentException wrong
                                ? new FailureException(Failure.Code.INVALID, String.valueOf(wrong.getMessage()))
                                : done.cause());
            }
        });
        return result.future();
    }

    private Future<Step> carryOut(Bus ready, Step step, long end) {
        return switch (step) {
            case Step.Answer answer -> Future.succeededFuture(answer);
            case Step.Refuse refusal -> Future.succeededFuture(refusal);
            case Step.NotImplemented missing -> Future.succeededFuture(missing);
            case Step.Ask<?> ask -> ask(ready, ask, end);
            case Step.Tell tell -> {
                ready.request(tell.service(), tell.request(), left(end))
                        .onFailure(cause -> LOG.warn(
                                "A service did not take what it was told; the reconciler repeats it. service={} reason=\"{}\"",
                                tell.service().label(),
                                cause.getMessage()));
                yield carryOut(ready, tell.then().get(), end);
            }
            case Step.Write write ->
                keep(write.map(), new Store.Put(write.map(), write.key(), write.value()))
                        .compose(done -> carryOut(ready, write.then().get(), end));
            case Step.Erase erase ->
                keep(erase.map(), new Store.Remove(erase.map(), erase.key()))
                        .compose(done -> carryOut(ready, erase.then().get(), end));
        };
    }

    /** With the power all containers end, and with the next start Docker asks for new endpoints. Networks stay. */
    private Future<Void> keep(String map, Store.Change change) {
        return map.equals(EndpointBook.ENDPOINTS) ? store.write(List.of(change)) : store.commit(List.of(change));
    }

    private <R extends Reply> Future<Step> ask(Bus ready, Step.Ask<R> ask, long end) {
        return ready.request(ask.service(), ask.request(), left(end))
                .compose(reply -> carryOut(ready, ask.then().apply(reply), end));
    }

    private static Duration left(long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime()).minus(MARGIN);
        return left.isNegative() ? Duration.ofMillis(1) : left;
    }
}
