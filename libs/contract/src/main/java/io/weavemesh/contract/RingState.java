package io.weavemesh.contract;

import java.util.List;

/**
 * Who owns which part of a pool.
 *
 * @param pool the addresses this ring divides
 * @param tokens in order of their address; each owns everything up to the next one, the last one up to the pool's end
 */
public record RingState(Cidr pool, List<Token> tokens) {

    public RingState {
        tokens = List.copyOf(tokens);
    }

    /**
     * The start of a range and its owner.
     *
     * @param version rises with every change by the owner
     * @param free how many addresses of the range are free, a hint for choosing donors
     */
    public record Token(IpAddress start, PeerName owner, long version, long free) {}
}
