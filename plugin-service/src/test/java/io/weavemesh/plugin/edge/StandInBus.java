package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.time.Duration;

/** The bus of a host whose other services a test plays itself, and of no other peer. */
abstract class StandInBus implements Bus {

    /** What they answer; a failure fails the request. */
    abstract Reply answer(Request<?> request);

    @Override
    public PeerName self() {
        return new PeerName(1);
    }

    @Override
    public <R extends Reply> Future<R> request(Service service, Request<R> request, Duration deadline) {
        return request(self(), service, request, deadline);
    }

    @Override
    @SuppressWarnings("unchecked") // Who plays a service answers with the type its request declares.
    public <R extends Reply> Future<R> request(PeerName peer, Service service, Request<R> request, Duration deadline) {
        Reply reply = answer(request);
        return reply instanceof Failure failure
                ? Future.failedFuture(new FailureException(failure))
                : Future.succeededFuture((R) reply);
    }

    @Override
    public void publish(Service service, Broadcast message) {
        throw new IllegalStateException("not expected: " + message);
    }

    @Override
    public Future<Void> serve(Service service, RequestHandler requests, BroadcastHandler broadcasts) {
        return Future.succeededFuture();
    }
}
