package io.weavemesh.cluster;

import io.vertx.core.Future;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.time.Duration;

/**
 * The event bus as the services see it: requests with a deadline and broadcasts, all of them records of the contract.
 *
 * <p>A request fails with {@link io.weavemesh.contract.FailureException}: the receiver's {@code Failure}, or
 * {@code UNAVAILABLE} naming service and peer when there was no answer. Safe to use from any thread; futures complete and
 * handlers run on the caller's and the server's Vert.x context.
 */
public interface Bus {

    /** Our own name. */
    PeerName self();

    /** What this process measures, the bus itself among it. */
    default Meters meters() {
        return new Meters();
    }

    /** Asks a service of this host. Retries inside the deadline while the service is not there. */
    <R extends Reply> Future<R> request(Service service, Request<R> request, Duration deadline);

    /** Asks a service of another peer. */
    <R extends Reply> Future<R> request(PeerName peer, Service service, Request<R> request, Duration deadline);

    /** Tells a service on every other peer that we accept. Best effort; nothing is told to ourselves. */
    void publish(Service service, Broadcast message);

    /**
     * Serves a service of this host until the verticle is undeployed. Only messages from this host and from accepted
     * peers reach the handlers; a handler's failed future travels back as {@code Failure}.
     */
    Future<Void> serve(Service service, RequestHandler requests, BroadcastHandler broadcasts);

    /** Answers requests. */
    @FunctionalInterface
    interface RequestHandler {
        /** The reply's type is the one the request declares. */
        Future<? extends Reply> handle(PeerName from, Request<?> request);
    }

    /** Hears broadcasts. */
    @FunctionalInterface
    interface BroadcastHandler {
        void handle(PeerName from, Broadcast message);
    }
}
