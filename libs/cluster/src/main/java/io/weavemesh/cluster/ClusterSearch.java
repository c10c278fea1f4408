package io.weavemesh.cluster;

import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.instance.impl.Node;
import com.hazelcast.internal.cluster.impl.ClusterServiceImpl;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses at which a running Hazelcast member looks for other clusters, and a way to make it look now.
 *
 * <p>It looks by itself every second, so nothing is lost but that second if {@link #now} does nothing. That method and
 * {@link SignsOfLife} are what reaches into Hazelcast's internals (tried with 5.6): merges have been known not to start by themselves
 * (hazelcast#18661, hazelcast#25907).
 *
 * <p>A silent address costs the search 3 s, one after the other; so only addresses that have just answered belong here.
 */
final class ClusterSearch {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterSearch.class);

    private final HazelcastInstance hazelcast;

    ClusterSearch(HazelcastInstance hazelcast) {
        this.hazelcast = hazelcast;
    }

    /** The list is read at each search, and made for being changed meanwhile. */
    void set(Set<String> addresses) {
        List<String> list = hazelcast
                .getConfig()
                .getAdvancedNetworkConfig()
                .getJoin()
                .getTcpIpConfig()
                .getMembers();
        list.removeIf(address -> !addresses.contains(address));
        addresses.stream().filter(address -> !list.contains(address)).forEach(list::add);
    }

    /** Looks for other clusters at once. Only the oldest member of a cluster does; elsewhere this does nothing. Blocks. */
    void now() {
        if (!(hazelcast instanceof HazelcastInstanceProxy proxy)) {
            return;
        }
        try {
            Node node = proxy.getOriginal().node;
            ClusterServiceImpl cluster = node.getClusterService();
            boolean free = cluster.isJoined()
                    && cluster.isMaster()
                    && cluster.getClusterState().isJoinAllowed();
            if (free && node.isRunning()) {
                node.getJoiner().searchForOtherClusters();
            }
        } catch (HazelcastInstanceNotActiveException e) {
            LOG.debug("No search, the member is stopping.");
        } catch (HazelcastException | IllegalStateException e) {
            LOG.debug("A search for other clusters failed, the next one is in a second.", e);
        }
    }
}
