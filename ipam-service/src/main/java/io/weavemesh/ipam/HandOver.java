package io.weavemesh.ipam;

import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply.HandedOver;
import io.weavemesh.contract.IpamRequest.AcceptSpace;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RingState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The handing of all our space to another peer, for {@code weave reset}: first what is held back is freed, then all is given. */
final class HandOver {

    /** For the witnesses to note that nothing is held back any more. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final IpamState state;
    private final Reserves reserves;
    private Optional<Leaving> leaving = Optional.empty();

    private record Leaving(long call, Instant deadline) {}

    HandOver(IpamState state, Reserves reserves) {
        this.state = state;
        this.reserves = reserves;
    }

    boolean isUnderWay() {
        return leaving.isPresent();
    }

    void begin(long call) {
        if (leaving.isPresent()) {
            state.fail(call, Failure.Code.NOT_READY, "this peer is just handing its addresses over");
            return;
        }
        leaving = Optional.of(new Leaving(call, state.now().plus(PATIENCE)));
        reserves.freeAll();
        proceed();
    }

    /** Goes on when nothing is held back, or gives up. */
    void proceed() {
        if (leaving.isEmpty()) {
            return;
        }
        long call = leaving.get().call();
        if (reserves.isNone() || state.peers().isEmpty()) {
            leaving = Optional.empty();
            give(call);
        } else if (!state.now().isBefore(leaving.get().deadline())) {
            leaving = Optional.empty();
            reserves.hold();
            state.fail(call, Failure.Code.UNAVAILABLE, reserves.whyNotFree());
        }
    }

    /** Somebody who has not heard yet that we leave may have given us something. */
    void tick() {
        boolean ownsSomething = state.pools().stream()
                .anyMatch(pool -> !pool.ring().ranges(state.self()).isEmpty());
        if (state.hasLeft() && ownsSomething && leaving.isEmpty()) {
            giveAll(reply -> {});
        }
    }

    private void give(long call) {
        state.leave();
        state.pools()
                .forEach(pool -> pool.all()
                        .forEach(allocation -> pool.release(allocation.address().address(), Instant.MIN)
                                .ifPresent(state::erase)));
        giveAll(reply -> state.reply(call, reply));
    }

    private void giveAll(Consumer<Reply> then) {
        Set<PeerName> owners = state.owners();
        Optional<PeerName> heir = state.stayingPeers().stream()
                .min(Comparator.<PeerName, Boolean>comparing(peer -> !owners.contains(peer))
                        .thenComparing(Comparator.naturalOrder()));
        if (heir.isEmpty() || state.founding().isEmpty()) {
            then.accept(new HandedOver(Optional.empty(), 0));
            return;
        }
        long addresses = 0;
        List<RingState> open = new ArrayList<>();
        for (Allocations pool : state.pools()) {
            long given = pool.ring().takeOver(state.self(), heir.get());
            if (given > 0) {
                addresses += state.isUniverse(pool) ? given : 0;
                pool.ringChanged();
                state.changed(pool);
            }
            open.add(pool.ring().state()); // Of an attempt before, it may not have heard.
        }
        confirm(then, heir.get(), open, addresses);
    }

    /** One ring after the other: the heir has each on disk when it says so. */
    private void confirm(Consumer<Reply> then, PeerName heir, List<RingState> open, long addresses) {
        if (open.isEmpty()) {
            then.accept(new HandedOver(Optional.of(heir), addresses));
            return;
        }
        state.question(heir, new AcceptSpace(open.getFirst()), (from, answer) -> {
            if (answer.orElse(null) instanceof Done) {
                confirm(then, heir, open.subList(1, open.size()), addresses);
            } else {
                then.accept(new Failure(
                        Failure.Code.UNAVAILABLE,
                        "peer " + state.label(heir)
                                + " did not confirm that it has the space of this one; try again, or 'weave rmpeer "
                                + state.self() + "' there later"));
            }
        });
    }
}
