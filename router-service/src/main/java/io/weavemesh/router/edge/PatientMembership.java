package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.cluster.Membership;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Membership as the data path sees it: the departure of a peer is told long after it. The kernel carries the packets of a
 * peer's containers whether its process runs or not, so while it is stopped, being upgraded or cut off, they talk on. What of
 * them ends meanwhile is known when the peer is back; an address that another peer has by then is that one's. A peer that is
 * refused is refused at once.
 *
 * <p>All but the events is as in the membership it wraps. To be listened to on a Vert.x context.
 */
final class PatientMembership implements Membership {

    /** As long as a peer's share of the addresses is left to it ({@code --ipalloc-reclaim-after}). */
    static final Duration PATIENCE = Duration.ofHours(24);

    private final Vertx vertx;
    private final Membership actual;
    private final Duration patience;

    PatientMembership(Vertx vertx, Membership actual, Duration patience) {
        this.vertx = vertx;
        this.actual = actual;
        this.patience = patience;
    }

    @Override
    public void listen(Consumer<PeerEvent> listener) {
        Map<PeerName, Long> leaving = new HashMap<>(); // Events and timers are on the listener's own context.
        actual.listen(event -> {
            switch (event) {
                case PeerUp up -> {
                    Long timer = leaving.remove(up.peer().name());
                    if (timer != null) {
                        vertx.cancelTimer(timer);
                    }
                    listener.accept(up);
                }
                case PeerDown down ->
                    leaving.computeIfAbsent(
                            down.peer(),
                            peer -> vertx.setTimer(patience.toMillis(), _ -> {
                                leaving.remove(peer);
                                listener.accept(down);
                            }));
                case PeerRefused refused -> listener.accept(refused);
            }
        });
    }

    @Override
    public PeerDescription self() {
        return actual.self();
    }

    @Override
    public Map<PeerName, PeerDescription> peers() {
        return actual.peers();
    }

    @Override
    public void connect(List<String> targets) {
        actual.connect(targets);
    }

    @Override
    public void replace(List<String> targets) {
        actual.replace(targets);
    }

    @Override
    public void forget(List<String> targets) {
        actual.forget(targets);
    }

    @Override
    public List<String> targets() {
        return actual.targets();
    }

    @Override
    public boolean discovers() {
        return actual.discovers();
    }

    @Override
    public List<Connection> connections() {
        return actual.connections();
    }
}
