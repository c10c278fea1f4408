package io.weavemesh.dns.edge;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.Asker;
import io.weavemesh.dns.Zone;
import java.net.InetAddress;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All that a question is answered from, at one moment: the names of all peers, and who asks here. Immutable; looking somebody
 * up takes no lock and allocates nothing.
 */
record Snapshot(Zone zone, Map<InetAddress, Asker> askers) {

    Snapshot {
        askers = Map.copyOf(askers);
    }

    static Snapshot of(Zone zone) {
        return new Snapshot(zone, Map.of());
    }

    Snapshot with(Zone changed) {
        return new Snapshot(changed, askers);
    }

    Snapshot withAskers(Map<IpAddress, Asker> changed) {
        return new Snapshot(
                zone,
                changed.entrySet().stream()
                        .collect(Collectors.toMap(entry -> entry.getKey().toInetAddress(), Map.Entry::getValue)));
    }

    Asker asker(InetAddress address) {
        return askers.getOrDefault(address, Asker.UNKNOWN);
    }
}
