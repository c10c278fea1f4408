package io.weavemesh.router;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** The accepted peers that are present, without ourselves, with the VTEP and MTU of each. Not who we would like to reach. */
final class PeerTable {

    private final Map<PeerName, PeerDescription> peers = new TreeMap<>();

    void put(PeerDescription peer) {
        peers.put(peer.name(), peer);
    }

    void remove(PeerName peer) {
        peers.remove(peer);
    }

    Optional<PeerDescription> get(PeerName peer) {
        return Optional.ofNullable(peers.get(peer));
    }

    Collection<PeerDescription> all() {
        return peers.values();
    }

    /** Where a peer's tunnels end, if ours can reach it: a tunnel has one address family. */
    Optional<IpAddress> vtep(PeerName peer, IpAddress.Family family) {
        return get(peer).map(PeerDescription::vtep).filter(address -> address.family() == family);
    }

    /** The smallest MTU any peer says it can carry. */
    OptionalInt smallestMtu() {
        return peers.values().stream().mapToInt(PeerDescription::mtu).min();
    }
}
