package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/**
 * What a peer holds back of its free space: it gives nothing of it until its witnesses know that it is held back no longer.
 * So they can give it to the heir when the peer is gone, without asking it.
 *
 * @param version rises with every change
 * @param before the witnesses of the version before, if that held anything back: a majority of them must know this one, too
 * @param witnesses a majority of these, counting the peer itself, must know it
 * @param heir the only one that may take what is held back; absent if nothing is
 * @param parts at most one of each pool
 */
public record Reserve(
        PeerName peer,
        long version,
        List<PeerName> before,
        List<PeerName> witnesses,
        Optional<PeerName> heir,
        List<Part> parts) {

    public Reserve {
        before = List.copyOf(before);
        witnesses = List.copyOf(witnesses);
        parts = List.copyOf(parts);
    }

    /**
     * Free space of one pool.
     *
     * @param first its first address
     * @param size how many addresses, at least one
     */
    public record Part(Cidr pool, IpAddress first, long size) {}
}
