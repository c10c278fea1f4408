package io.weavemesh.cluster;

import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who is in the cluster, as peers. A peer is present as long as any of its services is; the restart of one service is
 * not a departure. Safe to use from any thread; listeners are called on the Vert.x context they were added on.
 */
public interface Membership {

    /** What we say of ourselves. */
    PeerDescription self();

    /** The accepted peers that are present, without ourselves. */
    Map<PeerName, PeerDescription> peers();

    /** Calls the listener with what changes from now on, after one {@code PeerUp} for every peer already present. */
    void listen(Consumer<PeerEvent> listener);

    /** Adds peers to search for, as {@code host[:port]}. Names are resolved now and again later; failing is not fatal. */
    void connect(List<String> targets);

    /** Replaces the peers to search for. Peers already present stay. */
    void replace(List<String> targets);

    /** Stops searching for these. */
    void forget(List<String> targets);

    /** The peers we were told to search for, as they were given. */
    List<String> targets();

    /** Whether peers are searched for at addresses others tell of, too. */
    default boolean discovers() {
        return true;
    }

    /** Peers and targets with the state of each, for status pages. */
    List<Connection> connections();

    /** A change. */
    sealed interface PeerEvent {}

    /** A peer is there and accepted, or an accepted peer's description changed. */
    record PeerUp(PeerDescription peer) implements PeerEvent {}

    /** A peer has shown no sign of life for the time a departure takes. */
    record PeerDown(PeerName peer) implements PeerEvent {}

    /** A peer is there but is not accepted; the text names both values. */
    record PeerRefused(PeerDescription peer, String reason) implements PeerEvent {}
}
