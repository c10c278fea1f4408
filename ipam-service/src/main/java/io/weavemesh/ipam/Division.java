package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RingState;
import io.weavemesh.contract.RingState.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * The first ring of a pool: its shares, as equal as alignment to CIDR blocks allows. A pure function of the pool and the
 * founding peers, so that every peer computes the same one without asking anybody.
 *
 * <p>The pool is cut into a power of two of equal blocks, at least {@value #BLOCKS_PER_PEER} for each peer where it has as
 * many addresses, and the peers get runs of blocks that differ by at most one. Three peers get 5, 5 and 6 sixteenths.
 */
final class Division {

    static final int BLOCKS_PER_PEER = 4;

    private Division() {}

    static RingState of(Cidr pool, List<PeerName> founders) {
        Check.that(!founders.isEmpty(), "a division needs a peer");
        int peers = founders.size();
        int blockBits = 0;
        boolean even = Integer.bitCount(peers) == 1;
        while ((1L << blockBits) < (even ? peers : (long) peers * BLOCKS_PER_PEER) && blockBits < pool.hostBits()) {
            blockBits++;
        }
        long blocks = 1L << blockBits;
        int shift = Math.min(pool.hostBits(), Pool.MAX_OFFSET_BITS) - Math.min(blockBits, Pool.MAX_OFFSET_BITS);
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < peers && i < blocks; i++) {
            long firstBlock = blocks * i / peers;
            if (firstBlock < blocks * (i + 1) / peers) {
                tokens.add(new Token(pool.first().plus(firstBlock << shift), founders.get(i), 0, 0));
            }
        }
        return new RingState(pool, tokens);
    }
}
