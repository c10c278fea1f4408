package io.weavemesh.contract;

import java.util.Optional;

/** News between the ipam services of all peers. */
public sealed interface IpamBroadcast extends Broadcast {

    /**
     * A ring changed; receivers merge it.
     *
     * @param inUse whether the teller has given out addresses; of two divisions that meet, one nobody uses gives way
     */
    record RingNews(Founding founding, boolean inUse, RingState ring) implements IpamBroadcast {}

    /**
     * A fingerprint of everything replicated; a receiver whose own differs pulls.
     *
     * @param leaving whether the teller hands its space over and wants no more
     */
    record RingDigest(long hash, boolean leaving) implements IpamBroadcast {}

    /** A ballot of the first division, ordered by round and then by name. */
    record Ballot(long round, PeerName proposer) implements Comparable<Ballot> {
        @Override
        public int compareTo(Ballot other) {
            int byRound = Long.compare(round, other.round);
            return byRound != 0 ? byRound : proposer.compareTo(other.proposer);
        }
    }

    /** A founding that was accepted in a ballot. */
    record Accepted(Ballot ballot, Founding value) {}

    /** Paxos phase 1a. */
    record Prepare(Ballot ballot) implements IpamBroadcast {}

    /** Paxos phase 1b. */
    record Promise(Ballot ballot, Optional<Accepted> accepted) implements IpamBroadcast {}

    /** Paxos phase 2a. */
    record Accept(Ballot ballot, Founding value) implements IpamBroadcast {}

    /** Paxos phase 2b, heard by all, so that everybody learns. */
    record AcceptedNews(Accepted accepted) implements IpamBroadcast {}
}
