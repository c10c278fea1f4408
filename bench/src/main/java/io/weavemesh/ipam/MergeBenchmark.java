package io.weavemesh.ipam;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RingState;
import io.weavemesh.contract.RingState.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Another peer's copy of a ring with 1,000 peers and 10,000 tokens is taken, and our own space counted anew. */
@State(Scope.Thread)
public class MergeBenchmark {

    private static final int PEERS = 1_000;
    private static final int TOKENS = 10_000;
    private static final int HELD = 500;
    private static final PeerName SELF = new PeerName(1);
    private static final PeerName OTHER = new PeerName(2);
    private static final Cidr UNIVERSE = Cidr.parse("10.32.0.0/12");

    /** What is new in the other copy. */
    public enum News {
        /** Both are the same. */
        NOTHING,
        /** Every token of another peer has a higher version. */
        VERSIONS,
        /** Nine of ten tokens are not known here. */
        TOKENS
    }

    @Param
    News news = News.NOTHING;

    private RingState theirs = Ring.founded(UNIVERSE, List.of(SELF));
    private Allocations allocations = new Allocations(SELF, new Ring(theirs));

    @Setup(Level.Invocation)
    public void fresh() {
        theirs = ring(TOKENS, news == News.VERSIONS ? 2 : 1);
        RingState ours = ring(news == News.TOKENS ? TOKENS / 10 : TOKENS, 1);
        allocations = new Allocations(SELF, new Ring(ours));
        PoolName pool = new PoolName(UNIVERSE, UNIVERSE);
        for (int i = 0; i < (news == News.TOKENS ? 50 : HELD); i++) {
            Owner owner = new Owner(Owner.Kind.ENDPOINT, "endpoint-" + i, Optional.empty());
            var _ = allocations.allocate(pool, owner, Instant.EPOCH).orElseThrow();
        }
    }

    /** What the core does when a peer tells its ring. */
    @Benchmark
    public Object merge() {
        Ring.Merge merge = allocations.ring().merge(SELF, OTHER, theirs, allocations::inUse);
        if (!merge.refused().isEmpty()) {
            throw new IllegalStateException(merge.refused().getFirst());
        }
        if (merge.changed()) {
            allocations.ringChanged();
        }
        return merge;
    }

    private static RingState ring(int count, long version) {
        long step = (1L << UNIVERSE.hostBits()) / TOKENS;
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PeerName owner = new PeerName(1 + i * 7919L % PEERS);
            tokens.add(new Token(UNIVERSE.first().plus(i * step), owner, owner.equals(SELF) ? 1 : version, 0));
        }
        return new RingState(UNIVERSE, tokens);
    }
}
