package io.weavemesh.cluster;

import io.vertx.core.Promise;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request on its way through its deadline. It is sent again while nobody listens at the address, while the peer does not
 * know us yet, and, to another process, when no answer came for a while: that process may have been restarted with the request
 * in its hands, or the answer went into a connection that was dead. All attempts carry one number, so that what arrives twice
 * is done once (see {@link RecentCalls}). An earlier attempt may still be answered; the first answer counts.
 */
final class BusCall<R extends Reply> {

    /** What a request that was lost with a restarting service, or a healing link, costs. */
    private static final long SLICE_MILLIS = 700;

    /** How soon to look again for a service of this host that is not registered, or a peer that does not know us yet. */
    private static final long RETRY_MILLIS = 25;

    private final VertxBus bus;
    private final PeerName peer;
    private final Service service;
    private final Request<R> request;
    private final Duration deadline;
    private final Promise<R> answer;
    private final long end;
    private final long call;
    private final AtomicReference<Failure> refusal = new AtomicReference<>();
    private final AtomicInteger unanswered = new AtomicInteger();

    BusCall(VertxBus bus, PeerName peer, Service service, Request<R> request, Duration deadline, Promise<R> answer) {
        this.bus = bus;
        this.peer = peer;
        this.service = service;
        this.request = request;
        this.deadline = deadline;
        this.answer = answer;
        this.end = System.nanoTime() + deadline.toNanos();
        this.call = bus.nextCall();
    }

    void start() {
        attempt();
        if (!bus.servesHere(peer, service)) {
            repeatLater();
        }
    }

    private void repeatLater() {
        if (millisLeft() > SLICE_MILLIS) {
            bus.vertx().setTimer(SLICE_MILLIS, timer -> {
                if (answer.future().isComplete()) {
                    return;
                }
                if (unanswered.get() > 0) {
                    attempt();
                }
                repeatLater();
            });
        }
    }

    private void attempt() {
        long left = millisLeft();
        if (left <= 0) {
            giveUp();
            return;
        }
        unanswered.incrementAndGet();
        bus.send(peer, service, call, request, left).onComplete(done -> {
            unanswered.decrementAndGet();
            if (done.failed()) {
                failed(done.cause());
            } else if (done.result() instanceof Failure failure) {
                failed(failure);
            } else {
                answered(done.result());
            }
        });
    }

    @SuppressWarnings(
            "unchecked") // The contract ties each request's type to its reply's; a peer that breaks it is wrong.
    private void answered(Reply reply) {
        answer.tryComplete((R) reply);
    }

    private void failed(Failure failure) {
        if (failure.code() == Failure.Code.REFUSED && bus.knows(peer)) {
            refusal.set(failure); // We know it, so it will know us in a moment, unless it never does.
            retry();
        } else {
            answer.tryFail(new FailureException(failure));
        }
    }

    private void failed(Throwable cause) {
        boolean timeout = cause instanceof ReplyException e && e.failureType() == ReplyFailure.TIMEOUT;
        if (timeout || !bus.knows(peer)) {
            giveUp();
        } else {
            retry();
        }
    }

    private void retry() {
        if (answer.future().isComplete()) {
            return;
        }
        if (millisLeft() > RETRY_MILLIS) {
            bus.vertx().setTimer(RETRY_MILLIS, timer -> attempt());
        } else {
            giveUp();
        }
    }

    private void giveUp() {
        Failure refused = refusal.get();
        answer.tryFail(new FailureException(refused != null ? refused : unavailable()));
    }

    private Failure unavailable() {
        String where = peer.equals(bus.self()) ? "this host" : "peer " + peer;
        return new Failure(
                Failure.Code.UNAVAILABLE,
                "%s-service of %s did not answer %s within %d ms"
                        .formatted(service.label(), where, request.getClass().getSimpleName(), deadline.toMillis()));
    }

    private long millisLeft() {
        return (end - System.nanoTime()) / 1_000_000;
    }
}
