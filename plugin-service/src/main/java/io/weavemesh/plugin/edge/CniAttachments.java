package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.RouterRequest.ListEndpoints;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.CniAttachment;
import io.weavemesh.plugin.CniBook;
import io.weavemesh.plugin.CniCall;
import io.weavemesh.plugin.CniCall.Operation;
import io.weavemesh.plugin.CniDriver;
import io.weavemesh.plugin.CniException;
import io.weavemesh.plugin.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out CNI's calls, one at a time for each attachment, takes back what failed, and compares what CNI made with what the
 * router has: every half minute, and tells its names to dns-service then. Docker is not asked. Runs on the plugin's context.
 */
final class CniAttachments {

    private static final Logger LOG = LoggerFactory.getLogger(CniAttachments.class);

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final long PERIOD_MILLIS = 30_000;

    private final Vertx vertx;
    private final CniDriver driver;
    private final CniBook book;
    private final StepRunner runner;
    private final Map<EndpointId, Future<?>> turns = new HashMap<>();

    CniAttachments(Vertx vertx, CniDriver driver, CniBook book, StepRunner runner) {
        this.vertx = vertx;
        this.driver = driver;
        this.book = book;
        this.runner = runner;
    }

    /** What the caller is to be told; fails with a {@link CniException}, or because we are wrong. */
    Future<Map<String, Object>> handle(CniCall call) {
        Future<Step> done;
        try {
            done = switch (call.operation()) {
                case VERSION -> Future.succeededFuture(driver.handle(call)); // Also while there is no bus.
                case STATUS -> run(call);
                case CHECK, DEL -> inTurn(CniDriver.idOf(call), () -> run(call));
                case ADD -> inTurn(CniDriver.idOf(call), () -> run(call).recover(cause -> takeBack(call, cause)));
                case GC -> collect(driver.garbage(call)).map(driver.handle(call));
            };
        } catch (CniException e) {
            done = Future.failedFuture(e);
        }
        return done.map(CniAttachments::answer)
                .recover(cause -> Future.failedFuture(inTermsOfCni(call.operation(), cause)));
    }

    /** Compares now, and from now on. */
    void start(Bus bus) {
        compare(bus);
        vertx.setPeriodic(PERIOD_MILLIS, _ -> compare(bus));
    }

    /** Tells dns-service all names; what it has already is no change to it. */
    Future<Done> tellNames(Bus bus) {
        Future<Void> all = Future.succeededFuture();
        for (CniAttachment attachment : book.all()) {
            if (attachment.complete() && !attachment.names().isEmpty()) {
                all = all.compose(_ -> bus.request(Service.DNS, attachment.registration(), DEADLINE)
                        .mapEmpty());
            }
        }
        return all.map(new Done());
    }

    /** For {@code weave reset}. */
    Future<Void> removeAll() {
        return collect(book.all().stream().map(CniAttachment::id).toList());
    }

    private void compare(Bus bus) {
        if (book.all().isEmpty()) {
            return; // Most hosts have Docker only.
        }
        bus.request(Service.ROUTER, new ListEndpoints(), DEADLINE)
                .compose(routed -> {
                    List<CniAttachment> lost = book.lost(
                            routed.endpoints().stream()
                                    .map(EndpointRow::endpoint)
                                    .collect(Collectors.toSet()),
                            Duration.ofNanos(System.nanoTime()));
                    lost.forEach(attachment -> LOG.info(
                            "The interface of a CNI attachment is gone; its address is free again. container={} addresses={}",
                            attachment.container(),
                            attachment.addresses()));
                    return collect(lost.stream().map(CniAttachment::id).toList());
                })
                .compose(_ -> tellNames(bus))
                .onFailure(cause -> LOG.info(
                        "What CNI made could not be compared; it is again within half a minute. reason=\"{}\"",
                        cause.getMessage()));
    }

    /** All of them, each under a deadline of its own; one that fails is no reason to leave the others. */
    private Future<Void> collect(List<EndpointId> garbage) {
        List<Future<Step>> removals = garbage.stream()
                .map(id -> inTurn(id, () -> runner.run("CNI DEL", () -> driver.remove(id))))
                .toList();
        return Future.join(removals).mapEmpty();
    }

    private Future<Step> run(CniCall call) {
        return runner.run("CNI " + call.operation(), () -> driver.handle(call));
    }

    /** A configuration that was refused made nothing. */
    private Future<Step> takeBack(CniCall call, Throwable cause) {
        if (cause instanceof CniException) {
            return Future.failedFuture(cause);
        }
        return runner.run("CNI DEL", () -> driver.remove(CniDriver.idOf(call)))
                .onFailure(again -> LOG.warn(
                        "What CNI's ADD made in part could not be taken back; DEL repeats it. container={} reason=\"{}\"",
                        call.container(),
                        again.getMessage()))
                .transform(_ -> Future.failedFuture(cause));
    }

    private Future<Step> inTurn(EndpointId id, Supplier<Future<Step>> action) {
        Future<?> before = turns.getOrDefault(id, Future.succeededFuture());
        Future<Step> next = before.transform(_ -> action.get());
        turns.put(id, next);
        next.onComplete(_ -> turns.remove(id, next));
        return next;
    }

    private static Map<String, Object> answer(Step last) {
        return switch (last) {
            case Step.Answer answer -> answer.body();
            case Step.Refuse refusal -> throw new FailureException(refusal.failure());
            default -> throw new IllegalStateException("a CNI call ended with " + last);
        };
    }

    private static Throwable inTermsOfCni(Operation operation, Throwable cause) {
        return switch (cause) {
            case FailureException failure
            when operation == Operation.STATUS ->
                new CniException(
                        CniException.Code.NOT_AVAILABLE, failure.failure().text());
            case FailureException failure -> CniException.of(failure.failure());
            default -> cause;
        };
    }
}
