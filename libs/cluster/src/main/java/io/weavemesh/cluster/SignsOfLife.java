package io.weavemesh.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.cluster.impl.ClusterServiceImpl;
import java.time.Duration;
import java.util.Optional;

/**
 * For how long a member has not been heard. Members say each second that they are there; Hazelcast itself draws a conclusion
 * only after seconds of silence, in steps of a second, and tells nobody before. To be asked from any thread.
 *
 * <p>Reaches into Hazelcast's internals (tried with 5.6). Where they are not what is expected nobody is ever silent, and
 * Hazelcast's own conclusions are all there is.
 */
final class SignsOfLife {

    private final Optional<ClusterServiceImpl> cluster;

    SignsOfLife(HazelcastInstance hazelcast) {
        this.cluster = hazelcast instanceof HazelcastInstanceProxy proxy
                ? Optional.of(proxy.getOriginal().node.getClusterService())
                : Optional.empty();
    }

    /** Zero for ourselves and for a member that has not spoken yet. */
    Duration silence(Member member) {
        if (member.localMember() || cluster.isEmpty()) {
            return Duration.ZERO;
        }
        ClusterServiceImpl service = cluster.get();
        long last = service.getClusterHeartbeatManager().getLastHeartbeatTime(member);
        // Both by the cluster's clock, which is set at times: then it is off by that until the next sign.
        return last <= 0 ? Duration.ZERO : Duration.ofMillis(Math.max(0, service.getClusterTime() - last));
    }
}
