package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.NetworkId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** This host's networks and endpoints, as Docker told us. What is in it is in the journal too. */
public final class EndpointBook {

    /** The journal's map of networks. */
    public static final String NETWORKS = "networks";

    /** The journal's map of endpoints. */
    public static final String ENDPOINTS = "endpoints";

    private final Map<NetworkId, Network> networks = new TreeMap<>();
    private final Map<EndpointId, Endpoint> endpoints = new TreeMap<>();

    /** Of global scope, as Docker shows them; those are no news of this host, and not in the journal. */
    private Map<NetworkId, Network> shown = Map.of();

    /** Takes what the journal holds. */
    public EndpointBook(Collection<Network> networks, Collection<Endpoint> endpoints) {
        networks.forEach(this::put);
        endpoints.forEach(this::put);
    }

    public Optional<Network> network(NetworkId id) {
        return Optional.ofNullable(networks.get(id));
    }

    public Optional<Endpoint> endpoint(EndpointId id) {
        return Optional.ofNullable(endpoints.get(id));
    }

    /** Whether a network with this subnet is there. */
    boolean hasSubnet(Cidr subnet) {
        return networks.values().stream().anyMatch(network -> network.subnets().contains(subnet));
    }

    public List<Network> networks() {
        return List.copyOf(networks.values());
    }

    public List<Endpoint> endpoints() {
        return List.copyOf(endpoints.values());
    }

    /** A network of global scope, whether or not this host has it. */
    Optional<Network> shown(NetworkId id) {
        return Optional.ofNullable(shown.get(id));
    }

    /** Takes the place of what was shown before. */
    void show(Collection<Network> global) {
        Map<NetworkId, Network> all = new TreeMap<>();
        global.forEach(network -> all.put(network.id(), network));
        shown = all;
    }

    void put(Network network) {
        networks.put(network.id(), network);
    }

    void put(Endpoint endpoint) {
        endpoints.put(endpoint.id(), endpoint);
    }

    void remove(NetworkId id) {
        networks.remove(id);
    }

    void remove(EndpointId id) {
        endpoints.remove(id);
    }
}
