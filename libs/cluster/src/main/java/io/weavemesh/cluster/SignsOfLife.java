package io.weavemesh.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.cluster.impl.ClusterServiceImpl;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * For how long a member has not been heard. Members say each second that they are there; Hazelcast itself draws a conclusion
 * only after seconds of silence, in steps of a second, and tells nobody before. To be used on one thread.
 *
 * <p>Reaches into Hazelcast's internals (tried with 5.6). Where they are not what is expected nobody is ever silent, and
 * Hazelcast's own conclusions are all there is.
 */
final class SignsOfLife {

    private final Optional<ClusterServiceImpl> cluster;

    /** When each member was seen first, by {@link System#nanoTime}. */
    private final Map<UUID, Long> seen = new HashMap<>();

    SignsOfLife(HazelcastInstance hazelcast) {
        this.cluster = hazelcast instanceof HazelcastInstanceProxy proxy
                ? Optional.of(proxy.getOriginal().node.getClusterService())
                : Optional.empty();
    }

    /** Those among the members that have not been heard for so long; one that has not spoken yet, since it was seen first. */
    Set<UUID> silent(Collection<Member> members, Duration atLeast) {
        Set<UUID> silent = new HashSet<>();
        Set<UUID> present = new HashSet<>();
        for (Member member : members) {
            present.add(member.getUuid());
            seen.putIfAbsent(member.getUuid(), System.nanoTime());
            if (silence(member).compareTo(atLeast) > 0) {
                silent.add(member.getUuid());
            }
        }
        seen.keySet().retainAll(present);
        return silent;
    }

    private Duration silence(Member member) {
        if (member.localMember() || cluster.isEmpty()) {
            return Duration.ZERO;
        }
        ClusterServiceImpl service = cluster.get();
        long last = service.getClusterHeartbeatManager().getLastHeartbeatTime(member);
        if (last <= 0) {
            return Duration.ofNanos(System.nanoTime() - seen.getOrDefault(member.getUuid(), System.nanoTime()));
        }
        // Both by the cluster's clock, which is set at times: then it is off by that until the next sign.
        return Duration.ofMillis(Math.max(0, service.getClusterTime() - last));
    }
}
