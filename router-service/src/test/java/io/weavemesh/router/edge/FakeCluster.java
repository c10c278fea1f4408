package io.weavemesh.router.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.Broadcast;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.Service;
import io.weavemesh.contract.TableBroadcast;
import io.weavemesh.contract.TableReply;
import io.weavemesh.contract.TableRequest;
import io.weavemesh.router.World;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Bus, membership, table and store in memory: what the verticle says to them can be looked at. */
final class FakeCluster {

    final FakeBus bus = new FakeBus();
    final FakeMembership membership = new FakeMembership();
    final FakeTable table = new FakeTable();
    final FakeStore store = new FakeStore();

    /** Requests to the other services are answered by functions the test gives; to our own by the verticle. */
    static final class FakeBus implements Bus {
        final Map<Service, Function<Request<?>, Reply>> services = new ConcurrentHashMap<>();
        final List<Broadcast> published = new CopyOnWriteArrayList<>();
        private volatile Optional<RequestHandler> requests = Optional.empty();
        private volatile Optional<BroadcastHandler> broadcasts = Optional.empty();
        private volatile Optional<Context> context = Optional.empty();

        @Override
        public PeerName self() {
            return World.ALPHA;
        }

        @Override
        @SuppressWarnings("unchecked") // The request's type says which reply it gets.
        public <R extends Reply> Future<R> request(Service service, Request<R> request, Duration deadline) {
            if (service == Service.ROUTER) {
                return ask(World.ALPHA, request).map(reply -> (R) reply);
            }
            Function<Request<?>, Reply> answers = services.get(service);
            if (answers == null) {
                return Future.failedFuture(
                        new FailureException(Failure.Code.UNAVAILABLE, "no answer from " + service.label()));
            }
            Reply reply = answers.apply(request);
            return reply instanceof Failure failure
                    ? Future.failedFuture(new FailureException(failure))
                    : Future.succeededFuture((R) reply);
        }

        @Override
        public <R extends Reply> Future<R> request(
                PeerName peer, Service service, Request<R> request, Duration deadline) {
            return Future.failedFuture("the router asks no other peer: " + request);
        }

        @Override
        public void publish(Service service, Broadcast message) {
            published.add(message);
        }

        @Override
        public Future<Void> serve(Service service, RequestHandler handler, BroadcastHandler news) {
            requests = Optional.of(handler);
            broadcasts = Optional.of(news);
            context = Optional.ofNullable(Vertx.currentContext());
            return Future.succeededFuture();
        }

        Future<Reply> ask(PeerName from, Request<?> request) {
            return Future.future(promise -> onContext(() -> requests.orElseThrow()
                    .handle(from, request)
                    .onSuccess(promise::complete)
                    .onFailure(promise::fail)));
        }

        /** Another peer tells everybody. */
        void hear(PeerName from, Broadcast message) {
            onContext(() -> broadcasts.orElseThrow().handle(from, message));
        }

        /** The context the verticle serves on. */
        void onContext(Runnable action) {
            context.orElseThrow().runOnContext(_ -> action.run());
        }
    }

    static final class FakeMembership implements Membership {
        private final Map<PeerName, PeerDescription> peers = new ConcurrentSkipListMap<>();
        private final List<String> targets = new CopyOnWriteArrayList<>();
        private final List<Consumer<PeerEvent>> listeners = new CopyOnWriteArrayList<>();

        @Override
        public PeerDescription self() {
            return World.alpha();
        }

        @Override
        public Map<PeerName, PeerDescription> peers() {
            return new TreeMap<>(peers);
        }

        @Override
        public void listen(Consumer<PeerEvent> listener) {
            listeners.add(listener);
            peers.values().forEach(peer -> listener.accept(new PeerUp(peer)));
        }

        void up(PeerDescription peer) {
            peers.put(peer.name(), peer);
            listeners.forEach(listener -> listener.accept(new PeerUp(peer)));
        }

        void down(PeerName peer) {
            peers.remove(peer);
            listeners.forEach(listener -> listener.accept(new PeerDown(peer)));
        }

        @Override
        public void connect(List<String> added) {
            targets.addAll(added);
        }

        @Override
        public void replace(List<String> given) {
            targets.clear();
            targets.addAll(given);
        }

        @Override
        public void forget(List<String> forgotten) {
            targets.removeAll(forgotten);
        }

        @Override
        public List<String> targets() {
            return List.copyOf(targets);
        }

        @Override
        public List<Connection> connections() {
            return peers.values().stream()
                    .map(peer -> new Connection(peer.vtep() + ":6783", true, "established", Optional.of(peer), ""))
                    .toList();
        }
    }

    static final class FakeTable implements SharedTable<EndpointRow> {
        final Map<String, EndpointRow> own = new ConcurrentSkipListMap<>();
        private final List<Consumer<Change<EndpointRow>>> listeners = new CopyOnWriteArrayList<>();

        @Override
        public void update(List<EndpointRow> put, Collection<String> remove) {
            put.forEach(row -> own.put(row.key(), row));
            remove.forEach(own::remove);
            listeners.forEach(listener -> listener.accept(new Change<>(World.ALPHA, put, List.of())));
        }

        void arrive(PeerName origin, List<EndpointRow> put, List<EndpointRow> removed) {
            listeners.forEach(listener -> listener.accept(new Change<>(origin, put, removed)));
        }

        @Override
        public Collection<EndpointRow> own() {
            return own.values();
        }

        @Override
        public Map<PeerName, Collection<EndpointRow>> parts() {
            return Map.of(World.ALPHA, own());
        }

        @Override
        public void listen(Consumer<Change<EndpointRow>> listener) {
            listeners.add(listener);
        }

        @Override
        public void receive(PeerName from, TableBroadcast news) {
            throw new AssertionError("not in these tests: " + news);
        }

        @Override
        public Future<TableReply.TablePage> answer(TableRequest.PullTable pull) {
            return Future.succeededFuture(
                    new TableReply.TablePage(World.ALPHA, 1, 1, List.copyOf(own.values()), false));
        }
    }
}
