package io.weavemesh.dns;

import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.NameRow;
import io.weavemesh.dns.HandMade.Kind;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All changes to the names of this host that were made by hand.
 *
 * <p>A name for an address that one of our containers has goes with it, because the address is given to somebody else next;
 * any other name stands until it is removed.
 */
final class NamesByHand {

    /** People and their scripts make some dozens; more is a script that runs wild. */
    static final int MAX = 10_000;

    private final Map<String, HandMade> changes = new TreeMap<>();
    private final Map<EndpointId, Map<String, HandMade>> byEndpoint = new HashMap<>();

    NamesByHand(Collection<HandMade> kept) {
        kept.forEach(this::put);
    }

    /** Notes a change; what is to be written to the disk, nothing if it was noted before. */
    List<HandMade> write(HandMade change) {
        if (change.equals(changes.get(change.key()))) {
            return List.of();
        }
        if (changes.size() >= MAX) {
            throw new IllegalArgumentException("change " + change.name() + " of " + change.address()
                    + " by hand: there are " + MAX + " such changes already (remove some: weave dns-remove)");
        }
        put(change);
        return List.of(change);
    }

    /** Forgets a change; what is to be erased from the disk. */
    List<String> erase(String key) {
        HandMade change = changes.remove(key);
        if (change == null) {
            return List.of();
        }
        Map<String, HandMade> ofEndpoint = byEndpoint.getOrDefault(change.rowEndpoint(), new HashMap<>());
        ofEndpoint.remove(key);
        if (ofEndpoint.isEmpty()) {
            byEndpoint.remove(change.rowEndpoint());
        }
        return List.of(key);
    }

    /** Forgets what was said of an endpoint. */
    List<String> endpointGone(EndpointId endpoint) {
        List<String> keys = of(endpoint).map(HandMade::key).toList();
        keys.forEach(this::erase);
        return keys;
    }

    /** Whether anything was done about an endpoint. */
    boolean concerns(EndpointId endpoint) {
        return byEndpoint.containsKey(endpoint);
    }

    boolean isWithdrawn(NameRow row) {
        return of(row.endpoint())
                .anyMatch(change -> change.kind() == Kind.WITHDRAWN
                        && change.name().equals(row.name())
                        && change.address().equals(row.address()));
    }

    /** Names added to an endpoint of Docker's. */
    List<HandMade> bound(EndpointId endpoint) {
        return of(endpoint).filter(change -> change.kind() == Kind.ADDED).toList();
    }

    /** Names that stand, of the endpoint they have for themselves. */
    List<HandMade> standing(EndpointId endpoint) {
        return of(endpoint).filter(change -> change.endpoint().isEmpty()).toList();
    }

    List<HandMade> added(RemoveNames request) {
        return changes.values().stream()
                .filter(change -> change.kind() == Kind.ADDED && change.matches(request))
                .toList();
    }

    Set<EndpointId> standingEndpoints() {
        return standing().map(HandMade::rowEndpoint).collect(Collectors.toCollection(TreeSet::new));
    }

    Set<EndpointId> boundEndpoints() {
        return changes.values().stream()
                .flatMap(change -> change.endpoint().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Stream<HandMade> standing() {
        return changes.values().stream().filter(change -> change.endpoint().isEmpty());
    }

    private Stream<HandMade> of(EndpointId endpoint) {
        return byEndpoint.getOrDefault(endpoint, Map.of()).values().stream();
    }

    private void put(HandMade change) {
        changes.put(change.key(), change);
        byEndpoint
                .computeIfAbsent(change.rowEndpoint(), endpoint -> new TreeMap<>())
                .put(change.key(), change);
    }
}
