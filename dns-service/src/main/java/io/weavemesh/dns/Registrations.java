package io.weavemesh.dns;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.AddName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which names this host gives: those its endpoints have by themselves, amended by hand; each request becomes a change of our part of the table. Everything may be
 * asked twice. Not the names of other peers.
 */
public final class Registrations {

    /** An endpoint has a hostname, a container name and some aliases, in one or two families; more is a mistake. */
    static final int MAX_ROWS_PER_ENDPOINT = 1024;

    private final Fqdn domain;
    private final NamesByHand byHand;
    private final Map<EndpointId, RegisterName> registered = new HashMap<>();
    private final Map<EndpointId, List<NameRow>> rows = new HashMap<>();

    /** Takes the changes by hand that were kept on disk. */
    public Registrations(Fqdn domain, Collection<HandMade> kept) {
        this.domain = domain;
        this.byHand = new NamesByHand(kept);
    }

    /**
     * What to put into our part of the table and which keys to remove from it, and the same for what is kept on disk.
     *
     * @param written changes by hand to keep
     * @param erased keys of changes by hand not to keep any more
     */
    public record Change(List<NameRow> put, List<String> removed, List<HandMade> written, List<String> erased) {
        static final Change NONE = new Change(List.of(), List.of(), List.of(), List.of());

        public Change {
            put = List.copyOf(put);
            removed = List.copyOf(removed);
            written = List.copyOf(written);
            erased = List.copyOf(erased);
        }

        /** Whether there is nothing to do. */
        public boolean isEmpty() {
            return put.isEmpty() && removed.isEmpty() && written.isEmpty() && erased.isEmpty();
        }

        Change and(Change other) {
            return new Change(
                    joined(put, other.put),
                    joined(removed, other.removed),
                    joined(written, other.written),
                    joined(erased, other.erased));
        }

        private static <T> List<T> joined(List<T> first, List<T> second) {
            return Stream.concat(first.stream(), second.stream()).toList();
        }
    }

    /** The rows that do not wait for an endpoint: to be put into the table when the service starts. */
    public Change start() {
        Change all = Change.NONE;
        for (EndpointId endpoint : byHand.standingEndpoints()) {
            all = all.and(refresh(endpoint));
        }
        return all;
    }

    /**
     * Gives an endpoint exactly these names, each with every address; names outside the domain are left out.
     *
     * @throws IllegalArgumentException if that is more than {@value #MAX_ROWS_PER_ENDPOINT} rows
     */
    public Change register(RegisterName request) {
        EndpointId endpoint = request.endpoint();
        int names = request.names().size();
        int addresses = request.addresses().size();
        if ((long) names * addresses > MAX_ROWS_PER_ENDPOINT) {
            throw new IllegalArgumentException("register endpoint " + endpoint + ": " + names + " names with "
                    + addresses + " addresses (expected at most " + MAX_ROWS_PER_ENDPOINT + " pairs)");
        }
        registered.put(endpoint, request);
        return refresh(endpoint);
    }

    /** Takes all names from an endpoint. */
    public Change deregister(EndpointId endpoint) {
        registered.remove(endpoint);
        List<String> erased = byHand.endpointGone(endpoint);
        Change change = refresh(endpoint);
        return new Change(change.put(), change.removed(), List.of(), erased);
    }

    /** Takes all names from every endpoint that is not one of these. */
    public Change retain(Set<EndpointId> kept) {
        Set<EndpointId> gone = new TreeSet<>(registered.keySet());
        gone.addAll(byHand.boundEndpoints());
        gone.removeAll(kept);
        Change all = Change.NONE;
        for (EndpointId endpoint : gone) {
            all = all.and(deregister(endpoint));
        }
        return all;
    }

    /**
     * Gives an address a name by hand; see {@link AddName}.
     *
     * @throws IllegalArgumentException if there are {@value NamesByHand#MAX} changes by hand already
     */
    public Change add(AddName request) {
        if (!request.name().isWithin(domain)) {
            return Change.NONE;
        }
        List<RegisterName> holders = registered.values().stream()
                .filter(known -> known.container().equals(request.container()) && has(known, request.address()))
                .toList();
        HandMade standing = new HandMade(
                HandMade.Kind.ADDED, request.name(), request.address(), request.container(), Optional.empty());
        Change all = Change.NONE;
        for (RegisterName holder : holders) {
            HandMade bound = standing.of(holder.endpoint());
            List<String> erased = byHand.erase(bound.as(HandMade.Kind.WITHDRAWN).key());
            List<HandMade> written = holder.names().contains(request.name()) ? List.of() : byHand.write(bound);
            all = all.and(new Change(List.of(), List.of(), written, erased)).and(refresh(holder.endpoint()));
        }
        List<HandMade> written = holders.isEmpty() ? byHand.write(standing) : List.of();
        List<String> erased = holders.isEmpty() ? List.of() : byHand.erase(standing.key());
        return all.and(new Change(List.of(), List.of(), written, erased)).and(refresh(standing.rowEndpoint()));
    }

    /** Removes names by hand; see {@link RemoveNames}. */
    public Change remove(RemoveNames request) {
        Change all = Change.NONE;
        for (HandMade added : byHand.added(request)) {
            List<String> erased = byHand.erase(added.key());
            all = all.and(new Change(List.of(), List.of(), List.of(), erased)).and(refresh(added.rowEndpoint()));
        }
        for (RegisterName known : List.copyOf(registered.values())) {
            List<HandMade> written = new ArrayList<>();
            for (NameRow row : rows.getOrDefault(known.endpoint(), List.of())) {
                HandMade withdrawn = new HandMade(
                        HandMade.Kind.WITHDRAWN,
                        row.name(),
                        row.address(),
                        row.container(),
                        Optional.of(known.endpoint()));
                if (withdrawn.matches(request)) {
                    written.addAll(byHand.write(withdrawn));
                }
            }
            all = all.and(new Change(List.of(), List.of(), written, List.of())).and(refresh(known.endpoint()));
        }
        return all;
    }

    private static boolean has(RegisterName known, IpAddress address) {
        return known.addresses().stream().anyMatch(own -> own.address().equals(address));
    }

    /** Makes an endpoint's rows what they are to be now; says what that changes. */
    private Change refresh(EndpointId endpoint) {
        Map<String, NameRow> wanted = wanted(endpoint);
        List<NameRow> present = rows.getOrDefault(endpoint, List.of());
        Set<NameRow> known = new HashSet<>(present);
        List<NameRow> put =
                wanted.values().stream().filter(row -> !known.contains(row)).toList();
        List<String> removed =
                keys(present).filter(key -> !wanted.containsKey(key)).toList();
        if (wanted.isEmpty()) {
            rows.remove(endpoint);
        } else {
            rows.put(endpoint, List.copyOf(wanted.values())); // A map for each would be most of our memory.
        }
        return new Change(put, removed, List.of(), List.of());
    }

    /** What an endpoint has by itself, less what was withdrawn by hand, and what was added. */
    private Map<String, NameRow> wanted(EndpointId endpoint) {
        Map<String, NameRow> wanted = new LinkedHashMap<>();
        RegisterName request = registered.get(endpoint);
        if (request == null) {
            byHand.standing(endpoint).forEach(added -> {
                NameRow row = new NameRow(added.name(), added.address(), added.container(), endpoint);
                wanted.put(row.key(), row);
            });
            return wanted;
        }
        List<ExposedPort> ports = request.ports().stream()
                .distinct()
                .sorted()
                .limit(NameRow.MAX_PORTS)
                .toList();
        for (Fqdn name : request.names()) {
            for (Cidr address : name.isWithin(domain) ? request.addresses() : List.<Cidr>of()) {
                NameRow row =
                        new NameRow(name, address.address(), request.container(), endpoint, ports, request.healthy());
                if (!byHand.isWithdrawn(row)) {
                    wanted.put(row.key(), row);
                }
            }
        }
        for (HandMade added : byHand.bound(endpoint)) {
            NameRow row =
                    new NameRow(added.name(), added.address(), request.container(), endpoint, ports, request.healthy());
            wanted.putIfAbsent(row.key(), row);
        }
        return wanted;
    }

    private static Stream<String> keys(List<NameRow> rows) {
        return rows.stream().map(NameRow::key);
    }
}
