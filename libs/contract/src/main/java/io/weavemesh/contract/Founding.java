package io.weavemesh.contract;

import java.util.List;

/**
 * The result of the first division: the universe and the peers it was divided among. It never changes again, and every
 * ring is a pure function of it and of later grants.
 *
 * @param universe all addresses the peers may hand out
 * @param founders in order, without duplicates, at least one
 */
public record Founding(Cidr universe, List<PeerName> founders) {
    public Founding {
        founders = founders.stream().distinct().sorted().toList();
        Check.argument(!founders.isEmpty(), "a founding needs at least one peer");
    }
}
