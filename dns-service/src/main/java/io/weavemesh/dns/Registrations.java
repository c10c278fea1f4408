package io.weavemesh.dns;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.NameRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which names the endpoints of this host have; each request becomes a change of our part of the table. Everything may be
 * asked twice. Not the names of other peers.
 */
public final class Registrations {

    /** An endpoint has a hostname, a container name and some aliases, in one or two families; more is a mistake. */
    static final int MAX_ROWS_PER_ENDPOINT = 1024;

    private final Fqdn domain;
    private final Map<EndpointId, List<NameRow>> endpoints = new HashMap<>();

    public Registrations(Fqdn domain) {
        this.domain = domain;
    }

    /** What to put into our part and which keys to remove from it. */
    public record Change(List<NameRow> put, List<String> removed) {
        public Change {
            put = List.copyOf(put);
            removed = List.copyOf(removed);
        }

        /** Whether there is nothing to do. */
        public boolean isEmpty() {
            return put.isEmpty() && removed.isEmpty();
        }
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
        List<ExposedPort> ports = request.ports().stream()
                .distinct()
                .sorted()
                .limit(NameRow.MAX_PORTS)
                .toList();
        Map<String, NameRow> wanted = new LinkedHashMap<>();
        for (Fqdn name : request.names()) {
            for (Cidr address : name.isWithin(domain) ? request.addresses() : List.<Cidr>of()) {
                NameRow row =
                        new NameRow(name, address.address(), request.container(), endpoint, ports, request.healthy());
                wanted.put(row.key(), row);
            }
        }
        List<NameRow> present = endpoints.getOrDefault(endpoint, List.of());
        Set<NameRow> known = new HashSet<>(present);
        List<NameRow> put =
                wanted.values().stream().filter(row -> !known.contains(row)).toList();
        List<String> removed =
                keys(present).filter(key -> !wanted.containsKey(key)).toList();
        if (wanted.isEmpty()) {
            endpoints.remove(endpoint);
        } else {
            endpoints.put(endpoint, List.copyOf(wanted.values())); // A map for each would be most of our memory.
        }
        return new Change(put, removed);
    }

    /** Takes all names from an endpoint. */
    public Change deregister(EndpointId endpoint) {
        List<NameRow> gone = endpoints.remove(endpoint);
        return new Change(List.of(), gone == null ? List.of() : keys(gone).toList());
    }

    /** Takes all names from every endpoint that is not one of these. */
    public Change retain(Set<EndpointId> kept) {
        List<String> removed = new ArrayList<>();
        endpoints.entrySet().removeIf(entry -> {
            boolean gone = !kept.contains(entry.getKey());
            if (gone) {
                keys(entry.getValue()).forEach(removed::add);
            }
            return gone;
        });
        return new Change(List.of(), removed);
    }

    private static Stream<String> keys(List<NameRow> rows) {
        return rows.stream().map(NameRow::key);
    }
}
