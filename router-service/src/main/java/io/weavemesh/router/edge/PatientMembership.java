package io.weavemesh.router.edge;

import io.vertx.core.Vertx;
import io.weavemesh.cluster.Membership;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /** Who says goodbye is away within this time; who starts anew meanwhile, unnoticed, is not held to it for ever. */
    private static final Duration FAREWELL = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final Membership actual;
    private final Duration patience;
    private final List<Patient> patients = new CopyOnWriteArrayList<>();

    PatientMembership(Vertx vertx, Membership actual, Duration patience) {
        this.vertx = vertx;
        this.actual = actual;
        this.patience = patience;
    }

    /** A listener with those who are away, by name, with the timer that ends our patience. */
    private final class Patient {
        private final Consumer<PeerEvent> listener;
        private final Map<PeerName, Long> away = new ConcurrentHashMap<>();
        private final Set<PeerName> removed = ConcurrentHashMap.newKeySet();

        Patient(Consumer<PeerEvent> listener) {
            this.listener = listener;
        }

        void hear(PeerEvent event) {
            switch (event) {
                case PeerUp up -> {
                    removed.remove(up.peer().name());
                    stopWaiting(up.peer().name());
                    listener.accept(up);
                }
                case PeerDown down when removed.contains(down.peer()) -> listener.accept(down);
                case PeerDown down ->
                    away.computeIfAbsent(
                            down.peer(),
                            peer -> vertx.setTimer(patience.toMillis(), _ -> {
                                away.remove(peer);
                                listener.accept(down);
                            }));
                case PeerRefused refused -> listener.accept(refused);
            }
        }

        void remove(PeerName peer) {
            if (stopWaiting(peer)) {
                listener.accept(new PeerDown(peer));
            } else {
                removed.add(peer);
                vertx.setTimer(FAREWELL.toMillis(), _ -> removed.remove(peer));
            }
        }

        private boolean stopWaiting(PeerName peer) {
            Long timer = away.remove(peer);
            return timer != null && vertx.cancelTimer(timer);
        }
    }

    @Override
    public void listen(Consumer<PeerEvent> listener) {
        Patient patient = new Patient(listener);
        patients.add(patient);
        actual.listen(patient::hear);
    }

    /**
     * Ends the patience with a peer that is gone for good: its departure is told now if it is away, otherwise as soon as it
     * leaves, if it does so within a minute. To be called on the listeners' context.
     */
    void remove(PeerName peer) {
        patients.forEach(patient -> patient.remove(peer));
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
