package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A bus without a network: handlers run on the context they were registered on, and nothing is lost. */
final class LoopBus implements Bus {

    private final PeerName self;
    private final Map<PeerName, LoopBus> peers;
    private final Map<Service, Served> served = new ConcurrentHashMap<>();

    private record Served(Context context, RequestHandler requests, BroadcastHandler broadcasts) {}

    /** One end of the bus; ends that share the map reach each other. */
    LoopBus(PeerName self, Map<PeerName, LoopBus> peers) {
        this.self = self;
        this.peers = peers;
        peers.put(self, this);
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
    @SuppressWarnings("unchecked") // The handler answers with the type the request declares.
    public <R extends Reply> Future<R> request(PeerName peer, Service service, Request<R> request, Duration deadline) {
        Served target = Objects.requireNonNull(peers.get(peer)).served.get(service);
        if (target == null) {
            return Future.failedFuture(
                    new FailureException(Failure.Code.UNAVAILABLE, "no answer from " + service.label()));
        }
        Promise<R> reply = Promise.promise();
        target.context()
                .runOnContext(ignored -> target.requests().handle(self, request).onComplete(done -> {
                    if (done.succeeded()) {
                        reply.complete((R) done.result());
                    } else {
                        reply.fail(done.cause());
                    }
                }));
        return reply.future();
    }

    @Override
    public void publish(Service service, Broadcast message) {
        for (LoopBus peer : peers.values()) {
            Served target = peer.served.get(service);
            if (peer != this && target != null) {
                target.context().runOnContext(ignored -> target.broadcasts().handle(self, message));
            }
        }
    }

    @Override
    public Future<Void> serve(Service service, RequestHandler requests, BroadcastHandler broadcasts) {
        served.put(service, new Served(Objects.requireNonNull(Vertx.currentContext()), requests, broadcasts));
        return Future.succeededFuture();
    }
}
