package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Bus;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.NetworkOnHost;
import io.weavemesh.contract.PluginReply.NetworkOnHosts;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.Service;
import io.weavemesh.plugin.ChosenSubnets;
import io.weavemesh.plugin.ChosenSubnets.Chosen;
import io.weavemesh.plugin.DefinedNetworks;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.NetworkPlan;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NewNetwork;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks that every host has: takes new ones and removals, keeps them, exchanges them with the other peers, and shows
 * how far each host is. What Docker makes of them here is {@link DefinedHere}'s. Runs on the plugin's context.
 */
final class ClusterNetworks {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNetworks.class);

    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** A Docker that hangs does not keep anybody from defining a network; what it has is seen later. */
    private static final long LOOK_MILLIS = 2_000;

    private final Vertx vertx;
    private final Bus bus;
    private final Membership membership;
    private final Store store;
    private final EndpointBook book;
    private final ChosenSubnets chosen;
    private final SharedTable<NetworkRow> table;
    private final Optional<NetworkMaker> docker;
    private final DefinedNetworks networks;
    private final DefinedHere here;
    private final Set<String> beingChanged = new HashSet<>();
    private final List<Runnable> waiting = new ArrayList<>();

    ClusterNetworks(
            Vertx vertx,
            Bus bus,
            Membership membership,
            Store store,
            EndpointBook book,
            ChosenSubnets chosen,
            SharedTable<NetworkRow> table,
            Optional<NetworkMaker> docker) {
        this.vertx = vertx;
        this.bus = bus;
        this.membership = membership;
        this.store = store;
        this.book = book;
        this.chosen = chosen;
        this.table = table;
        this.docker = docker;
        this.networks = new DefinedNetworks(
                bus.self(),
                store.load(DefinedNetworks.MAP, NetworkDefinition.class).values());
        this.here = new DefinedHere(vertx, networks, docker, () -> publish(Set.of()));
    }

    void start() {
        publish(Set.of());
        table.listen(change -> {
            if (!change.origin().equals(bus.self())) {
                take(networks.learn(
                        change.put().stream().map(NetworkRow::definition).toList()));
            }
            changed();
        });
        membership.listen(event -> changed());
        here.start();
    }

    SharedTable<NetworkRow> table() {
        return table;
    }

    DefinedHere here() {
        return here;
    }

    Future<Networks> list() {
        return Future.succeededFuture(new Networks(networks.rows().stream()
                .map(row -> shown(row.definition()))
                .filter(network -> !network.definition().removed()
                        || network.hosts().stream().anyMatch(host -> host.progress() != Progress.DONE))
                .toList()));
    }

    Future<Networks> await(AwaitNetwork asked) {
        Promise<Networks> settled = Promise.promise();
        Runnable look = () -> networks.row(asked.name())
                .map(row -> shown(row.definition()))
                .filter(NetworkOnHosts::settled)
                .ifPresent(network -> settled.tryComplete(new Networks(List.of(network))));
        waiting.add(look);
        long timer = asked.seconds() == 0
                ? -1
                : vertx.setTimer(asked.seconds() * 1_000L, late -> settled.tryComplete(show(asked.name())));
        look.run();
        if (asked.seconds() == 0) {
            settled.tryComplete(show(asked.name()));
        }
        return settled.future().onComplete(done -> {
            waiting.remove(look);
            vertx.cancelTimer(timer);
        });
    }

    Future<Networks> define(DefineNetwork asked) {
        NewNetwork wanted;
        try {
            wanted = NewNetwork.of(asked);
        } catch (IllegalArgumentException e) {
            return refuse(Failure.Code.INVALID, String.valueOf(e.getMessage()));
        }
        Optional<NetworkDefinition> known = networks.live(wanted.name());
        if (known.isPresent()) {
            return wanted.isMetBy(known.get())
                    ? Future.succeededFuture(show(wanted.name()))
                    : refuse(
                            Failure.Code.CONFLICT,
                            "network '" + wanted.name() + "' is defined otherwise already ("
                                    + text(known.get()) + "): remove it first with 'weave network rm " + wanted.name()
                                    + "', or choose another name");
        }
        return alone(wanted.name(), () -> look().compose(seen -> NetworkPlan.obstacle(wanted, seen)
                .<Future<Networks>>map(text -> refuse(Failure.Code.CONFLICT, text))
                .orElseGet(() -> choose(wanted))));
    }

    Future<Networks> undefine(String name) {
        Optional<NetworkDefinition> known = networks.live(name);
        if (known.isEmpty()) {
            return refuse(
                    Failure.Code.NOT_FOUND,
                    "no network '" + name + "' is defined for all hosts (see: weave network ls; one that is on this"
                            + " host only is removed by: docker network rm)");
        }
        return alone(name, () -> usersHere(name).compose(users -> {
            if (!users.isEmpty()) {
                return refuse(
                        Failure.Code.CONFLICT,
                        "network '" + name + "' is used on this host by " + String.join(", ", users)
                                + ": stop them, or disconnect them with 'docker network disconnect " + name
                                + " CONTAINER'");
            }
            return keep(networks.undefine(known.get(), Instant.now()), List.of());
        }));
    }

    Future<Done> leave() {
        here.leave();
        return Future.succeededFuture(new Done());
    }

    /** Two changes of one name at once might become two definitions of one version. */
    private Future<Networks> alone(String name, java.util.function.Supplier<Future<Networks>> change) {
        if (!beingChanged.add(name)) {
            return refuse(
                    Failure.Code.NOT_READY, "network '" + name + "' is being changed by another command: try again");
        }
        return change.get().onComplete(ended -> beingChanged.remove(name));
    }

    /** What Docker has; nothing if it does not say so soon. */
    private Future<List<Seen>> look() {
        Promise<List<Seen>> seen = Promise.promise();
        long timer = vertx.setTimer(LOOK_MILLIS, late -> seen.tryComplete(List.of()));
        docker.map(NetworkMaker::seen)
                .orElseGet(() -> Future.succeededFuture(List.of()))
                .onComplete(answer -> {
                    vertx.cancelTimer(timer);
                    seen.tryComplete(answer.succeeded() ? answer.result() : List.of());
                });
        return seen.future();
    }

    private Future<List<String>> usersHere(String name) {
        return look().compose(seen -> {
            Future<List<String>> all = Future.succeededFuture(List.of());
            for (Seen network : seen) {
                if (network.ours() && network.name().equals(name)) {
                    all = all.compose(before -> docker.orElseThrow()
                            .users(network.id())
                            .map(users -> Stream.concat(before.stream(), users.stream())
                                    .toList()));
                }
            }
            return all;
        });
    }

    /** Has ipam-service check the subnets that were given, and choose those that were not. */
    private Future<Networks> choose(NewNetwork wanted) {
        List<Chosen> granted = new ArrayList<>();
        List<Cidr> subnets = new ArrayList<>(wanted.subnets());
        Future<Void> asked = Future.succeededFuture();
        for (Cidr subnet : wanted.subnets()) {
            RequestPool request = new RequestPool(
                    Optional.of(subnet), Optional.empty(), !subnet.address().isIpv4());
            asked = asked.compose(
                    before -> bus.request(Service.IPAM, request, DEADLINE).mapEmpty());
        }
        for (boolean ipv6 : wanted.missingFamilies()) {
            RequestPool request = new RequestPool(Optional.empty(), Optional.empty(), ipv6);
            asked = asked.compose(before -> bus.request(Service.IPAM, request, DEADLINE))
                    .map(pool -> {
                        granted.add(new Chosen(pool.pool(), pool.subnet()));
                        subnets.add(pool.subnet());
                        return null;
                    });
        }
        return asked.compose(all -> keep(networks.define(wanted, sorted(subnets), Instant.now()), granted))
                .recover(cause -> {
                    granted.forEach(this::giveBack);
                    return cause instanceof IllegalArgumentException wrong
                            ? refuse(Failure.Code.CONFLICT, String.valueOf(wrong.getMessage()))
                            : Future.failedFuture(cause);
                });
    }

    private static List<Cidr> sorted(List<Cidr> subnets) {
        return subnets.stream()
                .sorted(Comparator.comparing(subnet -> !subnet.address().isIpv4()))
                .toList();
    }

    /** On disk first: what others hear of survives. */
    private Future<Networks> keep(NetworkDefinition definition, List<Chosen> granted) {
        List<Store.Change> changes = new ArrayList<>();
        changes.add(new Store.Put(DefinedNetworks.MAP, definition.name(), definition));
        granted.forEach(one ->
                changes.add(new Store.Put(ChosenSubnets.MAP, one.pool().value(), one)));
        return store.commit(changes)
                .recover(cause -> refuse(
                        Failure.Code.INTERNAL,
                        "network '" + definition.name() + "' could not be written to disk: " + cause.getMessage()))
                .map(kept -> {
                    LOG.info(
                            "A network of all hosts was {}. network={} subnets={}",
                            definition.removed() ? "removed" : "defined",
                            definition.name(),
                            definition.subnets());
                    granted.forEach(chosen::put);
                    DefinedNetworks.Change change = networks.learn(List.of(definition));
                    publish(change.erased());
                    here.look();
                    return show(definition.name());
                });
    }

    /** What we learnt from others. They have it, so we need not wait for our disk before we act. */
    private void take(DefinedNetworks.Change change) {
        if (change.isEmpty()) {
            return;
        }
        List<Store.Change> changes = new ArrayList<>();
        change.erased().forEach(name -> changes.add(new Store.Remove(DefinedNetworks.MAP, name)));
        change.written()
                .forEach(definition ->
                        changes.add(new Store.Put(DefinedNetworks.MAP, definition.name(), definition)));
        store.commit(changes)
                .onFailure(cause -> LOG.warn(
                        "Networks that others defined are not on disk; they are asked for again after a restart."
                                + " reason=\"{}\"",
                        cause.getMessage()));
        publish(change.erased());
        here.look();
    }

    private void publish(Set<String> erased) {
        table.update(networks.rows(), erased); // Rows that are as before are not told again.
    }

    /** Something may be as somebody waits for. */
    private void changed() {
        List.copyOf(waiting).forEach(Runnable::run);
        List<NetworkRow> known =
                table.parts().values().stream().flatMap(Collection::stream).toList();
        chosen.unused(known, book).forEach(one -> {
            chosen.remove(one.pool());
            giveBack(one);
        });
    }

    private void giveBack(Chosen one) {
        bus.request(Service.IPAM, new ReleasePool(one.pool()), DEADLINE)
                .compose(released ->
                        store.commit(List.of(new Store.Remove(ChosenSubnets.MAP, one.pool().value()))))
                .onFailure(cause -> LOG.warn(
                        "The subnet of a removed network stays reserved until the next start. subnet={} reason=\"{}\"",
                        one.subnet(),
                        cause.getMessage()));
    }

    private Networks show(String name) {
        return new Networks(networks.row(name)
                .map(row -> shown(row.definition()))
                .map(List::of)
                .orElse(List.of()));
    }

    private NetworkOnHosts shown(NetworkDefinition definition) {
        Map<PeerName, Collection<NetworkRow>> parts = table.parts();
        PeerDescription self = membership.self();
        List<NetworkOnHost> hosts = new ArrayList<>();
        Stream.concat(
                        Stream.of(self),
                        membership.peers().values().stream()
                                .sorted(Comparator.comparing(PeerDescription::nickname)
                                        .thenComparing(PeerDescription::name)))
                .forEach(peer -> hosts.add(parts.getOrDefault(peer.name(), List.of()).stream()
                        .filter(row -> row.definition().equals(definition))
                        .findFirst()
                        .map(row -> new NetworkOnHost(peer.name(), peer.nickname(), row.progress(), row.detail()))
                        .orElseGet(() ->
                                new NetworkOnHost(peer.name(), peer.nickname(), Progress.WAITING, "not told yet"))));
        return new NetworkOnHosts(definition, hosts);
    }

    private static String text(NetworkDefinition definition) {
        return String.join(" ", definition.subnets().stream().map(Cidr::toString).toList())
                + (definition.options().isEmpty() ? "" : ", " + String.join(" ", definition.options()));
    }

    private static <T> Future<T> refuse(Failure.Code code, String text) {
        Check.argument(!text.isEmpty(), "a refusal says why");
        return Future.failedFuture(new FailureException(code, text));
    }
}
