package io.weavemesh.ipam;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.PeerName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How the universe is first divided: {@code --ipalloc-init}. */
public sealed interface InitMode {

    /** The peers agree, once a majority of the expected number is present. */
    record Consensus(int expectedPeers) implements InitMode {
        /** How many peers must take part. */
        int quorum() {
            return expectedPeers / 2 + 1;
        }
    }

    /** These peers get equal shares; nobody is asked. */
    record Seed(List<PeerName> peers) implements InitMode {
        public Seed {
            peers = List.copyOf(peers);
        }
    }

    /** Somebody else decides. */
    record Observer() implements InitMode {}

    /**
     * Reads {@code consensus}, {@code consensus=3}, {@code seed=NAME,NAME} or {@code observer}.
     *
     * @param expectedPeers what to expect if no number is given
     * @throws IllegalArgumentException if it is none of these
     */
    static InitMode parse(Optional<String> text, int expectedPeers) {
        String mode = text.orElse("consensus");
        if (mode.equals("consensus")) {
            return new Consensus(Math.max(1, expectedPeers));
        }
        if (mode.matches("consensus=[1-9]\\d{0,4}")) {
            return new Consensus(Integer.parseInt(mode.substring(10)));
        }
        if (mode.startsWith("seed=") && mode.length() > 5) {
            return new Seed(Arrays.stream(mode.substring(5).split(",", -1))
                    .map(PeerName::parse)
                    .toList());
        }
        Check.argument(
                mode.equals("observer"),
                "'%s' is no way to divide addresses (expected consensus, consensus=N, seed=NAME,NAME… or observer)",
                mode);
        return new Observer();
    }
}
