package io.weavemesh.cluster;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.Service;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a process needs to know to take part in the cluster.
 *
 * @param self what it says of its peer
 * @param services those that run in this process
 * @param address the underlay address it binds to and is reached at
 * @param memberPort TCP port of the Hazelcast member
 * @param busPort TCP port of the event bus
 * @param localMembers {@code host:port} of this host's other services, when they run in processes of their own
 * @param targets other hosts, {@code host[:port]}
 * @param departure how long a peer must be without members before it counts as gone
 */
public record ClusterOptions(
        PeerDescription self,
        Set<Service> services,
        IpAddress address,
        int memberPort,
        int busPort,
        List<String> localMembers,
        List<String> targets,
        Duration departure) {

    /** With the time Hazelcast takes to notice a silent member, names of a lost peer are gone within ten seconds. */
    public static final Duration DEFAULT_DEPARTURE = Duration.ofSeconds(3);

    public ClusterOptions {
        services = Set.copyOf(services);
        localMembers = List.copyOf(localMembers);
        targets = List.copyOf(targets);
    }
}
