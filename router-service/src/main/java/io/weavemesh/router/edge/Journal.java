package io.weavemesh.router.edge;

import io.vertx.core.Future;
import io.weavemesh.cluster.Store;
import io.weavemesh.router.Effect;
import io.weavemesh.router.Exposure;
import io.weavemesh.router.LocalEndpoint;
import io.weavemesh.router.LocalNetwork;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The part of the state that survives a restart: local networks, endpoints and exposed addresses, and the peers we were told
 * to search for.
 */
final class Journal {

    /** The targets as one value, since their order matters to people. */
    record Targets(List<String> targets) {
        Targets {
            targets = List.copyOf(targets);
        }
    }

    private static final String NETWORKS = "router-networks";
    private static final String ENDPOINTS = "router-endpoints";
    private static final String EXPOSURES = "router-exposures";
    private static final String TARGETS = "router-targets";

    private final Store store;

    Journal(Store store) {
        this.store = store;
    }

    /** Blocks. */
    Collection<LocalNetwork> networks() {
        return store.load(NETWORKS, LocalNetwork.class).values();
    }

    /** Blocks. */
    Collection<LocalEndpoint> endpoints() {
        return store.load(ENDPOINTS, LocalEndpoint.class).values();
    }

    /** Blocks. */
    Collection<Exposure> exposures() {
        return store.load(EXPOSURES, Exposure.class).values();
    }

    /** Blocks. */
    List<String> targets() {
        return Optional.ofNullable(store.load(TARGETS, Targets.class).get(TARGETS))
                .map(Targets::targets)
                .orElse(List.of());
    }

    /**
     * Completes when what the effects ask for is on disk; for endpoints, when it outlasts this process: with the power their
     * containers' interfaces are gone, and Docker has new ones made.
     */
    Future<Void> write(List<Effect> effects) {
        List<Store.Change> changes = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.SaveNetwork(LocalNetwork network) ->
                    changes.add(new Store.Put(NETWORKS, network.id().value(), network));
                case Effect.EraseNetwork(var id) -> changes.add(new Store.Remove(NETWORKS, id.value()));
                case Effect.SaveEndpoint(LocalEndpoint endpoint) ->
                    changes.add(new Store.Put(ENDPOINTS, endpoint.id().value(), endpoint));
                case Effect.EraseEndpoint(var id) -> changes.add(new Store.Remove(ENDPOINTS, id.value()));
                case Effect.SaveExposure(Exposure exposure) ->
                    changes.add(new Store.Put(EXPOSURES, exposure.address().toString(), exposure));
                case Effect.EraseExposure(var address) -> changes.add(new Store.Remove(EXPOSURES, address.toString()));
                case Effect.Answer _,
                        Effect.Program _,
                        Effect.TellNeighbours _,
                        Effect.Announce _,
                        Effect.Ignored _ -> {}
            }
        }
        if (changes.isEmpty()) {
            return Future.succeededFuture();
        }
        return changes.stream().allMatch(change -> mapOf(change).equals(ENDPOINTS))
                ? store.write(changes)
                : store.commit(changes);
    }

    private static String mapOf(Store.Change change) {
        return switch (change) {
            case Store.Put put -> put.map();
            case Store.Remove remove -> remove.map();
        };
    }

    Future<Void> saveTargets(Collection<String> targets) {
        return store.commit(List.of(new Store.Put(TARGETS, TARGETS, new Targets(List.copyOf(targets)))));
    }
}
