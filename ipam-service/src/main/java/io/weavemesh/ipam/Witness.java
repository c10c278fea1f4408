package io.weavemesh.ipam;

import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply.ReserveNoted;
import io.weavemesh.contract.IpamRequest.FencePeers;
import io.weavemesh.contract.IpamRequest.NoteReserve;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Reserve;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What other peers hold back of their free space, as they told us. */
final class Witness {

    private final IpamState state;
    private final Fences fences;
    private final Map<PeerName, Reserve> noted = new TreeMap<>();

    Witness(IpamState state, Fences fences, Collection<Reserve> durable) {
        this.state = state;
        this.fences = fences;
        durable.forEach(reserve -> noted.put(reserve.peer(), reserve));
    }

    List<Reserve> noted() {
        return List.copyOf(noted.values());
    }

    Reply answer(PeerName from, NoteReserve request) {
        Reserve told = request.reserve();
        if (!state.founding().equals(Optional.of(request.founding()))
                || !told.peer().equals(from)) {
            return new Failure(Failure.Code.REFUSED, "this peer knows another division of the addresses");
        }
        if (fences.isFenced(from) || state.hasLeft()) {
            return new Failure(Failure.Code.NOT_READY, "no witness at the moment; try again");
        }
        Reserve before = noted.get(from);
        if (before == null || before.version() < told.version()) {
            note(told);
        }
        return new ReserveNoted(Math.max(told.version(), before == null ? 0 : before.version()), state.rings());
    }

    Reply answer(PeerName from, FencePeers request) {
        return fences.answer(from, request, noted.values());
    }

    void note(Reserve reserve) {
        noted.put(reserve.peer(), reserve);
        state.add(new Effect.Persist(IpamCore.WITNESSED, reserve.peer().toString(), reserve));
    }

    /** Before the rings become others: nothing that was said of the old ones holds. */
    void forget() {
        noted.keySet().forEach(peer -> state.add(new Effect.Erase(IpamCore.WITNESSED, peer.toString())));
        noted.clear();
    }
}
