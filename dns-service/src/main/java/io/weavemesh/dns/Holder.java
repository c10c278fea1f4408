package io.weavemesh.dns;

import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.util.Comparator;

/**
 * Why a name has an address: a row of the table, and the peer that wrote it. Two peers, or two endpoints, may give a name
 * the same address; it stays until both have taken it away.
 *
 * @param near whether that peer's addresses are to come first
 */
record Holder(PeerName origin, NameRow row, boolean near) {

    /** Holders of one name: those of one address side by side. Equal are two that say the same, maybe with other details. */
    static final Comparator<Holder> BY_ADDRESS = Comparator.comparing(
                    (Holder holder) -> holder.row().address())
            .thenComparing(holder -> holder.row().endpoint())
            .thenComparing(Holder::origin);

    /**
     * Holders of one address, the preferred name first: of several the first in order, as the forerunner did, but a
     * container's identifier only if there is no other.
     */
    static final Comparator<Holder> BY_NAME = Comparator.comparing(Holder::isIdentifier)
            .thenComparing(holder -> holder.row().name())
            .thenComparing(holder -> holder.row().endpoint())
            .thenComparing(Holder::origin);

    /** Docker gives every container the start of its identifier as an alias; people want to see another name. */
    private boolean isIdentifier() {
        String name = row.name().value();
        return row.container().value().startsWith(name.substring(0, name.indexOf('.')));
    }
}
