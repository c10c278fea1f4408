package io.weavemesh.dns;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which containers of this host are in which subnets, and from which addresses their questions come. Not their names. Those
 * of other hosts do not matter: they ask their own host.
 */
public final class Askers {

    private record Place(ContainerId container, List<Cidr> addresses, List<IpAddress> askFrom) {}

    private final Map<EndpointId, Place> places = new HashMap<>();

    /** Takes note of an endpoint; says whether that changed anything. */
    public boolean register(RegisterName request) {
        List<Cidr> inSubnets = request.addresses().stream()
                .filter(address -> address.hostBits() > 0) // By hand, one may be given that is in no subnet.
                .toList();
        if (inSubnets.isEmpty()) {
            return deregister(request.endpoint());
        }
        Place place = new Place(request.container(), inSubnets, request.askFrom());
        return !place.equals(places.put(request.endpoint(), place));
    }

    /** Forgets an endpoint; says whether that changed anything. */
    public boolean deregister(EndpointId endpoint) {
        return places.remove(endpoint) != null;
    }

    /** Forgets every endpoint that is not one of these; says whether that changed anything. */
    public boolean retain(Set<EndpointId> kept) {
        return places.keySet().retainAll(kept);
    }

    /** Who asks when a question comes from an address. A container is in the subnets of all its endpoints. */
    public Map<IpAddress, Asker> byAddress() {
        Map<ContainerId, Set<Cidr>> subnets = new HashMap<>();
        places.values()
                .forEach(place -> place.addresses()
                        .forEach(address -> subnets.computeIfAbsent(place.container(), ignored -> new HashSet<>())
                                .add(address.subnet())));
        Map<ContainerId, Asker> containers = new HashMap<>();
        subnets.forEach((container, all) -> containers.put(container, Asker.in(all)));
        Map<IpAddress, Asker> askers = new HashMap<>();
        for (Place place : places.values()) {
            Asker asker = containers.getOrDefault(place.container(), Asker.UNKNOWN);
            place.addresses().forEach(address -> askers.put(address.address(), asker));
            place.askFrom().forEach(address -> askers.put(address, asker));
        }
        return askers;
    }
}
