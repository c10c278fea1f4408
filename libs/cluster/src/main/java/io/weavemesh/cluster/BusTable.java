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
import java.util.function.Consumer;

/** An owned table wired to the bus and the membership. Everything happens on the context it was created on. */
final class BusTable<R extends TableRow> implements SharedTable<R> {

    /** A lost delta is noticed after this long at the latest. */
    private static final long DIGEST_MILLIS = 2_000;

    private static final Duration PULL_DEADLINE = Duration.ofSeconds(2);

    /** A page takes milliseconds; what was sent into a connection that a cut had killed never comes. */
    private static final Duration FIRST_PULL_DEADLINE = Duration.ofMillis(700);

    private final Bus bus;
    private final Service service;
    private final Class<R> rowType;
    private final OwnedTable<R> table;
    private final List<Consumer<Change<R>>> listeners = new ArrayList<>();

    BusTable(Vertx vertx, Bus bus, Membership membership, Service service, Class<R> rowType) {
        this.bus = bus;
        this.service = service;
        this.rowType = rowType;
        this.table = new OwnedTable<>(bus.self(), System.currentTimeMillis());
        Context context = vertx.getOrCreateContext();
        membership.listen(event -> context.runOnContext(ignored -> {
            switch (event) {
                case Membership.PeerUp up -> carryOut(table.peerUp(up.peer().name()));
                case Membership.PeerDown down -> carryOut(table.peerDown(down.peer()));
                // Not the end of a part: it may be another host with the name of an accepted peer.
                case Membership.PeerRefused refused -> {}
            }
        }));
        vertx.setPeriodic(DIGEST_MILLIS, timer -> bus.publish(service, table.digest()));
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
                case OwnedTable.Tell<R> tell -> bus.publish(service, tell.delta());
                case OwnedTable.Pull<R> pull -> pull(pull);
                case OwnedTable.Changed<R> changed -> listeners.forEach(listener -> listener.accept(changed.change()));
            }
        }
    }

    private Future<TablePage> ask(OwnedTable.Pull<R> pull, Duration deadline) {
        return bus.request(pull.origin(), service, new PullTable(pull.after()), deadline);
    }

    private void pull(OwnedTable.Pull<R> pull) {
        ask(pull, FIRST_PULL_DEADLINE).recover(late -> ask(pull, PULL_DEADLINE)).onComplete(answer -> {
            if (answer.succeeded() && answer.result().origin().equals(pull.origin())) {
                carryOut(table.page(pull.attempt(), answer.result(), rowType));
            } else {
                table.pullFailed(pull.attempt(), pull.origin());
            }
        });
    }
}
