package io.weavemesh.ipam;

import io.weavemesh.contract.IpamReply.FenceState;
import io.weavemesh.contract.IpamReply.Fenced;
import io.weavemesh.contract.IpamRequest.FencePeers;
import io.weavemesh.contract.IpamRequest.FenceQuery;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Reserve;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/*
 * A fence is a promise that outlives crashes: not to help anybody but one heir to the space of a peer that is gone, and not to
 * note what that peer says it holds back. It stands until the heir says that it needs it no longer, and tells its rings with
 * that; so whoever has been fenced once and helps the next knows what the first has taken.
 */

/** The peers that this one has fenced for others and for itself. */
final class Fences {

    /** Whose space is fenced, and for whom, in which of its attempts. */
    public record Fence(PeerName gone, PeerName heir, long attempt) {}

    private final IpamState state;
    private final Optional<Duration> reclaimAfter;
    private final Map<PeerName, Fence> fences = new TreeMap<>();
    private final Set<Long> attempts = new HashSet<>();
    private long lastAttempt;

    Fences(IpamState state, Collection<Fence> durable) {
        this.state = state;
        this.reclaimAfter = state.rules().reclaimAfter();
        durable.forEach(fence -> fences.put(fence.gone(), fence));
    }

    boolean isFenced(PeerName peer) {
        return fences.containsKey(peer);
    }

    // ---- the heir ----

    /** Fences peers for ourselves, if nobody else is about to take their space. */
    Optional<Long> begin(Collection<PeerName> gone) {
        lastAttempt = Math.max(lastAttempt + 1, state.now().toEpochMilli());
        if (gone.stream().anyMatch(peer -> obstacle(peer, state.self(), gone).isPresent())) {
            return Optional.empty();
        }
        gone.forEach(peer -> put(new Fence(peer, state.self(), lastAttempt)));
        attempts.add(lastAttempt);
        return Optional.of(lastAttempt);
    }

    /** Whatever came of it. */
    void end(long attempt) {
        attempts.remove(attempt);
        List.copyOf(fences.values()).stream()
                .filter(fence -> fence.heir().equals(state.self()) && fence.attempt() == attempt)
                .forEach(this::lift);
    }

    Reply answer(FenceQuery query) {
        return new FenceState(attempts.contains(query.attempt()), state.isRemoved(query.gone()), state.rings());
    }

    // ---- the others ----

    Reply answer(PeerName heir, FencePeers request, Collection<Reserve> noted) {
        Optional<String> refusal = request.gone().stream()
                .flatMap(gone -> refuse(heir, gone, request, noted).stream())
                .findFirst();
        if (refusal.isEmpty()) {
            request.gone().forEach(gone -> put(new Fence(gone, heir, request.attempt())));
        }
        return new Fenced(
                refusal,
                noted.stream()
                        .filter(reserve -> request.gone().contains(reserve.peer()))
                        .toList(),
                state.rings());
    }

    private Optional<String> refuse(PeerName heir, PeerName gone, FencePeers request, Collection<Reserve> noted) {
        if (state.hasLeft()) {
            return Optional.of("it is leaving");
        }
        if (!state.founding().equals(Optional.of(request.founding()))) {
            return Optional.of("it knows another division of the addresses");
        }
        if (gone.equals(state.self()) || state.isPresent(gone)) {
            return Optional.of("peer " + state.label(gone) + " is running");
        }
        if (!request.forGood()) {
            if (reclaimAfter.filter(time -> state.isUnseen(gone, time)).isEmpty()) {
                return Optional.of("it has seen peer " + state.label(gone) + " lately");
            }
            if (noted.stream()
                    .anyMatch(reserve ->
                            reserve.peer().equals(gone) && !reserve.heir().equals(Optional.of(heir)))) {
                return Optional.of("it knows another heir");
            }
        }
        return obstacle(gone, heir, request.gone());
    }

    private Optional<String> obstacle(PeerName gone, PeerName heir, Collection<PeerName> allGone) {
        return Optional.ofNullable(fences.get(gone))
                .map(Fence::heir)
                .filter(other -> !other.equals(heir) && !allGone.contains(other) && !state.isRemoved(other))
                .map(other -> "it has just promised that to peer " + state.label(other) + "; try again");
    }

    /** Asks those for whom peers are fenced whether that is still needed. */
    void tick() {
        for (Fence fence : List.copyOf(fences.values())) {
            if (fence.heir().equals(state.self())) {
                if (!attempts.contains(fence.attempt())) {
                    lift(fence); // From before a restart.
                }
            } else if (state.isPresent(fence.heir())) {
                state.question(fence.heir(), new FenceQuery(fence.gone(), fence.attempt()), (from, answer) -> {
                    if (answer.orElse(null) instanceof FenceState fenced && !fenced.needed()) {
                        state.learn(from, fenced.rings());
                        if (fenced.removed()) {
                            state.removed(List.of(fence.gone()));
                        }
                        lift(fence);
                    }
                });
            } else if (state.isRemoved(fence.heir())) {
                lift(fence);
            }
        }
    }

    private void put(Fence fence) {
        fences.put(fence.gone(), fence);
        state.add(new Effect.Persist(IpamCore.FENCES, fence.gone().toString(), fence));
    }

    /** Only if it was not renewed meanwhile. */
    private void lift(Fence fence) {
        if (fences.remove(fence.gone(), fence)) {
            state.add(new Effect.Erase(IpamCore.FENCES, fence.gone().toString()));
        }
    }
}
