package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.PeerName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Every known endpoint of every peer, ours included, by subnet, MAC and IP address.
 *
 * <p>While an endpoint moves, two rows may claim one MAC or IP address: the old host's removal and the new host's addition
 * come from two peers and in any order. An endpoint on this host wins, since the bridge sees it; otherwise the row that
 * came last.
 */
final class EndpointTable {

    /** A row and the peer that wrote it. */
    record Placement(PeerName origin, EndpointRow row) {}

    private record RowKey(PeerName origin, String key) {}

    /** The rows of one subnet. Lists are in order of arrival, almost always of length one. */
    private static final class Rows {
        private final Map<MacAddress, List<Placement>> byMac = new HashMap<>();
        private final Map<IpAddress, List<Placement>> byAddress = new HashMap<>();
        private final Map<PeerName, Integer> perPeer = new TreeMap<>();
    }

    private final PeerName self;
    private final Map<RowKey, Placement> placements = new HashMap<>();
    private final Map<PeerName, Set<EndpointRow>> byOrigin = new HashMap<>();
    private final Map<Cidr, Rows> bySubnet = new TreeMap<>();

    EndpointTable(PeerName self) {
        this.self = self;
    }

    /** Whether a row can be programmed: a group or zero address would turn one entry into a rule for all traffic. */
    static boolean isProgrammable(EndpointRow row) {
        return row.subnet().isSubnet() && !row.mac().isMulticast() && row.mac().bits() != 0;
    }

    /** Adds a row in place of the one with the same key; the row replaced, if any. */
    Optional<EndpointRow> put(PeerName origin, EndpointRow row) {
        Optional<EndpointRow> before = remove(origin, row.key());
        Placement placement = new Placement(origin, row);
        placements.put(new RowKey(origin, row.key()), placement);
        byOrigin.computeIfAbsent(origin, _ -> new java.util.HashSet<>()).add(row);
        Rows rows = bySubnet.computeIfAbsent(row.subnet(), _ -> new Rows());
        rows.byMac.computeIfAbsent(row.mac(), _ -> new ArrayList<>(1)).add(placement);
        for (IpAddress address : new TreeSet<>(row.addresses())) {
            rows.byAddress.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(placement);
        }
        rows.perPeer.merge(origin, 1, Integer::sum);
        return before;
    }

    /** Removes a row; the row there was, if any. */
    Optional<EndpointRow> remove(PeerName origin, String key) {
        Placement placement = placements.remove(new RowKey(origin, key));
        if (placement == null) {
            return Optional.empty();
        }
        EndpointRow row = placement.row();
        byOrigin.computeIfPresent(origin, (_, rows) -> rows.remove(row) && rows.isEmpty() ? null : rows);
        bySubnet.computeIfPresent(row.subnet(), (_, rows) -> {
            drop(rows.byMac, row.mac(), placement);
            row.addresses().forEach(address -> drop(rows.byAddress, address, placement));
            rows.perPeer.computeIfPresent(origin, (_, count) -> count == 1 ? null : count - 1);
            return rows.perPeer.isEmpty() ? null : rows;
        });
        return Optional.of(row);
    }

    /** Who has this MAC address among the peers that count. */
    Optional<Placement> withMac(Cidr subnet, MacAddress mac, Predicate<PeerName> counts) {
        Rows rows = bySubnet.get(subnet);
        return rows == null ? Optional.empty() : winner(rows.byMac.getOrDefault(mac, List.of()), counts);
    }

    /** Who has this IP address among the peers that count. */
    Optional<Placement> withAddress(Cidr subnet, IpAddress address, Predicate<PeerName> counts) {
        Rows rows = bySubnet.get(subnet);
        return rows == null ? Optional.empty() : winner(rows.byAddress.getOrDefault(address, List.of()), counts);
    }

    Set<MacAddress> macs(Cidr subnet) {
        Rows rows = bySubnet.get(subnet);
        return rows == null ? Set.of() : rows.byMac.keySet();
    }

    Set<IpAddress> addresses(Cidr subnet) {
        Rows rows = bySubnet.get(subnet);
        return rows == null ? Set.of() : rows.byAddress.keySet();
    }

    /** The peers with an endpoint in this subnet. */
    Set<PeerName> peersIn(Cidr subnet) {
        Rows rows = bySubnet.get(subnet);
        return rows == null ? Set.of() : rows.perPeer.keySet();
    }

    /** The subnets with an endpoint anywhere. */
    Set<Cidr> subnets() {
        return bySubnet.keySet();
    }

    Collection<EndpointRow> rowsOf(PeerName origin) {
        return byOrigin.getOrDefault(origin, Set.of());
    }

    int size() {
        return placements.size();
    }

    private Optional<Placement> winner(List<Placement> claims, Predicate<PeerName> counts) {
        Optional<Placement> winner = Optional.empty();
        for (Placement claim : claims) {
            if (claim.origin().equals(self)) {
                return Optional.of(claim);
            }
            if (counts.test(claim.origin())) {
                winner = Optional.of(claim);
            }
        }
        return winner;
    }

    private static <K> void drop(Map<K, List<Placement>> index, K key, Placement placement) {
        index.computeIfPresent(key, (_, claims) -> {
            claims.remove(placement);
            return claims.isEmpty() ? null : claims;
        });
    }
}
