package io.weavemesh.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableBroadcast.TableDelta;
import io.weavemesh.contract.TableBroadcast.TableDigest;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRequest.PullTable;
import io.weavemesh.contract.TableRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** An owned table wired to the bus and the membership. Everything happens on the context it was created on. */
final class BusTable<R extends TableRow> implements SharedTable<R> {

    /** A lost delta is noticed after this long at the latest. */
    private static final long DIGEST_MILLIS = 2_000;

    /** So long after the last change of ours, or arrival of a peer, one digest in so many is told: whoever missed it knows. */
    private static final long IDLE_NANOS = Duration.ofSeconds(30).toNanos();

    private static final int IDLE_DIGESTS = 3;

    /** A pull that failed is not left to the next digest, which in an idle cluster may take a while. */
    private static final long PULL_RETRY_MILLIS = 500;

    private static final Duration PULL_DEADLINE = Duration.ofSeconds(2);

    private final Bus bus;
    private final Service service;
    private final Class<R> rowType;
    private final OwnedTable<R> table;
    private final Vertx vertx;
    private final List<Consumer<Change<R>>> listeners = new ArrayList<>();
    private long lastNews = System.nanoTime();
    private long digests;

    /** Since when we know that we lack something of a peer's part, by {@code System.nanoTime}. */
    private final Map<PeerName, Long> behind = new ConcurrentHashMap<>();

    BusTable(Vertx vertx, Bus bus, Membership membership, Service service, Class<R> rowType) {
        this.vertx = vertx;
        this.bus = bus;
        this.service = service;
        this.rowType = rowType;
        this.table = new OwnedTable<>(bus.self(), System.currentTimeMillis());
        Context context = vertx.getOrCreateContext();
        membership.listen(event -> context.runOnContext(ignored -> {
            switch (event) {
                case Membership.PeerUp up -> {
                    lastNews = System.nanoTime();
                    carryOut(table.peerUp(up.peer().name()));
                }
                case Membership.PeerDown down -> {
                    behind.remove(down.peer());
                    carryOut(table.peerDown(down.peer()));
                }
                // Not the end of a part: it may be another host with the name of an accepted peer.
                case Membership.PeerRefused refused -> {}
            }
        }));
        measure();
        vertx.setPeriodic(DIGEST_MILLIS, timer -> tellDigest());
    }

    private void tellDigest() {
        boolean idle = System.nanoTime() - lastNews > IDLE_NANOS;
        if (!idle || digests % IDLE_DIGESTS == 0) {
            bus.publish(service, table.digest());
        }
        digests++;
    }

    @Override
    public void update(List<R> put, Collection<String> remove) {
        carryOut(table.update(put, remove));
    }

    @Override
    public Collection<R> own() {
        return table.own();
    }

    @Override
    public Map<PeerName, Collection<R>> parts() {
        return table.parts();
    }

    @Override
    public void listen(Consumer<Change<R>> listener) {
        listeners.add(listener);
    }

    @Override
    public void receive(PeerName from, TableBroadcast news) {
        if (!from.equals(news.origin())) {
            return; // Only the owner speaks of its part.
        }
        carryOut(
                switch (news) {
                    case TableDelta delta ->
                        delta.put().stream().allMatch(rowType::isInstance) ? table.delta(delta) : List.of();
                    case TableDigest digest -> table.digest(digest);
                });
    }

    @Override
    public Future<TablePage> answer(PullTable pull) {
        return Future.succeededFuture(table.answer(pull.after()));
    }

    private void carryOut(List<OwnedTable.Effect<R>> effects) {
        for (OwnedTable.Effect<R> effect : effects) {
            switch (effect) {
                case OwnedTable.Tell<R> tell -> {
                    lastNews = System.nanoTime();
                    bus.publish(service, tell.delta());
                }
                case OwnedTable.Pull<R> pull -> pull(pull);
                case OwnedTable.Changed<R> changed -> listeners.forEach(listener -> listener.accept(changed.change()));
            }
        }
    }

    private void measure() {
        String labels = "table=\"" + service.label() + "\"";
        bus.meters()
                .gauge(
                        "weave_replication_parts_behind",
                        "Number of peers of whose table we know that we lack something.",
                        labels,
                        behind::size);
        bus.meters()
                .gauge(
                        "weave_replication_lag_seconds",
                        "For how long we have known so of the peer it is longest for.",
                        labels,
                        () -> behind.values().stream()
                                        .mapToLong(since -> System.nanoTime() - since)
                                        .max()
                                        .orElse(0)
                                / 1e9);
    }

    /** What is left of a part is asked for by another pull; without one it is whole. */
    private void arrived(PeerName origin, List<OwnedTable.Effect<R>> effects) {
        boolean goesOn = effects.stream()
                .anyMatch(effect -> effect instanceof OwnedTable.Pull<R> next
                        && next.origin().equals(origin));
        if (!goesOn) {
            Optional.ofNullable(behind.remove(origin))
                    .ifPresent(since -> bus.meters()
                            .times(
                                    "weave_replication_catch_up_seconds",
                                    "Time from noticing that we lack something of a peer's table to having it.",
                                    "table=\"" + service.label() + "\"")
                            .add(System.nanoTime() - since));
        }
    }

    private void pull(OwnedTable.Pull<R> pull) {
        behind.putIfAbsent(pull.origin(), System.nanoTime());
        bus.request(pull.origin(), service, new PullTable(pull.after()), PULL_DEADLINE)
                .onComplete(answer -> {
                    if (answer.succeeded() && answer.result().origin().equals(pull.origin())) {
                        List<OwnedTable.Effect<R>> effects = table.page(pull.attempt(), answer.result(), rowType);
                        arrived(pull.origin(), effects);
                        carryOut(effects);
                    } else {
                        table.pullFailed(pull.attempt(), pull.origin());
                        vertx.setTimer(PULL_RETRY_MILLIS, timer -> pullAgain(pull.origin()));
                    }
                });
    }

    /** Unless it went meanwhile. */
    private void pullAgain(PeerName origin) {
        if (table.known(origin).isPresent()) {
            carryOut(table.peerUp(origin));
        }
    }
}
