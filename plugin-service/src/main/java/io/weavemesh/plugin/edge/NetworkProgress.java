package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.weavemesh.cluster.Membership;
import io.weavemesh.cluster.SharedTable;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginReply.NetworkOnHost;
import io.weavemesh.contract.PluginReply.NetworkOnHosts;
import io.weavemesh.contract.PluginReply.Networks;
import io.weavemesh.contract.PluginRequest.AwaitNetwork;
import io.weavemesh.plugin.DefinedNetworks;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How far all hosts are with the networks that are defined for all. Runs on the plugin's context. */
final class NetworkProgress {

    private final Vertx vertx;
    private final Membership membership;
    private final SharedTable<NetworkRow> table;
    private final DefinedNetworks networks;
    private final List<Runnable> waiting = new ArrayList<>();

    NetworkProgress(Vertx vertx, Membership membership, SharedTable<NetworkRow> table, DefinedNetworks networks) {
        this.vertx = vertx;
        this.membership = membership;
        this.table = table;
        this.networks = networks;
    }

    /** All that are defined, and those that are not removed everywhere yet. */
    Networks list() {
        return new Networks(networks.rows().stream()
                .map(row -> shown(row.definition()))
                .filter(network -> !network.definition().removed()
                        || network.hosts().stream().anyMatch(host -> host.progress() != Progress.DONE))
                .toList());
    }

    /** One of them, also if it is removed; none if nobody ever defined it. */
    Networks show(String name) {
        return new Networks(
                networks.row(name).map(row -> shown(row.definition())).stream().toList());
    }

    /** One of them as soon as every host has dealt with it, or after the time that was asked for. */
    Future<Networks> await(AwaitNetwork asked) {
        if (asked.seconds() == 0) {
            return Future.succeededFuture(show(asked.name()));
        }
        Promise<Networks> settled = Promise.promise();
        Runnable look = () -> {
            Networks now = show(asked.name());
            if (now.networks().stream().allMatch(NetworkOnHosts::settled)) {
                settled.tryComplete(now);
            }
        };
        waiting.add(look);
        long timer = vertx.setTimer(asked.seconds() * 1_000L, late -> settled.tryComplete(show(asked.name())));
        look.run();
        return settled.future().onComplete(done -> {
            waiting.remove(look);
            vertx.cancelTimer(timer);
        });
    }

    /** Something may be as somebody waits for. */
    void changed() {
        List.copyOf(waiting).forEach(Runnable::run);
    }

    /** What all peers that are present know and have done. */
    List<NetworkRow> everybodys() {
        return table.parts().values().stream().flatMap(Collection::stream).toList();
    }

    private NetworkOnHosts shown(NetworkDefinition definition) {
        Map<PeerName, Collection<NetworkRow>> parts = table.parts();
        Stream<PeerDescription> others = membership.peers().values().stream()
                .sorted(Comparator.comparing(PeerDescription::nickname).thenComparing(PeerDescription::name));
        return new NetworkOnHosts(
                definition,
                Stream.concat(Stream.of(membership.self()), others)
                        .map(peer -> shown(peer, parts.getOrDefault(peer.name(), List.of()), definition))
                        .toList());
    }

    private static NetworkOnHost shown(
            PeerDescription peer, Collection<NetworkRow> part, NetworkDefinition definition) {
        return part.stream()
                .filter(row -> row.definition().equals(definition))
                .findFirst()
                .map(row -> new NetworkOnHost(peer.name(), peer.nickname(), row.progress(), row.detail()))
                .orElseGet(() ->
                        new NetworkOnHost(peer.name(), peer.nickname(), Progress.WAITING, "has not heard of it yet"));
    }
}
