package io.weavemesh.ipam.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.IpamRequest.PullRings;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.Service;
import io.weavemesh.ipam.DurableState;
import io.weavemesh.ipam.Effect;
import io.weavemesh.ipam.Input;
import io.weavemesh.ipam.IpamCore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ipam-service: gives inputs to the core, and carries out its effects, what must be durable first. */
public final class IpamVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(IpamVerticle.class);

    private static final Duration PEER_DEADLINE = Duration.ofMillis(800);
    private static final long TICK_MILLIS = 2_000;

    /** While something waits, time itself is an input. */
    private static final long BUSY_TICK_MILLIS = 100;

    private final Bus bus;
    private final Membership membership;
    private final Store store;
    private final Health health;
    private final IpamSettings settings;

    /** The wall clock may be set at any time; durations are taken from the monotonic one. */
    private final Instant begin = Instant.now();

    private final long beginNanos = System.nanoTime();
    private final Map<Long, Promise<Reply>> calls = new HashMap<>();
    private final Map<PeerName, String> peers = new HashMap<>();
    private long nextCall;
    private Optional<IpamCore> core = Optional.empty();
    private volatile String broken = "";

    /** The last change on its way to the disk. What needs no change of its own may still rest on that one. */
    private Future<Void> written = Future.succeededFuture();

    public IpamVerticle(Bus bus, Membership membership, Store store, Health health, IpamSettings settings) {
        this.bus = bus;
        this.membership = membership;
        this.store = store;
        this.health = health;
        this.settings = settings;
    }

    @Override
    public Future<?> start() {
        core = Optional.of(new IpamCore(bus.self(), settings.rules(), load()));
        health.register(
                "ipam",
                () -> broken.isEmpty() ? Health.Result.healthy("gives addresses") : Health.Result.unhealthy(broken));
        Context mine = context;
        membership.listen(event -> mine.runOnContext(ignored -> {
            switch (event) {
                case Membership.PeerUp up ->
                    peers.put(up.peer().name(), up.peer().nickname());
                case Membership.PeerDown down -> peers.remove(down.peer());
                case Membership.PeerRefused refused ->
                    peers.remove(refused.peer().name());
            }
            handle(new Input.PeersChanged(peers));
        }));
        vertx.setPeriodic(TICK_MILLIS, timer -> handle(new Input.Tick()));
        vertx.setPeriodic(BUSY_TICK_MILLIS, timer -> {
            if (core.orElseThrow().isWaiting()) {
                handle(new Input.PeersChanged(peers));
            }
        });
        handle(new Input.Tick());
        return bus.serve(Service.IPAM, this::ask, this::hear);
    }

    private DurableState load() {
        DurableState durable = DurableState.read(store::load);
        durable.founding().ifPresent(known -> {
            if (!known.universe().equals(settings.rules().universe())) {
                throw new IllegalStateException("this host's addresses were divided in range " + known.universe()
                        + ", --ipalloc-range is " + settings.rules().universe()
                        + ": launch with the former, or move the state file of ipam aside on every host");
            }
        });
        return durable;
    }

    private Future<? extends Reply> ask(PeerName from, Request<?> request) {
        if (!(request instanceof IpamRequest<?> known)) {
            return Future.failedFuture(new FailureException(
                    Failure.Code.INVALID,
                    "ipam-service does not know " + request.getClass().getSimpleName()));
        }
        long call = nextCall++;
        Promise<Reply> promise = Promise.promise();
        calls.put(call, promise);
        try {
            handle(new Input.Asked(call, from, known));
        } catch (IllegalArgumentException e) {
            calls.remove(call);
            return Future.failedFuture(new FailureException(Failure.Code.INVALID, String.valueOf(e.getMessage())));
        }
        return promise.future();
    }

    private void hear(PeerName from, Broadcast message) {
        if (message instanceof IpamBroadcast news) {
            handle(new Input.Heard(from, news));
        }
    }

    private void handle(Input input) {
        List<Effect> effects = core.orElseThrow().handle(input, begin.plusNanos(System.nanoTime() - beginNanos));
        List<Store.Change> changes = new ArrayList<>();
        List<Effect> rest = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Persist persist ->
                    changes.add(new Store.Put(persist.map(), persist.key(), persist.value()));
                case Effect.Erase erase -> changes.add(new Store.Remove(erase.map(), erase.key()));
                default -> rest.add(effect);
            }
        }
        if (!changes.isEmpty()) {
            written = store.commit(changes);
        }
        written.onComplete(done -> {
            if (done.succeeded()) {
                rest.forEach(this::carryOut);
            } else {
                refuse(rest, String.valueOf(done.cause().getMessage()));
            }
        });
    }

    /** The core has moved on, the disk has not: nothing more is given until a restart reads what is true. */
    private void refuse(List<Effect> effects, String reason) {
        broken = "cannot write its state: " + reason + "; free disk space and restart weave";
        LOG.error("Allocations cannot be made durable; no more are given. reason=\"{}\"", reason);
        for (Effect effect : effects) {
            if (effect instanceof Effect.Reply reply) {
                answer(reply.call(), new Failure(Failure.Code.INTERNAL, broken));
            }
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Reply reply -> answer(reply.call(), reply.reply());
            case Effect.TellAll tell -> bus.publish(Service.IPAM, tell.news());
            case Effect.AskSpace ask ->
                bus.request(ask.peer(), Service.IPAM, ask.request(), PEER_DEADLINE)
                        .onComplete(answer -> handle(new Input.SpaceAnswered(
                                ask.peer(), answer.succeeded() ? Optional.of(answer.result()) : Optional.empty())));
            case Effect.Pull pull ->
                bus.request(pull.peer(), Service.IPAM, new PullRings(), PEER_DEADLINE)
                        .onSuccess(rings -> handle(new Input.Pulled(pull.peer(), rings)));
            case Effect.AskPeer ask ->
                bus.request(ask.peer(), Service.IPAM, ask.request(), PEER_DEADLINE)
                        .onComplete(answer -> handle(new Input.PeerAnswered(
                                ask.ask(),
                                ask.peer(),
                                answer.succeeded() ? Optional.of(answer.result()) : said(answer.cause()))));
            case Effect.Note note -> LOG.info("{}", note.text());
            case Effect.Persist persist -> throw new IllegalStateException("already written: " + persist);
            case Effect.Erase erase -> throw new IllegalStateException("already written: " + erase);
        }
    }

    /** What the peer said, if it was the peer that refused. */
    private static Optional<Reply> said(Throwable cause) {
        return cause instanceof FailureException refused && refused.failure().code() != Failure.Code.UNAVAILABLE
                ? Optional.of(refused.failure())
                : Optional.empty();
    }

    private void answer(long call, Reply reply) {
        Promise<Reply> promise = calls.remove(call);
        if (promise != null) {
            promise.complete(broken.isEmpty() ? reply : new Failure(Failure.Code.INTERNAL, broken));
        }
    }
}
