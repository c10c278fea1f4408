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
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus on Vert.x. How a request is carried through its deadline is in {@link BusCall}; here is how it gets out and in.
 *
 * <p>An address has one listener in the cluster, unless two hosts were given the same name: then Vert.x sends to both in
 * turn. So both sides look at name and underlay address of the other.
 */
final class VertxBus implements Bus {

    private static final Logger LOG = LoggerFactory.getLogger(VertxBus.class);

    /** Beyond this many unanswered requests something is broken, and queueing more would only hide it. */
    private static final int MAX_IN_FLIGHT = 4_096;

    private final Vertx vertx;
    private final PeerDescription self;
    private final Acquaintance acquaintance;
    private final Set<Service> servedHere = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Meters meters = new Meters();
    private volatile boolean stopped;
    private final RecentCalls recent = new RecentCalls(System::nanoTime);

    /** Begins anywhere, so that those of a process that was restarted are no second attempts. */
    private final AtomicLong calls = new AtomicLong(new SecureRandom().nextLong());

    VertxBus(Vertx vertx, PeerDescription self, Acquaintance acquaintance) {
        this.vertx = vertx;
        this.self = self;
        this.acquaintance = acquaintance;
        vertx.eventBus().registerCodec(new EnvelopeCodec(self));
        meters.gauge("weave_bus_requests_in_flight", "Number of requests that wait for an answer.", "", inFlight::get);
    }

    @Override
    public PeerName self() {
        return self.name();
    }

    @Override
    public Meters meters() {
        return meters;
    }

    @Override
    public <R extends Reply> Future<R> request(Service service, Request<R> request, Duration deadline) {
        return request(self(), service, request, deadline);
    }

    @Override
    public <R extends Reply> Future<R> request(PeerName peer, Service service, Request<R> request, Duration deadline) {
        Promise<R> answer = promiseOnCallersContext();
        if (stopped) {
            answer.fail(new FailureException(Failure.Code.UNAVAILABLE, "this peer is being stopped"));
            return answer.future();
        }
        if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
            inFlight.decrementAndGet();
            answer.fail(new FailureException(
                    Failure.Code.UNAVAILABLE, "more than " + MAX_IN_FLIGHT + " requests are waiting for an answer"));
            return answer.future();
        }
        long begin = System.nanoTime();
        new BusCall<>(this, peer, service, request, deadline, answer).start();
        return answer.future().onComplete(done -> {
            inFlight.decrementAndGet();
            times(peer, service, done.succeeded()).add(System.nanoTime() - begin);
        });
    }

    private Meters.Times times(PeerName peer, Service service, boolean answered) {
        return meters.times(
                "weave_bus_request_seconds",
                "Time from a request to a service to its answer, or to the end of waiting.",
                "peer=\"%s\",result=\"%s\",service=\"%s\""
                        .formatted(
                                peer.equals(self()) ? "self" : "other",
                                answered ? "success" : "failure",
                                service.label()));
    }

    @Override
    public void publish(Service service, Broadcast message) {
        if (stopped) {
            return;
        }
        vertx.eventBus().publish(BusAddress.broadcast(service), envelope(message), delivery());
    }

    @Override
    public Future<Void> serve(Service service, RequestHandler requests, BroadcastHandler broadcasts) {
        MessageConsumer<Object> asked =
                vertx.eventBus().consumer(BusAddress.request(service, self()), message -> answer(message, requests));
        MessageConsumer<Object> told =
                vertx.eventBus().consumer(BusAddress.broadcast(service), message -> hear(message, broadcasts));
        servedHere.add(service);
        return Future.all(asked.completion(), told.completion()).mapEmpty();
    }

    /** Nothing is asked or told from now on: what runs outside of our Vert.x may outlive it for a moment. */
    void stop() {
        stopped = true;
    }

    Vertx vertx() {
        return vertx;
    }

    boolean knows(PeerName peer) {
        return acquaintance.knows(peer);
    }

    /** Whether a service of this host runs in this process, so that nothing can be lost on the way to it. */
    boolean servesHere(PeerName peer, Service service) {
        return peer.equals(self()) && servedHere.contains(service);
    }

    /** The number of a new call; never 0. */
    long nextCall() {
        long call = calls.incrementAndGet();
        return call == 0 ? calls.incrementAndGet() : call;
    }

    /** One attempt; what comes back is the body of the answer, if it comes from whom we asked. */
    Future<Reply> send(PeerName peer, Service service, long call, Request<?> request, long timeoutMillis) {
        boolean here = servesHere(peer, service);
        return vertx.eventBus()
                .request(
                        BusAddress.request(service, peer),
                        new Envelope(Protocol.VERSION, self(), self.vtep(), here ? 0 : call, request),
                        delivery().setSendTimeout(timeoutMillis).setLocalOnly(here))
                .map(answer -> reply(peer, answer.body()))
                .onFailure(cause -> {
                    if (here && cause instanceof ReplyException e && e.failureType() == ReplyFailure.NO_HANDLERS) {
                        servedHere.remove(service); // Its verticle was undeployed; it may come back elsewhere.
                    }
                });
    }

    private Reply reply(PeerName asked, Object body) {
        if (!(body instanceof Envelope envelope) || !(envelope.message() instanceof Reply reply)) {
            return new Failure(
                    Failure.Code.INTERNAL, "peer " + asked + " answered something that is no reply: " + body);
        }
        boolean fromWhomWeAsked = envelope.from().equals(asked) && accepted(envelope);
        return fromWhomWeAsked || reply instanceof Failure
                ? reply
                : new Failure(
                        Failure.Code.REFUSED,
                        "the host at " + envelope.at() + " answered in the name of peer " + asked
                                + ", but is not accepted as that");
    }

    private void answer(Message<Object> message, RequestHandler handler) {
        if (!(message.body() instanceof Envelope envelope) || !(envelope.message() instanceof Request<?> request)) {
            message.reply(envelope(noRequest(message.body())), delivery());
            return;
        }
        if (!accepted(envelope)) {
            Failure refusal = new Failure(
                    Failure.Code.REFUSED,
                    "peer " + self.label() + " at " + self.vtep() + " does not accept peer " + envelope.from() + " at "
                            + envelope.at());
            message.reply(envelope(refusal), delivery());
            return;
        }
        recent.once(envelope.from(), envelope.call(), () -> handle(envelope, request, handler))
                .onComplete(done -> message.reply(
                        envelope(done.succeeded() ? done.result() : failure(request, done.cause())), delivery()));
    }

    private static Failure noRequest(Object body) {
        return body instanceof Envelope envelope && envelope.message() instanceof Failure tooLarge
                ? tooLarge
                : new Failure(Failure.Code.INVALID, "not a request: " + body);
    }

    private static Future<? extends Reply> handle(Envelope envelope, Request<?> request, RequestHandler handler) {
        try {
            return handler.handle(envelope.from(), request);
        } catch (RuntimeException e) { // The outermost handler: whatever it is, somebody waits for an answer.
            return Future.failedFuture(e);
        }
    }

    private void hear(Message<Object> message, BroadcastHandler handler) {
        if (message.body() instanceof Envelope envelope
                && envelope.message() instanceof Broadcast broadcast
                && !envelope.from().equals(self())
                && accepted(envelope)) {
            handler.handle(envelope.from(), broadcast);
        } else if (message.body() instanceof EnvelopeCodec.Undecodable undecodable) {
            LOG.debug("Dropped a broadcast. reason=\"{}\"", undecodable.reason());
        }
    }

    private boolean accepted(Envelope envelope) {
        return envelope.protocol() == Protocol.VERSION && acquaintance.accepts(envelope.from(), envelope.at());
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
        return new Envelope(Protocol.VERSION, self(), self.vtep(), message);
    }

    private static DeliveryOptions delivery() {
        return new DeliveryOptions().setCodecName(EnvelopeCodec.NAME);
    }

    /** The caller may be on a context of another Vert.x instance; its listeners must run there. */
    private static <R> Promise<R> promiseOnCallersContext() {
        Context caller = Vertx.currentContext();
        return caller instanceof ContextInternal context ? context.promise() : Promise.promise();
    }
}
