package io.weavemesh.ipam;

import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply.Fenced;
import io.weavemesh.contract.IpamReply.TakenOver;
import io.weavemesh.contract.IpamRequest.FencePeers;
import io.weavemesh.contract.IpamRequest.RemovePeer;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/*
 * Why everybody must agree. A peer that is gone may have granted space shortly before; the peers that got it have that on
 * disk, but perhaps nobody else knows. So the heir, the least of the other owners and thus the same wherever it is asked for,
 * fences the peer at all others, who tell their rings with that, and only then takes anything. Where one is missing, an
 * operator can say that it is gone as well.
 */

/** The taking of all space of peers that an operator says are gone for good. */
final class Removals {

    private final IpamState state;
    private final Fences fences;
    private final Set<PeerName> saidGone = new TreeSet<>();
    private Optional<Removal> running = Optional.empty();

    /** One at a time. */
    private record Removal(
            long attempt, Set<PeerName> gone, Set<PeerName> asked, Set<PeerName> toFence, List<Call> calls) {}

    private record Call(long number, PeerName gone) {}

    Removals(IpamState state, Fences fences) {
        this.state = state;
        this.fences = fences;
    }

    boolean isRunning() {
        return running.isPresent();
    }

    /** Finds the peer and the heir, and lets that one do it. */
    void remove(long call, String text) {
        if (state.founding().isEmpty()) {
            state.fail(call, Failure.Code.NOT_READY, "addresses are not divided yet, there is nothing to take");
            return;
        }
        Optional<PeerName> named = state.named(text);
        if (named.isEmpty()) {
            state.fail(call, Failure.Code.NOT_FOUND, "no peer is known by the name or nickname '" + text + "'");
            return;
        }
        PeerName gone = named.get();
        if (gone.equals(state.self()) || state.isPresent(gone)) {
            state.fail(
                    call,
                    Failure.Code.CONFLICT,
                    "peer " + state.label(gone) + " is running; use 'weave reset' on it to hand its addresses over");
            return;
        }
        Set<PeerName> owners = state.owners();
        if (!owners.contains(gone) && state.isRemoved(gone)) {
            state.reply(call, new TakenOver(gone, 0));
            return;
        }
        saidGone.add(gone);
        owners.removeAll(saidGone);
        List<String> missing = owners.stream()
                .filter(peer -> !peer.equals(state.self()) && !state.isPresent(peer))
                .map(state::label)
                .toList();
        if (!missing.isEmpty()) {
            state.fail(
                    call,
                    Failure.Code.UNAVAILABLE,
                    "peer " + String.join(", ", missing) + " is not reachable either and may have got space from "
                            + state.label(gone) + ": start it, or remove it as well if it is gone for good");
            return;
        }
        PeerName heir = heir(owners);
        if (heir.equals(state.self())) {
            fence(new Call(call, gone));
        } else {
            forward(call, gone, heir);
        }
    }

    private PeerName heir(Set<PeerName> owners) {
        return owners.stream().min(PeerName::compareTo).orElse(state.self());
    }

    private void forward(long call, PeerName gone, PeerName heir) {
        saidGone.stream()
                .filter(peer -> !peer.equals(gone))
                .forEach(peer -> state.question(heir, new RemovePeer(peer.toString()), (from, answer) -> {}));
        state.question(
                heir,
                new RemovePeer(gone.toString()),
                (from, answer) -> state.reply(
                        call,
                        answer.orElseGet(() -> new Failure(
                                Failure.Code.UNAVAILABLE,
                                "peer " + state.label(from)
                                        + ", which would take the addresses, did not answer; try again"))));
    }

    private void fence(Call call) {
        Optional<Removal> same = running.filter(removal -> removal.gone().contains(call.gone()));
        if (same.isPresent()) {
            same.get().calls().add(call);
            return;
        }
        Optional<Long> attempt = running.isPresent() ? Optional.empty() : fences.begin(saidGone);
        if (attempt.isEmpty()) {
            state.fail(call.number(), Failure.Code.NOT_READY, "another peer is just being removed; try again");
            return;
        }
        Set<PeerName> others = Set.copyOf(state.peers());
        running = Optional.of(new Removal(
                attempt.get(), Set.copyOf(saidGone), others, new HashSet<>(others), new ArrayList<>(List.of(call))));
        FencePeers request = new FencePeers(state.founding().orElseThrow(), List.copyOf(saidGone), true, attempt.get());
        others.forEach(peer -> state.question(peer, request, (from, answer) -> fenced(attempt.get(), from, answer)));
        takeIfAllAreFenced();
    }

    private void fenced(long attempt, PeerName from, Optional<Reply> answer) {
        Optional<Removal> removal = running.filter(one -> one.attempt() == attempt);
        if (removal.isEmpty()) {
            return;
        }
        if (answer.orElse(null) instanceof Fenced fenced && fenced.refusal().isEmpty()) {
            state.learn(from, fenced.rings());
            removal.get().toFence().remove(from);
            takeIfAllAreFenced();
        } else {
            String why = answer.orElse(null) instanceof Fenced refused
                    ? refused.refusal().orElseThrow()
                    : "it did not answer";
            refuse(Failure.Code.UNAVAILABLE, "peer " + state.label(from) + " did not agree: " + why);
        }
    }

    private void takeIfAllAreFenced() {
        Removal removal = running.orElseThrow();
        if (!removal.toFence().isEmpty()) {
            return;
        }
        Set<PeerName> owners = state.owners();
        owners.removeAll(removal.gone());
        boolean allAsked = owners.stream()
                .allMatch(peer -> peer.equals(state.self()) || removal.asked().contains(peer));
        if (state.hasLeft() || !allAsked || !heir(owners).equals(state.self())) {
            refuse(Failure.Code.NOT_READY, "the owners of space changed meanwhile; try again");
            return;
        }
        List<TakenOver> taken = removal.calls().stream()
                .map(call -> new TakenOver(call.gone(), inUniverse(call.gone())))
                .toList();
        for (Allocations pool : List.copyOf(state.pools())) {
            long addresses = removal.gone().stream()
                    .mapToLong(peer -> pool.ring().takeOver(peer, state.self()))
                    .sum();
            if (addresses > 0) {
                pool.ringChanged();
                state.changed(pool);
            }
        }
        state.removed(removal.gone());
        state.note("Took the space of peers that are gone. peers=" + removal.gone());
        for (int i = 0; i < taken.size(); i++) {
            state.reply(removal.calls().get(i).number(), taken.get(i));
        }
        end(removal);
    }

    private long inUniverse(PeerName peer) {
        Ring ring = state.ensurePool(state.rules().universe()).ring();
        return ring.owned(peer, new Range(0, ring.pool().size()));
    }

    /** The rings are others now. */
    void abort() {
        running.ifPresent(removal -> refuse(Failure.Code.NOT_READY, "the addresses were divided anew; try again"));
    }

    private void refuse(Failure.Code code, String text) {
        Removal removal = running.orElseThrow();
        removal.calls().forEach(call -> state.fail(call.number(), code, text));
        end(removal);
    }

    private void end(Removal removal) {
        fences.end(removal.attempt());
        running = Optional.empty();
    }

    /** Who is here was not gone for good. */
    void peersChanged() {
        saidGone.removeAll(state.peers());
    }
}
