package io.weavemesh.router;

import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.util.Map;
import java.util.TreeMap;

/**
 * MTUs peers told after they had described themselves. A peer that describes itself anew, as after a restart, knows better
 * than what it told before.
 */
public final class ToldMtus {

    private record Told(PeerDescription before, int mtu) {}

    private final Map<PeerName, Told> told = new TreeMap<>();

    /** A peer with this description told its MTU; the description it has now. */
    public PeerDescription tell(PeerDescription peer, int mtu) {
        told.put(peer.name(), new Told(peer, mtu));
        return peer.withMtu(mtu);
    }

    /** A peer's description with what it told since. */
    public PeerDescription current(PeerDescription peer) {
        Told news = told.get(peer.name());
        return news != null && news.before().equals(peer) ? peer.withMtu(news.mtu()) : peer;
    }

    /** A peer is gone, and what it told with it. */
    public void forget(PeerName peer) {
        told.remove(peer);
    }
}
