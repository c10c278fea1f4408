package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@code weave attach} made on this host. What is in it is in the journal, too. Not what Docker made. */
public final class AttachmentBook {

    private final Map<EndpointId, AttachedEndpoint> endpoints = new TreeMap<>();

    /** Takes what the journal holds. */
    public AttachmentBook(Collection<AttachedEndpoint> journal) {
        journal.forEach(this::put);
    }

    public void put(AttachedEndpoint endpoint) {
        endpoints.put(endpoint.id(), endpoint);
    }

    public void remove(EndpointId id) {
        endpoints.remove(id);
    }

    public boolean has(EndpointId id) {
        return endpoints.containsKey(id);
    }

    public List<AttachedEndpoint> all() {
        return List.copyOf(endpoints.values());
    }

    /** Those of one container. */
    public List<AttachedEndpoint> of(ContainerId container) {
        return endpoints.values().stream()
                .filter(endpoint -> endpoint.container().equals(container))
                .toList();
    }

    /**
     * What a container's endpoint in the address's segment is with that address.
     *
     * @param networks Docker's on this host: a subnet may be the second one of a network, whose segment it then is in
     */
    public AttachedEndpoint with(
            ContainerId container, Cidr address, EndpointBook networks, boolean names, boolean multicast) {
        List<Cidr> subnets = networks.networks().stream()
                .map(Network::subnets)
                .filter(some -> some.contains(address.subnet()))
                .findFirst()
                .orElse(List.of(address.subnet()));
        List<Cidr> addresses = new ArrayList<>(List.of(address));
        of(container).stream()
                .filter(present -> present.subnets().getFirst().equals(subnets.getFirst()))
                .forEach(present -> addresses.addAll(present.addresses()));
        return new AttachedEndpoint(container, subnets, addresses, names, multicast);
    }

    /** The container's endpoint that has this address. */
    public Optional<AttachedEndpoint> holder(ContainerId container, Cidr address) {
        return of(container).stream()
                .filter(endpoint -> endpoint.addresses().contains(address))
                .findFirst();
    }
}
