package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.SpaceAnswer;
import io.weavemesh.contract.IpamRequest.RequestSpace;
import io.weavemesh.contract.PeerName;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The moving of space between present peers that nobody has asked for yet. */
final class Spreading {

    private final IpamState state;

    Spreading(IpamState state) {
        this.state = state;
    }

    void tick() {
        if (!state.hasLeft() && !state.stayingPeers().isEmpty()) {
            List.copyOf(state.pools()).forEach(this::spread);
        }
        reclaim();
    }

    /**
     * Gives space to present peers before they need it, so that a later partition or the death of a founder leaves nobody
     * without: of the peers present, the one that owns most gives to the one that owns least, if that has less than half of a
     * fair share. No block is smaller than a sixteenth of one, so a peer gets at most eight of them in a pool.
     */
    private void spread(Allocations pool) {
        Range all = new Range(0, pool.ring().pool().size());
        Comparator<PeerName> byWealth =
                Comparator.comparingLong(peer -> pool.ring().owned(peer, all));
        Set<PeerName> present = state.stayingPeers();
        present.add(state.self());
        PeerName poorest = Collections.min(present, byWealth);
        long fair =
                present.stream().mapToLong(peer -> pool.ring().owned(peer, all)).sum() / present.size();
        if (Collections.max(present, byWealth).equals(state.self())
                && pool.ring().owned(poorest, all) < fair / 2
                && pool.spread(fair, poorest).isPresent()) {
            state.changed(pool);
        }
    }

    /** Asks the owners of addresses that are in use here to leave them to us, after two divided sides met. */
    void reclaim() {
        for (Allocations pool : state.pools()) {
            for (Allocation held : pool.foreign()) {
                IpAddress address = held.address().address();
                PeerName owner = pool.ring().ownerOf(pool.ring().pool().offset(address));
                if (state.isPresent(owner)) {
                    reclaim(pool, held, owner);
                }
            }
        }
    }

    private void reclaim(Allocations pool, Allocation held, PeerName owner) {
        IpAddress address = held.address().address();
        Cidr only = new Cidr(address, address.family().bits());
        state.question(owner, new RequestSpace(pool.ring().pool().cidr(), only), (from, answer) -> {
            if (answer.orElse(null) instanceof SpaceAnswer space) {
                space.holder()
                        .ifPresent(other -> state.conflict("address " + address + " is held by " + held.owner()
                                + " here and by " + other + " on peer " + state.label(from)
                                + ": recreate one of the two containers"));
                state.learn(from, space.ring());
            }
        });
    }
}
