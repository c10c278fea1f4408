package io.weavemesh.ipam;

import io.weavemesh.contract.IpamReply.Fenced;
import io.weavemesh.contract.IpamRequest.FencePeers;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Reserve;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The taking of what peers hold back when they have been away for {@code --ipalloc-reclaim-after}; see {@link Reserves}. */
final class Inheritance {

    private final IpamState state;
    private final Fences fences;
    private final Witness witness;
    private final Map<PeerName, Taking> takings = new TreeMap<>();
    private final Map<PeerName, Instant> nextTaking = new HashMap<>();

    /** Our attempt to take what a peer held back. */
    private static final class Taking {
        private final PeerName gone;
        private final long attempt;
        private final Set<PeerName> asked = new TreeSet<>();
        private final Set<PeerName> open = new TreeSet<>();
        private final Set<PeerName> fenced = new TreeSet<>();
        private final List<Reserve> heard = new ArrayList<>();

        private Taking(PeerName gone, long attempt) {
            this.gone = gone;
            this.attempt = attempt;
        }

        private Reserve newest() {
            return heard.stream()
                    .max((one, other) -> Long.compare(one.version(), other.version()))
                    .orElseThrow();
        }
    }

    Inheritance(IpamState state, Fences fences, Witness witness) {
        this.state = state;
        this.fences = fences;
        this.witness = witness;
    }

    void tick() {
        if (!state.hasLeft()) {
            state.rules().reclaimAfter().ifPresent(this::inherit);
        }
    }

    void peersChanged() {
        List.copyOf(takings.values()).stream()
                .filter(taking -> state.isPresent(taking.gone))
                .forEach(this::end);
    }

    /** The rings are others now. */
    void abort() {
        List.copyOf(takings.values()).forEach(this::end);
    }

    private void inherit(Duration reclaimAfter) {
        Set<PeerName> owners = state.owners();
        for (Reserve reserve : witness.noted()) {
            PeerName gone = reserve.peer();
            boolean ours = reserve.heir().equals(Optional.of(state.self())) && owners.contains(state.self());
            if (ours
                    && owners.contains(gone)
                    && state.isUnseen(gone, reclaimAfter)
                    && !takings.containsKey(gone)
                    && !state.now().isBefore(nextTaking.getOrDefault(gone, Instant.MIN))) {
                nextTaking.put(gone, state.now().plus(reclaimAfter.dividedBy(4)));
                fences.begin(List.of(gone)).ifPresent(attempt -> {
                    Taking taking = new Taking(gone, attempt);
                    takings.put(gone, taking);
                    taking.asked.add(state.self());
                    taking.fenced.add(state.self());
                    taking.heard.add(reserve);
                    goOn(taking);
                });
            }
        }
    }

    private void fenced(Taking taking, PeerName from, Optional<Reply> answer) {
        if (takings.get(taking.gone) != taking) {
            return;
        }
        taking.open.remove(from);
        if (answer.orElse(null) instanceof Fenced fenced) {
            state.learn(from, fenced.rings());
            fenced.reserves().stream()
                    .filter(reserve -> reserve.peer().equals(taking.gone))
                    .forEach(taking.heard::add);
            if (fenced.refusal().isEmpty()) {
                taking.fenced.add(from);
            }
        }
        goOn(taking);
    }

    private void goOn(Taking taking) {
        Reserve newest = taking.newest();
        if (state.hasLeft()) {
            end(taking);
            return;
        }
        if (!newest.heir().equals(Optional.of(state.self()))) {
            witness.note(newest); // It has another heir by now, or nothing held back.
            end(taking);
            return;
        }
        Stream.concat(newest.before().stream(), newest.witnesses().stream())
                .filter(taking.asked::add)
                .filter(state::isPresent)
                .toList()
                .forEach(peer -> {
                    taking.open.add(peer);
                    state.question(
                            peer,
                            new FencePeers(state.founding().orElseThrow(), List.of(taking.gone), false, taking.attempt),
                            (from, answer) -> fenced(taking, from, answer));
                });
        if (isMajority(newest.before(), taking.fenced) && isMajority(newest.witnesses(), taking.fenced)) {
            take(taking);
            end(taking);
        } else if (taking.open.isEmpty()) {
            end(taking);
        }
    }

    /** Whether most of all are there although the peer itself is not. */
    private static boolean isMajority(List<PeerName> witnesses, Set<PeerName> fenced) {
        long known = witnesses.stream().filter(fenced::contains).count();
        return witnesses.isEmpty() || known >= (witnesses.size() + 1) / 2 + 1;
    }

    private void take(Taking taking) {
        long addresses = 0;
        for (Reserve.Part part : taking.newest().parts()) {
            Allocations pool = state.ensurePool(part.pool());
            Range range = Reserves.range(pool, part);
            for (Reserve heard : taking.heard) {
                range = heard.parts().stream()
                        .filter(other -> other.pool().equals(part.pool()))
                        .map(other -> Reserves.range(pool, other))
                        .findFirst()
                        .orElse(Range.EMPTY)
                        .intersect(range);
            }
            long taken = pool.ring().takeOver(taking.gone, state.self(), range);
            if (taken > 0) {
                addresses += taken;
                pool.ringChanged();
                state.changed(pool);
            }
        }
        // Its version is remembered: an heir of an older one must not believe it is the newest.
        Reserve newest = taking.newest();
        witness.note(new Reserve(
                newest.peer(), newest.version(), newest.before(), newest.witnesses(), Optional.empty(), List.of()));
        state.note("Took free space of a peer that is away; what is in use there stays so. peer="
                + state.label(taking.gone) + " addresses=" + addresses);
    }

    private void end(Taking taking) {
        takings.remove(taking.gone);
        fences.end(taking.attempt);
    }
}
