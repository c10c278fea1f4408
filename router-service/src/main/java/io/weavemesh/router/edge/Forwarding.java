package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.router.Segment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets frames inside our bridges pass although Docker sets the FORWARD policy to DROP: looks every few seconds whether the
 * rule is still there, since Docker's restart and firewall reloads remove it. Where bridged frames are not given to
 * iptables (no br_netfilter) the rule does nothing, and no harm.
 */
final class Forwarding {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

    private static final long PERIOD_MILLIS = 10_000;

    private final Vertx vertx;
    private final KernelThread thread;
    private final Kernel kernel;
    private final Supplier<List<Segment>> segments;
    private Set<String> permitted = Set.of();
    private boolean explained;

    Forwarding(Vertx vertx, KernelThread thread, Kernel kernel, Supplier<List<Segment>> segments) {
        this.vertx = vertx;
        this.thread = thread;
        this.kernel = kernel;
        this.segments = segments;
    }

    void start() {
        look();
        vertx.setPeriodic(PERIOD_MILLIS, _ -> look());
    }

    /** Looks at once, for a network that was just made. */
    void look() {
        Set<String> bridges = segments.get().stream().map(Segment::bridge).collect(Collectors.toSet());
        Set<String> withdrawn = new HashSet<>(permitted);
        withdrawn.removeAll(bridges);
        permitted = bridges;
        if (bridges.isEmpty() && withdrawn.isEmpty()) {
            return;
        }
        thread.run(() -> {
                    withdrawn.forEach(kernel::withdrawPermit);
                    return bridges.stream().allMatch(kernel::permit);
                })
                .onSuccess(everywhere -> explain(everywhere ? "" : "there is no chain DOCKER-USER"))
                .onFailure(cause -> explain(String.valueOf(cause.getMessage())));
    }

    private void explain(String obstacle) {
        if (obstacle.isEmpty() || explained) {
            explained = !obstacle.isEmpty();
            return;
        }
        explained = true;
        LOG.info(
                "No firewall rule could be made for our bridges. If containers of one host cannot reach each other, run:"
                        + " iptables -I FORWARD -i {} -o {} -j ACCEPT. reason={}",
                Segment.DEFAULT_BRIDGE,
                Segment.DEFAULT_BRIDGE,
                obstacle);
    }
}
