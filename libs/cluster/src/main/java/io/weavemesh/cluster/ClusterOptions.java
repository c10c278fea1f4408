package io.weavemesh.cluster;

import io.weavemesh.contract.Check;
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
 * @param departure how long a peer must be without a sign of life before it counts as gone
 * @param discovery whether to search for peers at addresses others tell of, too, and not at the targets alone
 * @param connectionLimit the most peers to accept, or {@link #NO_LIMIT}
 */
public record ClusterOptions(
        PeerDescription self,
        Set<Service> services,
        IpAddress address,
        int memberPort,
        int busPort,
        List<String> localMembers,
        List<String> targets,
        Duration departure,
        boolean discovery,
        int connectionLimit) {

    /** Time for a process that was killed to be started again unnoticed; a lost peer is to be noticed within six seconds. */
    public static final Duration DEFAULT_DEPARTURE = Duration.ofMillis(4_500);

    /** As many peers as there are. */
    public static final int NO_LIMIT = 0;

    public ClusterOptions {
        services = Set.copyOf(services);
        localMembers = List.copyOf(localMembers);
        targets = List.copyOf(targets);
        Check.argument(connectionLimit >= 0, "a limit of %d connections is negative", connectionLimit);
    }

    /** With discovery, and without a limit. */
    public ClusterOptions(
            PeerDescription self,
            Set<Service> services,
            IpAddress address,
            int memberPort,
            int busPort,
            List<String> localMembers,
            List<String> targets,
            Duration departure) {
        this(self, services, address, memberPort, busPort, localMembers, targets, departure, true, NO_LIMIT);
    }
}
