package io.weavemesh.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.internal.ContextInternal;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.BusAddress;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bus on Vert.x. */
final class VertxBus implements Bus {

    private static final Logger LOG = LoggerFactory.getLogger(VertxBus.class);

    /** Beyond this many unanswered requests something is broken, and queueing more would only hide it. */
    private static final int MAX_IN_FLIGHT = 4_096;

    /** A request to a service that is just restarting is lost; a slice of the deadline bounds what that costs. */
    private static final long SLICE_MILLIS = 700;

    /** How soon to look again for a service that is not registered. */
    private static final long ABSENT_RETRY_MILLIS = 25;

    private final Vertx vertx;
    private final PeerName self;
    private final Predicate<PeerName> accepts;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final DeliveryOptions delivery = new DeliveryOptions().setCodecName(EnvelopeCodec.NAME);

    VertxBus(Vertx vertx, PeerName self, Predicate<PeerName> accepts) {
        this.vertx = vertx;
        this.self = self;
        this.accepts = accepts;
        vertx.eventBus().registerCodec(new EnvelopeCodec());
    }

    @Override
    public PeerName self() {
        return self;
    }

    @Override
    public <R extends Reply> Future<R> request(Service service, Request<R> request, Duration deadline) {
        return request(self, service, request, deadline);
    }

    @Override
    public <R extends Reply> Future<R> request(PeerName peer, Service service, Request<R> request, Duration deadline) {
        Promise<R> answer = promiseOnCallersContext();
        if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
            inFlight.decrementAndGet();
            answer.fail(new FailureException(
                    Failure.Code.UNAVAILABLE, "more than " + MAX_IN_FLIGHT + " requests are waiting for an answer"));
            return answer.future();
        }
        long end = System.nanoTime() + deadline.toNanos();
        attempt(new Call<>(peer, service, request, deadline, end, answer));
        return answer.future().onComplete(done -> inFlight.decrementAndGet());
    }

    @Override
    public void publish(Service service, Broadcast message) {
        vertx.eventBus().publish(BusAddress.broadcast(service), envelope(message), delivery);
    }

    @Override
    public Future<Void> serve(Service service, RequestHandler requests, BroadcastHandler broadcasts) {
        MessageConsumer<Object> asked =
                vertx.eventBus().consumer(BusAddress.request(service, self), message -> answer(message, requests));
        MessageConsumer<Object> told =
                vertx.eventBus().consumer(BusAddress.broadcast(service), message -> hear(message, broadcasts));
        return Future.all(asked.completion(), told.completion()).mapEmpty();
    }

    private record Call<R extends Reply>(
            PeerName peer, Service service, Request<R> request, Duration deadline, long end, Promise<R> answer) {}

    private <R extends Reply> void attempt(Call<R> call) {
        long left = (call.end() - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            call.answer().tryFail(unavailable(call));
            return;
        }
        long slice = call.peer().equals(self) ? Math.min(left, SLICE_MILLIS) : left;
        vertx.eventBus()
                .request(
                        BusAddress.request(call.service(), call.peer()),
                        envelope(call.request()),
                        new DeliveryOptions(delivery).setSendTimeout(Math.max(1, slice)))
                .onComplete(reply -> {
                    if (reply.succeeded()) {
                        complete(call, reply.result().body());
                    } else {
                        retry(call, reply.cause());
                    }
                });
    }

    @SuppressWarnings(
            "unchecked") // The contract ties each request's type to its reply's; a peer that breaks it is wrong.
    private <R extends Reply> void complete(Call<R> call, Object body) {
        if (body instanceof Envelope envelope && envelope.message() instanceof Failure failure) {
            call.answer().tryFail(new FailureException(failure));
        } else if (body instanceof Envelope envelope && envelope.message() instanceof Reply reply) {
            call.answer().tryComplete((R) reply);
        } else {
            call.answer()
                    .tryFail(new FailureException(
                            Failure.Code.INTERNAL,
                            call.service().label() + " answered something that is no reply: " + body));
        }
    }

    private <R extends Reply> void retry(Call<R> call, Throwable cause) {
        if (cause instanceof ReplyException failure && failure.failureType() == ReplyFailure.TIMEOUT) {
            attempt(call);
        } else if (call.end() - System.nanoTime() > 0) {
            vertx.setTimer(ABSENT_RETRY_MILLIS, timer -> attempt(call));
        } else {
            call.answer().tryFail(unavailable(call));
        }
    }

    private FailureException unavailable(Call<?> call) {
        String where = call.peer().equals(self) ? "this host" : "peer " + call.peer();
        return new FailureException(
                Failure.Code.UNAVAILABLE,
                "%s-service of %s did not answer %s within %d ms"
                        .formatted(
                                call.service().label(),
                                where,
                                call.request().getClass().getSimpleName(),
                                call.deadline().toMillis()));
    }

    private void answer(Message<Object> message, RequestHandler handler) {
        if (!(message.body() instanceof Envelope envelope) || !(envelope.message() instanceof Request<?> request)) {
            reply(message, new Failure(Failure.Code.INVALID, "not a request: " + message.body()));
            return;
        }
        if (!accepted(envelope)) {
            reply(
                    message,
                    new Failure(Failure.Code.REFUSED, "peer " + self + " does not accept peer " + envelope.from()));
            return;
        }
        Future<? extends Reply> result;
        try {
            result = handler.handle(envelope.from(), request);
        } catch (FailureException e) {
            result = Future.failedFuture(e);
        }
        result.onComplete(done -> reply(message, done.succeeded() ? done.result() : failure(request, done.cause())));
    }

    private void hear(Message<Object> message, BroadcastHandler handler) {
        if (message.body() instanceof Envelope envelope
                && envelope.message() instanceof Broadcast broadcast
                && !envelope.from().equals(self)
                && accepted(envelope)) {
            handler.handle(envelope.from(), broadcast);
        } else if (message.body() instanceof EnvelopeCodec.Undecodable undecodable) {
            LOG.debug("Dropped a broadcast. reason=\"{}\"", undecodable.reason());
        }
    }

    private boolean accepted(Envelope envelope) {
        return envelope.from().equals(self) || envelope.protocol() == Protocol.VERSION && accepts.test(envelope.from());
    }

    private void reply(Message<Object> message, Reply reply) {
        message.reply(envelope(reply), delivery);
    }

    private static Failure failure(Request<?> request, Throwable cause) {
        if (cause instanceof FailureException expected) {
            return expected.failure();
        }
        LOG.error(
                "A request failed unexpectedly. request={}", request.getClass().getSimpleName(), cause);
        return new Failure(
                Failure.Code.INTERNAL, request.getClass().getSimpleName() + " failed unexpectedly: " + cause);
    }

    private Envelope envelope(io.weavemesh.contract.Message message) {
        return new Envelope(Protocol.VERSION, self, message);
    }

    /** The caller may be on a context of another Vert.x instance; its listeners must run there. */
    private static <R> Promise<R> promiseOnCallersContext() {
        Context caller = Vertx.currentContext();
        return caller instanceof ContextInternal context ? context.promise() : Promise.promise();
    }
}
