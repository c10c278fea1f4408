package io.weavemesh.dns;

import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;

/**
 * Why a name has an address: a row of the table, and the peer that wrote it. Two peers, or two endpoints, may give a name
 * the same address; it stays until both have taken it away.
 */
record Holder(PeerName origin, NameRow row) {

    /** Whether the other says the same, so that it takes this one's place. */
    boolean replaces(Holder other) {
        return origin.equals(other.origin)
                && row.endpoint().equals(other.row.endpoint())
                && row.address().equals(other.row.address())
                && row.name().equals(other.row.name());
    }
}
