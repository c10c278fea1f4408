package io.weavemesh.ipam;

import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolStatus;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.PeerName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is said about address management. */
final class Status {

    private Status() {}

    static IpamStatus of(IpamState state, int pending) {
        List<PoolStatus> pools = new ArrayList<>();
        for (Allocations pool : state.pools()) {
            if (pool.ring()
                    .pool()
                    .cidr()
                    .equals(state.rules().blocks().numbers().subnet())) {
                continue; // Numbers of subnets, not addresses.
            }
            List<Share> shares = new ArrayList<>();
            pool.shares()
                    .forEach((peer, size) -> shares.add(new Share(
                            peer,
                            size,
                            peer.equals(state.self()) ? Optional.of((long) pool.count()) : Optional.empty())));
            pools.add(
                    state.isUniverse(pool) ? 0 : pools.size(),
                    new PoolStatus(pool.ring().pool().cidr(), shares));
        }
        Set<PeerName> unreachable = state.owners();
        unreachable.removeAll(state.peers());
        unreachable.remove(state.self());
        return new IpamStatus(
                text(state, pending, unreachable),
                state.rules().universe(),
                state.rules().defaultSubnet(),
                pools,
                unreachable,
                pending,
                List.copyOf(state.conflicts()));
    }

    private static String text(IpamState state, int pending, Set<PeerName> unreachable) {
        if (state.founding().isEmpty()) {
            return state.rules().mode() instanceof InitMode.Consensus consensus
                    ? "awaiting consensus (quorum: " + consensus.quorum() + ", known: "
                            + (state.peers().size() + 1) + ")"
                    : "priming";
        }
        if (state.hasLeft()) {
            return "handed over";
        }
        if (unreachable.containsAll(state.owners())) {
            return "all IP ranges owned by unreachable peers - use 'rmpeer' if they are dead";
        }
        return pending == 0 ? "ready" : "waiting for IP(s) to become available";
    }
}
