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
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.plugin.ChosenSubnets;
import io.weavemesh.plugin.ChosenSubnets.Chosen;
import io.weavemesh.plugin.DefinedNetworks;
import io.weavemesh.plugin.EndpointBook;
import io.weavemesh.plugin.NetworkPlan;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NewNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks that every host has: takes new ones and removals, keeps them, exchanges them with the other peers, and shows
 * how far each host is. What Docker makes of them here is {@link DefinedHere}'s. Runs on the plugin's context.
 */
final class ClusterNetworks {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNetworks.class);

    /** A Docker that hangs does not keep anybody from defining a network; what it has is seen later. */
    private static final long LOOK_MILLIS = 2_000;

    private final Vertx vertx;
    private final Bus bus;
    private final Membership membership;
    private final Store store;
    private final SubnetChoice subnets;
    private final SharedTable<NetworkRow> table;
    private final Optional<NetworkMaker> docker;
    private final DefinedNetworks networks;
    private final DefinedHere here;
    private final NetworkProgress progress;
    private final Set<String> beingChanged = new HashSet<>();

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
        this.subnets = new SubnetChoice(bus, store, book, chosen);
        this.table = table;
        this.docker = docker;
        this.networks = new DefinedNetworks(
                bus.self(),
                store.load(DefinedNetworks.MAP, NetworkDefinition.class).values());
        this.progress = new NetworkProgress(vertx, membership, table, networks);
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

    NetworkProgress progress() {
        return progress;
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
                    ? Future.succeededFuture(progress.show(wanted.name()))
                    : refuse(
                            Failure.Code.CONFLICT,
                            "network '" + wanted.name() + "' is defined otherwise already ("
                                    + text(known.get()) + "): remove it first with 'weave network rm " + wanted.name()
                                    + "', or choose another name");
        }
        return alone(
                wanted.name(),
                () -> look().compose(seen -> NetworkPlan.obstacle(wanted, seen)
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
        return alone(
                name,
                () -> usersHere(name).compose(users -> {
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
    private Future<Networks> alone(String name, Supplier<Future<Networks>> change) {
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

    private Future<Networks> choose(NewNetwork wanted) {
        return subnets.choose(wanted).compose(choice -> {
            try {
                return keep(networks.define(wanted, choice.subnets(), Instant.now()), choice.granted())
                        .onFailure(cause -> subnets.giveBack(choice.granted()));
            } catch (IllegalArgumentException e) {
                subnets.giveBack(choice.granted());
                return refuse(Failure.Code.CONFLICT, String.valueOf(e.getMessage()));
            }
        });
    }

    /** On disk first: what others hear of survives. */
    private Future<Networks> keep(NetworkDefinition definition, List<Chosen> granted) {
        List<Store.Change> changes = new ArrayList<>(SubnetChoice.written(granted));
        changes.add(new Store.Put(DefinedNetworks.MAP, definition.name(), definition));
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
                    subnets.keep(granted);
                    DefinedNetworks.Change change = networks.learn(List.of(definition));
                    publish(change.erased());
                    here.look();
                    return progress.show(definition.name());
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
                .forEach(definition -> changes.add(new Store.Put(DefinedNetworks.MAP, definition.name(), definition)));
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

    private void changed() {
        progress.changed();
        subnets.giveBackUnused(progress.everybodys());
    }

    private static String text(NetworkDefinition definition) {
        return String.join(
                        " ", definition.subnets().stream().map(Cidr::toString).toList())
                + (definition.options().isEmpty() ? "" : ", " + String.join(" ", definition.options()));
    }

    private static <T> Future<T> refuse(Failure.Code code, String text) {
        Check.argument(!text.isEmpty(), "a refusal says why");
        return Future.failedFuture(new FailureException(code, text));
    }
}
