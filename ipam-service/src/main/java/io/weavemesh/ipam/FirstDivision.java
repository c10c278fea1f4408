package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Founding;
import io.weavemesh.contract.IpamBroadcast;
import io.weavemesh.contract.IpamBroadcast.Accept;
import io.weavemesh.contract.IpamBroadcast.Accepted;
import io.weavemesh.contract.IpamBroadcast.AcceptedNews;
import io.weavemesh.contract.IpamBroadcast.Ballot;
import io.weavemesh.contract.IpamBroadcast.Prepare;
import io.weavemesh.contract.IpamBroadcast.Promise;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/*
 * Single-decree Paxos (Lamport, "Paxos Made Simple") over best-effort broadcast. Every peer is proposer, acceptor and learner.
 * Promises and acceptances are durable before they are told, so a restarted peer keeps its word. A value is chosen when a
 * quorum accepted it in one ballot; whoever learns that tells all. The proposer founds with the peers it knows to be present,
 * unless a promise brings it a value accepted before. Proposals are repeated after a time that differs from peer to peer, so
 * that two of them do not outbid each other for ever.
 */

/** The agreement on who founds the rings. Happens once in the life of a cluster. */
public final class FirstDivision {

    /** The acceptor's durable memory. */
    public record Memory(long round, Optional<Ballot> promised, Optional<Accepted> accepted) {
        public static final Memory EMPTY = new Memory(0, Optional.empty(), Optional.empty());
    }

    private static final Duration REPEAT = Duration.ofMillis(400);

    private final PeerName self;
    private final Cidr universe;
    private final int quorum;
    private final boolean voter;
    private Memory memory;
    private Optional<Ballot> proposal = Optional.empty();
    private final Map<PeerName, Optional<Accepted>> promises = new HashMap<>();
    private final Map<Accepted, Set<PeerName>> acceptances = new HashMap<>();
    private boolean accepting;
    private Instant nextProposal = Instant.MIN;

    FirstDivision(PeerName self, Cidr universe, InitMode mode, Memory memory) {
        this.self = self;
        this.universe = universe;
        this.voter = mode instanceof InitMode.Consensus;
        this.quorum = mode instanceof InitMode.Consensus consensus ? consensus.quorum() : Integer.MAX_VALUE;
        this.memory = memory;
    }

    /** What a step of the agreement leads to: news for all, and perhaps the result. */
    record Outcome(List<IpamBroadcast> news, Optional<Founding> chosen, boolean remember) {
        static final Outcome NOTHING = new Outcome(List.of(), Optional.empty(), false);
    }

    Memory memory() {
        return memory;
    }

    int quorum() {
        return quorum;
    }

    /** Proposes, if enough peers are present and nobody else got through lately. */
    Outcome tick(Collection<PeerName> present, Instant now) {
        if (!voter || present.size() + 1 < quorum || now.isBefore(nextProposal)) {
            return Outcome.NOTHING;
        }
        long rank = present.stream().filter(peer -> peer.compareTo(self) < 0).count();
        nextProposal = now.plus(REPEAT.multipliedBy(2 + rank));
        memory = new Memory(memory.round() + 1, memory.promised(), memory.accepted());
        Ballot ballot = new Ballot(memory.round(), self);
        proposal = Optional.of(ballot);
        promises.clear();
        accepting = false;
        List<IpamBroadcast> news = new ArrayList<>(List.of(new Prepare(ballot)));
        return merge(new Outcome(news, Optional.empty(), true), hear(self, new Prepare(ballot), present));
    }

    /** Takes part. */
    Outcome hear(PeerName from, IpamBroadcast news, Collection<PeerName> present) {
        if (!voter) {
            return news instanceof AcceptedNews accepted ? learn(from, accepted.accepted()) : Outcome.NOTHING;
        }
        return switch (news) {
            case Prepare prepare -> prepare(prepare.ballot(), present);
            case Promise promise -> promise(from, promise, present);
            case Accept accept -> accept(accept);
            case AcceptedNews accepted -> learn(from, accepted.accepted());
            default -> Outcome.NOTHING;
        };
    }

    private Outcome prepare(Ballot ballot, Collection<PeerName> present) {
        if (memory.promised().isPresent() && ballot.compareTo(memory.promised().get()) < 0) {
            return Outcome.NOTHING;
        }
        memory = new Memory(Math.max(memory.round(), ballot.round()), Optional.of(ballot), memory.accepted());
        Promise promise = new Promise(ballot, memory.accepted());
        return merge(new Outcome(List.of(promise), Optional.empty(), true), promise(self, promise, present));
    }

    private Outcome promise(PeerName from, Promise promise, Collection<PeerName> present) {
        if (accepting || !proposal.equals(Optional.of(promise.ballot()))) {
            return Outcome.NOTHING;
        }
        promises.put(from, promise.accepted());
        if (promises.size() < quorum) {
            return Outcome.NOTHING;
        }
        accepting = true;
        Founding value = promises.values().stream()
                .flatMap(Optional::stream)
                .max(Comparator.comparing(Accepted::ballot))
                .map(Accepted::value)
                .orElseGet(() -> foundWith(present));
        Accept accept = new Accept(promise.ballot(), value);
        return merge(new Outcome(List.of(accept), Optional.empty(), false), accept(accept));
    }

    private Founding foundWith(Collection<PeerName> present) {
        List<PeerName> founders = new ArrayList<>(present);
        founders.add(self);
        return new Founding(universe, founders);
    }

    private Outcome accept(Accept accept) {
        if (memory.promised().isPresent()
                && accept.ballot().compareTo(memory.promised().get()) < 0) {
            return Outcome.NOTHING;
        }
        Accepted accepted = new Accepted(accept.ballot(), accept.value());
        memory = new Memory(
                Math.max(memory.round(), accept.ballot().round()), Optional.of(accept.ballot()), Optional.of(accepted));
        return merge(new Outcome(List.of(new AcceptedNews(accepted)), Optional.empty(), true), learn(self, accepted));
    }

    private Outcome learn(PeerName from, Accepted accepted) {
        Set<PeerName> who = acceptances.computeIfAbsent(accepted, key -> new HashSet<>());
        who.add(from);
        return voter && who.size() >= quorum
                ? new Outcome(List.of(), Optional.of(accepted.value()), false)
                : Outcome.NOTHING;
    }

    private static Outcome merge(Outcome first, Outcome second) {
        List<IpamBroadcast> news = new ArrayList<>(first.news());
        news.addAll(second.news());
        return new Outcome(
                news,
                first.chosen().isPresent() ? first.chosen() : second.chosen(),
                first.remember() || second.remember());
    }
}
