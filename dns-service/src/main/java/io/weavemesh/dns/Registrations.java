package io.weavemesh.dns;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.AddName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which names this host gives: those its endpoints have by themselves, amended by hand; each request becomes a change of our
 * part of the table. Everything may be asked twice. Not the names of other peers.
 *
 * <p>What was asked is kept in the form of rows, which the table has as well, and what an endpoint is to have now follows from
 * those and the changes by hand. So a name costs no memory here but its place in a map.
 */
public final class Registrations {

    /** An endpoint has a hostname, a container name and some aliases, in one or two families; more is a mistake. */
    static final int MAX_ROWS_PER_ENDPOINT = 1024;

    private final Fqdn domain;
    private final NamesByHand byHand;

    /** The rows an endpoint has by itself, those withdrawn by hand too; never an empty list. */
    private final Map<EndpointId, List<NameRow>> own = new HashMap<>();

    /** What was asked for endpoints without such a row; they may get names by hand. */
    private final Map<EndpointId, RegisterName> nameless = new HashMap<>();

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

        /** Several in one. */
        static Change all(List<Change> changes) {
            return new Change(
                    changes.stream().flatMap(change -> change.put.stream()).toList(),
                    changes.stream().flatMap(change -> change.removed.stream()).toList(),
                    changes.stream().flatMap(change -> change.written.stream()).toList(),
                    changes.stream().flatMap(change -> change.erased.stream()).toList());
        }

        private Change onDisk(List<HandMade> alsoWritten, List<String> alsoErased) {
            return new Change(put, removed, alsoWritten, alsoErased);
        }
    }

    /** The rows that do not wait for an endpoint: to be put into the table when the service starts. */
    public Change start() {
        List<Change> all = new ArrayList<>();
        for (EndpointId endpoint : byHand.standingEndpoints()) {
            all.add(difference(List.of(), wanted(endpoint)));
        }
        return Change.all(all);
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
        List<NameRow> rows = rows(request);
        if (rows.equals(own.get(endpoint))) {
            return Change.NONE; // Those the table has are kept, not a second copy of each.
        }
        List<NameRow> before = wanted(endpoint);
        forget(endpoint);
        if (rows.isEmpty()) {
            nameless.put(endpoint, request);
        } else {
            own.put(endpoint, rows);
        }
        return difference(before, wanted(endpoint));
    }

    private void forget(EndpointId endpoint) {
        own.remove(endpoint);
        nameless.remove(endpoint);
    }

    /** What was asked for as rows, without names outside the domain. */
    private List<NameRow> rows(RegisterName request) {
        Map<String, NameRow> rows = new LinkedHashMap<>();
        List<ExposedPort> ports = ports(request);
        for (Fqdn name : request.names()) {
            for (Cidr address : name.isWithin(domain) ? request.addresses() : List.<Cidr>of()) {
                NameRow row = new NameRow(
                        name, address.address(), request.container(), request.endpoint(), ports, request.healthy());
                rows.put(row.key(), row);
            }
        }
        return List.copyOf(rows.values());
    }

    private static List<ExposedPort> ports(RegisterName request) {
        return request.ports().stream()
                .distinct()
                .sorted()
                .limit(NameRow.MAX_PORTS)
                .toList();
    }

    /** Takes all names from an endpoint. */
    public Change deregister(EndpointId endpoint) {
        List<NameRow> before = wanted(endpoint);
        forget(endpoint);
        List<String> erased = byHand.endpointGone(endpoint);
        return difference(before, wanted(endpoint)).onDisk(List.of(), erased);
    }

    /** Takes all names from every endpoint that is not one of these. */
    public Change retain(Set<EndpointId> kept) {
        Set<EndpointId> gone = new TreeSet<>(own.keySet());
        gone.addAll(nameless.keySet());
        gone.addAll(byHand.boundEndpoints());
        gone.removeAll(kept);
        List<Change> all = new ArrayList<>();
        for (EndpointId endpoint : gone) {
            all.add(deregister(endpoint));
        }
        return Change.all(all);
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
        HandMade standing = new HandMade(
                HandMade.Kind.ADDED, request.name(), request.address(), request.container(), Optional.empty());
        List<EndpointId> holders = holders(request);
        List<Change> all = new ArrayList<>();
        for (EndpointId holder : holders) {
            List<NameRow> before = wanted(holder);
            HandMade bound = standing.of(holder);
            List<String> erased = byHand.erase(bound.as(HandMade.Kind.WITHDRAWN).key());
            boolean byItself = ownRows(holder).anyMatch(row -> row.name().equals(request.name()));
            List<HandMade> written = byItself ? List.of() : byHand.write(bound);
            all.add(difference(before, wanted(holder)).onDisk(written, erased));
        }
        List<NameRow> before = wanted(standing.rowEndpoint());
        List<HandMade> written = holders.isEmpty() ? byHand.write(standing) : List.of();
        List<String> erased = holders.isEmpty() ? List.of() : byHand.erase(standing.key());
        all.add(difference(before, wanted(standing.rowEndpoint())).onDisk(written, erased));
        return Change.all(all);
    }

    /** Endpoints of that container that have that address. */
    private List<EndpointId> holders(AddName request) {
        Stream<EndpointId> named = own.values().stream()
                .filter(rows -> rows.getFirst().container().equals(request.container())
                        && rows.stream().anyMatch(row -> row.address().equals(request.address())))
                .map(rows -> rows.getFirst().endpoint());
        Stream<EndpointId> others = nameless.values().stream()
                .filter(asked -> asked.container().equals(request.container())
                        && asked.addresses().stream()
                                .anyMatch(address -> address.address().equals(request.address())))
                .map(RegisterName::endpoint);
        return Stream.concat(named, others).toList();
    }

    /** Removes names by hand; see {@link RemoveNames}. */
    public Change remove(RemoveNames request) {
        List<Change> all = new ArrayList<>();
        for (HandMade added : byHand.added(request)) {
            List<NameRow> before = wanted(added.rowEndpoint());
            List<String> erased = byHand.erase(added.key());
            all.add(difference(before, wanted(added.rowEndpoint())).onDisk(List.of(), erased));
        }
        for (EndpointId endpoint : own.keySet()) {
            List<HandMade> withdrawn = ownRows(endpoint)
                    .filter(row -> !byHand.isWithdrawn(row))
                    .map(HandMade::withdrawal)
                    .filter(change -> change.matches(request))
                    .toList();
            if (!withdrawn.isEmpty()) {
                List<NameRow> before = wanted(endpoint);
                List<HandMade> written = new ArrayList<>();
                withdrawn.forEach(change -> written.addAll(byHand.write(change)));
                all.add(difference(before, wanted(endpoint)).onDisk(written, List.of()));
            }
        }
        return Change.all(all);
    }

    private Stream<NameRow> ownRows(EndpointId endpoint) {
        return own.getOrDefault(endpoint, List.of()).stream();
    }

    /** What an endpoint has by itself, less what was withdrawn by hand, and what was added. */
    private List<NameRow> wanted(EndpointId endpoint) {
        if (!byHand.concerns(endpoint)) {
            return own.getOrDefault(endpoint, List.of());
        }
        Map<String, NameRow> wanted = new LinkedHashMap<>();
        ownRows(endpoint).filter(row -> !byHand.isWithdrawn(row)).forEach(row -> wanted.put(row.key(), row));
        for (HandMade added : byHand.standing(endpoint)) {
            NameRow row = new NameRow(added.name(), added.address(), added.container(), endpoint);
            wanted.put(row.key(), row);
        }
        for (HandMade added : byHand.bound(endpoint)) {
            amended(added, endpoint).ifPresent(row -> wanted.putIfAbsent(row.key(), row));
        }
        return List.copyOf(wanted.values());
    }

    /** The row of a name that was added to an endpoint, if there is the endpoint; its details are that endpoint's. */
    private Optional<NameRow> amended(HandMade added, EndpointId endpoint) {
        Optional<NameRow> like = ownRows(endpoint)
                .findFirst()
                .map(row -> new NameRow(
                        added.name(), added.address(), row.container(), endpoint, row.ports(), row.healthy()));
        return like.or(() -> Optional.ofNullable(nameless.get(endpoint))
                .map(asked -> new NameRow(
                        added.name(), added.address(), asked.container(), endpoint, ports(asked), asked.healthy())));
    }

    /** How an endpoint's rows get from one state to another. */
    private static Change difference(List<NameRow> before, List<NameRow> after) {
        Set<NameRow> known = new HashSet<>(before);
        List<NameRow> put = after.stream().filter(row -> !known.contains(row)).toList();
        if (before.isEmpty()) {
            return new Change(put, List.of(), List.of(), List.of());
        }
        Set<String> kept = after.stream().map(NameRow::key).collect(Collectors.toSet());
        List<String> removed = before.stream()
                .map(NameRow::key)
                .filter(key -> !kept.contains(key))
                .toList();
        return new Change(put, removed, List.of(), List.of());
    }
}
