package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.Segment;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets frames inside our bridges pass although Docker sets the FORWARD policy to DROP, and what the host forwards for a
 * bridge on which it is exposed: looks every few seconds whether the
 * rule is still there, since Docker's restart and firewall reloads remove it. Where bridged frames are not given to
 * iptables (no br_netfilter) the rule does nothing, and no harm.
 */
final class Forwarding {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);

    private static final long PERIOD_MILLIS = 10_000;

    private final Vertx vertx;
    private final KernelThread thread;
    private final Kernel kernel;
    private final Overlay overlay;
    private Set<String> permitted = Set.of();
    private Set<String> permittedOutside = Set.of();
    private boolean explained;

    Forwarding(Vertx vertx, KernelThread thread, Kernel kernel, Overlay overlay) {
        this.vertx = vertx;
        this.thread = thread;
        this.kernel = kernel;
        this.overlay = overlay;
    }

    void start() {
        look();
        vertx.setPeriodic(PERIOD_MILLIS, _ -> look());
    }

    /** Looks at once, for a network that was just made or exposed. */
    void look() {
        Set<String> bridges = overlay.segments().stream().map(Segment::bridge).collect(Collectors.toSet());
        Set<String> exposed = overlay.exposedBridges();
        Set<String> withdrawn = without(permitted, bridges);
        Set<String> hidden = without(permittedOutside, exposed);
        permitted = bridges;
        permittedOutside = exposed;
        if (bridges.isEmpty() && withdrawn.isEmpty()) {
            return;
        }
        thread.run(() -> {
                    withdrawn.forEach(kernel::withdrawPermit);
                    hidden.forEach(kernel::withdrawPermitOutside);
                    // Not lazily: each bridge gets its rules, whatever became of the others.
                    boolean inside = bridges.stream().map(kernel::permit).reduce(true, Boolean::logicalAnd);
                    boolean outside =
                            exposed.stream().map(kernel::permitOutside).reduce(true, Boolean::logicalAnd);
                    return inside && outside;
                })
                .onSuccess(
                        everywhere -> explain(
                                everywhere
                                        ? ""
                                        : "there is no chain DOCKER-USER, or there are tables of iptables-legacy and no such tool here"))
                .onFailure(cause -> explain(String.valueOf(cause.getMessage())));
    }

    private static Set<String> without(Set<String> some, Set<String> others) {
        Set<String> rest = new HashSet<>(some);
        rest.removeAll(others);
        return rest;
    }

    private void explain(String obstacle) {
        if (obstacle.isEmpty() || explained) {
            explained = !obstacle.isEmpty();
            return;
        }
        explained = true;
        LOG.info(
                "No firewall rule could be made for our bridges. If containers of one host cannot reach each other, run:"
                        + " iptables -I FORWARD -i {} -o {} -j ACCEPT (or iptables-legacy; see weave doctor). reason={}",
                Segment.DEFAULT_BRIDGE,
                Segment.DEFAULT_BRIDGE,
                obstacle);
    }
}
