package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/** News between the ipam services of all peers. */
public sealed interface IpamBroadcast extends Broadcast {

    /** A ring changed; receivers merge it. Also sent periodically. */
    record RingNews(Founding founding, RingState ring) implements IpamBroadcast {}

    /** A fingerprint of everything replicated; a receiver whose own differs pulls. */
    record RingDigest(long hash) implements IpamBroadcast {}

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

    /** Peers that take part, told to each other so that a proposer knows whom to found with. */
    record Electors(List<PeerName> known) implements IpamBroadcast {
        public Electors {
            known = List.copyOf(known);
        }
    }
}
