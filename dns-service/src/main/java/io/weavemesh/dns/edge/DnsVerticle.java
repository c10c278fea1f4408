package io.weavemesh.dns.edge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Health;
import io.weavemesh.cluster.Health.Result;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.DnsReply.Names;
import io.weavemesh.contract.DnsRequest.AddName;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.DnsStatusQuery;
import io.weavemesh.contract.DnsRequest.ListNames;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginRequest;
import io.weavemesh.contract.PluginRequest.RepeatNames;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterBroadcast;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableRequest.PullTable;
import io.weavemesh.dns.Askers;
import io.weavemesh.dns.HandMade;
import io.weavemesh.dns.Registrations;
import io.weavemesh.dns.ResolvConf.NameServer;
import io.weavemesh.dns.Zone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * dns-service: takes registrations from the bus, tells other peers, and answers questions from a snapshot of everybody's
 * names. To be deployed on an event loop; one instance for each peer.
 */
public final class DnsVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(DnsVerticle.class);

    /** How soon dockerd's bridge, a freed port or a changed address is noticed. */
    private static final long CHECK_MILLIS = 1_000;

    private static final Duration REPEAT_DEADLINE = Duration.ofSeconds(2);
    private static final String DISABLED = "disabled by --no-dns";
    /** A snapshot of ten takes some ten microseconds; a millisecond passes until the next one. */
    private static final int ASKERS_PER_MILLISECOND = 10;

    private static final Comparator<Name> BY_NAME = Comparator.comparing(
                    (Name name) -> name.row().name())
            .thenComparing(name -> name.row().address())
            .thenComparing(Name::origin)
            .thenComparing(name -> name.row().endpoint());

    private final Bus bus;
    private final Store store;
    private final Health health;
    private final DnsSettings settings;
    private final Function<Vertx, SharedTable<NameRow>> tables;
    private final Registrations registrations;
    private final Forwarder forwarder;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Askers askers = new Askers();
    private boolean askersStale;
    private volatile Snapshot snapshot;

    public DnsVerticle(Bus bus, Membership membership, Store store, Health health, DnsSettings settings) {
        this(
                bus,
                store,
                health,
                settings,
                vertx -> SharedTable.create(vertx, bus, membership, Service.DNS, NameRow.class));
    }

    DnsVerticle(
            Bus bus, Store store, Health health, DnsSettings settings, Function<Vertx, SharedTable<NameRow>> tables) {
        this.bus = bus;
        this.store = store;
        this.health = health;
        this.settings = settings;
        this.tables = tables;
        this.registrations = new Registrations(
                settings.domain(), store.load(HandMade.MAP, HandMade.class).values());
        Optional<PeerName> near = settings.localFirst() ? Optional.of(bus.self()) : Optional.empty();
        this.snapshot = Snapshot.of(Zone.empty(settings.domain(), settings.ttl(), near));
        HostFile resolvConf = HostFile.of(settings.resolvConf(), System.getenv());
        this.forwarder = new Forwarder(new Upstreams(resolvConf, this::isOurs), settings.fallbackTimeout());
    }

    @Override
    public Future<?> start() {
        SharedTable<NameRow> table = tables.apply(vertx);
        table.listen(change ->
                snapshot = snapshot.with(snapshot.zone().with(change.origin(), change.put(), change.removed())));
        Registrations.Change kept = registrations.start();
        table.update(kept.put(), kept.removed());
        OwnPart own = new OwnPart(table, context);
        health.register("dns-listening", this::listening);
        if (settings.enabled()) {
            settings.listen().forEach(wanted -> listeners.add(new Listener(vertx, wanted, () -> snapshot, forwarder)));
        }
        return bus.serve(
                        Service.DNS,
                        (from, request) -> handle(table, own, from, request),
                        (from, message) -> hear(table, from, message))
                .compose(ignored -> checkListeners())
                .onSuccess(ignored -> bus.request(Service.PLUGIN, new RepeatNames(), REPEAT_DEADLINE)
                        .onFailure(cause -> LOG.debug(
                                "plugin-service is not there yet; it begins with all names. reason=\"{}\"",
                                cause.getMessage())))
                .onSuccess(ignored -> vertx.setPeriodic(CHECK_MILLIS, timer -> checkListeners()));
    }

    @Override
    public Future<?> stop() {
        return Future.join(listeners.stream().map(Listener::close).toList()).onComplete(ignored -> forwarder.close());
    }

    private Future<?> checkListeners() {
        return Future.join(listeners.stream().map(Listener::check).toList());
    }

    private Future<? extends Reply> handle(SharedTable<NameRow> table, OwnPart own, PeerName from, Request<?> request) {
        return switch (request) {
            case RegisterName register ->
                change(own, from, request, () -> registrations.register(register))
                        .onSuccess(done -> followAskers(askers.register(register)));
            case DeregisterName deregister ->
                change(own, from, request, () -> registrations.deregister(deregister.endpoint()))
                        .onSuccess(done -> followAskers(askers.deregister(deregister.endpoint())));
            case RetainNames retain ->
                change(own, from, request, () -> registrations.retain(retain.endpoints()))
                        .onSuccess(done -> followAskers(askers.retain(retain.endpoints())));
            case AddName add -> change(own, from, request, () -> registrations.add(add));
            case RemoveNames remove -> change(own, from, request, () -> registrations.remove(remove));
            case ListNames ignored -> Future.succeededFuture(names(table));
            case DnsStatusQuery ignored -> Future.succeededFuture(status());
            case PullTable pull -> table.answer(pull);
            case IpamRequest<?> other -> refuse(other);
            case PluginRequest<?> other -> refuse(other);
            case RouterRequest<?> other -> refuse(other);
        };
    }

    private void hear(SharedTable<NameRow> table, PeerName from, Broadcast message) {
        switch (message) {
            case TableBroadcast news -> table.receive(from, news);
            case IpamBroadcast other -> LOG.debug("Broadcast for another service. from={} message={}", from, other);
            case RouterBroadcast other -> LOG.debug("Broadcast for another service. from={} message={}", from, other);
        }
    }

    private Future<Done> change(OwnPart own, PeerName from, Request<?> request, Supplier<Registrations.Change> change) {
        if (!from.equals(bus.self())) {
            return Future.failedFuture(new FailureException(
                    Failure.Code.REFUSED,
                    "change names of peer " + bus.self() + ": asked by peer " + from + " (expected: itself)"));
        }
        Registrations.Change outcome;
        try {
            outcome = change.get();
        } catch (IllegalArgumentException e) {
            return Future.failedFuture(new FailureException(Failure.Code.INVALID, String.valueOf(e.getMessage())));
        }
        LOG.debug(
                "Names changed. request={} put={} removed={}",
                request.getClass().getSimpleName(),
                outcome.put().size(),
                outcome.removed().size());
        return Future.all(own.change(outcome), keep(outcome)).map(new Done());
    }

    /** What was done by hand is on disk before whoever did it is told so. */
    private Future<Void> keep(Registrations.Change change) {
        List<Store.Change> changes = new ArrayList<>();
        change.erased().forEach(key -> changes.add(new Store.Remove(HandMade.MAP, key)));
        change.written().forEach(made -> changes.add(new Store.Put(HandMade.MAP, made.key(), made)));
        if (changes.isEmpty()) {
            return Future.succeededFuture();
        }
        return store.commit(changes)
                .recover(cause -> Future.failedFuture(new FailureException(
                        Failure.Code.INTERNAL,
                        "the names are changed until this peer restarts, but could not be written to disk: "
                                + cause.getMessage())));
    }

    /** Makes a new snapshot of who asks, one for all changes that are waiting already, or that come soon if it is costly. */
    private void followAskers(boolean changed) {
        if (!changed || askersStale) {
            return;
        }
        askersStale = true;
        long delay = snapshot.askers().size() / ASKERS_PER_MILLISECOND;
        if (delay == 0) {
            context.runOnContext(ignored -> takeAskers());
        } else {
            vertx.setTimer(delay, ignored -> takeAskers());
        }
    }

    private void takeAskers() {
        askersStale = false;
        snapshot = snapshot.withAskers(askers.byAddress());
    }

    private static Future<Reply> refuse(Request<?> request) {
        String text = "dns-service was asked " + request.getClass().getSimpleName() + ", which is another service's";
        return Future.failedFuture(new FailureException(Failure.Code.INVALID, text));
    }

    private static Names names(SharedTable<NameRow> table) {
        List<Name> names = new ArrayList<>();
        table.parts().forEach((origin, rows) -> rows.forEach(row -> names.add(new Name(row, origin))));
        names.sort(BY_NAME);
        return new Names(names);
    }

    private DnsStatus status() {
        return new DnsStatus(
                settings.domain(),
                // What Docker can be told of comes first.
                listeningOn()
                        .sorted(Comparator.comparing(Listener.Listening::isForThisHostOnly))
                        .map(Listener.Listening::text)
                        .toList(),
                forwarder.servers().stream().map(NameServer::toString).toList(),
                Math.toIntExact(settings.ttl().toSeconds()),
                snapshot.zone().entries(),
                problems());
    }

    private List<String> problems() {
        if (!settings.enabled()) {
            return List.of(DISABLED);
        }
        return listeners.stream()
                .map(Listener::state)
                .filter(state -> !(state instanceof Listener.Listening))
                .map(Listener.State::text)
                .toList();
    }

    private boolean isOurs(NameServer server) {
        return listeningOn().anyMatch(listening -> listening.answers(server));
    }

    private Stream<Listener.Listening> listeningOn() {
        return listeners.stream()
                .map(Listener::state)
                .filter(Listener.Listening.class::isInstance)
                .map(Listener.Listening.class::cast);
    }

    private Result listening() {
        if (!settings.enabled()) {
            return Result.healthy(DISABLED);
        }
        List<Listener.State> states = listeners.stream().map(Listener::state).toList();
        String text = states.stream()
                .map(state -> state instanceof Listener.Listening ? "answering on " + state.text() : state.text())
                .collect(Collectors.joining("; "));
        return states.stream().anyMatch(Listener.Blocked.class::isInstance)
                ? Result.unhealthy(text)
                : Result.healthy(text);
    }
}
