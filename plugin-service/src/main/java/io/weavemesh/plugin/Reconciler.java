package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides what to repair when Docker, our book, the router and ipam-service do not agree on what is there. Docker is right
 * about networks and endpoints: what it does not know of is the rest of a call that one of us did not survive. It is right
 * about addresses in use, too.
 */
public final class Reconciler {

    /** Docker writes an endpoint down within milliseconds of our answer; a busy machine may take seconds. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * What Docker says.
     *
     * @param networks those of the book that it knows
     * @param endpoints its endpoints on those networks
     * @param running addresses of running containers, on whatever network
     */
    public record Seen(Set<NetworkId> networks, Map<EndpointId, Attached> endpoints, Set<IpAddress> running) {
        public Seen {
            networks = Set.copyOf(networks);
            endpoints = Map.copyOf(endpoints);
            running = Set.copyOf(running);
        }
    }

    /**
     * An endpoint as Docker shows it.
     *
     * @param name of its container; Docker tells no driver
     * @param addresses with prefix length
     */
    public record Attached(Optional<String> name, List<Cidr> addresses) {
        public Attached {
            addresses = List.copyOf(addresses);
        }
    }

    /** One thing to put right. */
    public sealed interface Repair {

        /** Docker does not know this endpoint: do what its {@code DeleteEndpoint} would have asked for. */
        record DropEndpoint(NetworkId network, EndpointId endpoint) implements Repair {}

        /** Docker does not know this network: do what its {@code DeleteNetwork} would have asked for. */
        record DropNetwork(NetworkId network) implements Repair {}

        /** Docker has this network, and the router may not: its end was asked for by a call that we did not survive. */
        record MakeNetwork(Network network) implements Repair {}

        /** An endpoint uses an address ipam-service does not know to be in use. */
        record Claim(Cidr address, Owner owner) implements Repair {}

        /** ipam-service does not know which endpoint has this address, or not by name. */
        record Bind(Cidr address, Owner owner) implements Repair {}

        /** Nobody uses this address; see {@link AddressLeaks}. */
        record Release(Allocation leak) implements Repair {}
    }

    private final EndpointBook book;
    private boolean networksMade;
    private final Absences<EndpointId> strayEndpoints = new Absences<>(PATIENCE);
    private final Absences<NetworkId> strayNetworks = new Absences<>(PATIENCE);
    private final Absences<Repair.Claim> unknownAddresses = new Absences<>(PATIENCE);

    public Reconciler(EndpointBook book) {
        this.book = book;
    }

    /**
     * Takes what everybody says, Docker having been asked first; what to do about it.
     *
     * @param routed the router's endpoints of this host
     * @param given the addresses ipam-service has given on this host
     * @param uptime on a clock that only goes forward
     */
    public List<Repair> compare(
            Seen docker, List<EndpointRow> routed, List<Allocation> given, Duration uptime, Instant now) {
        List<Repair> repairs = new ArrayList<>();
        if (!networksMade) { // Only a death of this process takes them apart, so once in its life is enough.
            networksMade = true;
            book.networks().stream()
                    .filter(network -> docker.networks().contains(network.id()))
                    .forEach(network -> repairs.add(new Repair.MakeNetwork(network)));
        }
        Map<EndpointId, NetworkId> ours = ours(routed);
        Set<EndpointId> strays = new HashSet<>(ours.keySet());
        strays.removeAll(docker.endpoints().keySet());
        Set<EndpointId> gone = strayEndpoints.confirm(strays, uptime);
        ours.forEach((endpoint, network) -> {
            if (gone.contains(endpoint)) {
                repairs.add(new Repair.DropEndpoint(network, endpoint));
            }
        });
        Set<NetworkId> unknown = new HashSet<>();
        book.networks().forEach(network -> unknown.add(network.id()));
        unknown.removeAll(docker.networks());
        strayNetworks.confirm(unknown, uptime).forEach(network -> repairs.add(new Repair.DropNetwork(network)));
        repairs.addAll(addresses(docker, given, gone, uptime, now));
        return repairs;
    }

    /** What the book or the router has. The router's networks are the book's, since we make them in this order. */
    private Map<EndpointId, NetworkId> ours(List<EndpointRow> routed) {
        Map<EndpointId, NetworkId> ours = new TreeMap<>();
        for (EndpointRow row : routed) {
            book.networks().stream()
                    .filter(network -> network.subnets().contains(row.subnet()))
                    .findFirst()
                    .ifPresent(network -> ours.put(row.endpoint(), network.id()));
        }
        book.endpoints().forEach(endpoint -> ours.put(endpoint.id(), endpoint.network()));
        return ours;
    }

    private List<Repair> addresses(
            Seen docker, List<Allocation> given, Set<EndpointId> gone, Duration uptime, Instant now) {
        Map<Cidr, Allocation> byAddress = new HashMap<>();
        given.forEach(allocation -> byAddress.put(allocation.address(), allocation));
        List<Repair> repairs = new ArrayList<>();
        Set<Repair.Claim> unknown = new HashSet<>();
        Set<IpAddress> inUse = new HashSet<>(docker.running());
        docker.endpoints()
                .forEach((endpoint, attached) -> attached.addresses().forEach(address -> {
                    inUse.add(address.address());
                    Owner owner = new Owner(Owner.Kind.ENDPOINT, endpoint.value(), attached.name());
                    Optional<Owner> known =
                            Optional.ofNullable(byAddress.get(address)).map(Allocation::owner);
                    if (known.isEmpty()) {
                        unknown.add(new Repair.Claim(address, owner));
                    } else if (isLessThan(known.get(), owner)) {
                        repairs.add(new Repair.Bind(address, owner));
                    }
                }));
        repairs.addAll(unknownAddresses.confirm(unknown, uptime));
        book.endpoints().stream()
                .filter(endpoint -> !gone.contains(endpoint.id()))
                .forEach(endpoint -> endpoint.addresses().forEach(address -> inUse.add(address.address())));
        AddressLeaks.find(given, inUse, now).forEach(leak -> repairs.add(new Repair.Release(leak)));
        return repairs;
    }

    private static boolean isLessThan(Owner known, Owner seen) {
        return known.kind() == Owner.Kind.UNBOUND
                || known.id().equals(seen.id())
                        && known.name().isEmpty()
                        && seen.name().isPresent();
    }
}
