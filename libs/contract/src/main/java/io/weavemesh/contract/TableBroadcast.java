package io.weavemesh.contract;

import java.util.List;

/** News of an owned table. {@code origin} is the only peer that writes the part of the table the news is about. */
public sealed interface TableBroadcast extends Broadcast {

    PeerName origin();

    /**
     * Changes to the origin's part.
     *
     * @param incarnation rises with every start of the origin's service
     * @param sequence number of this delta within the incarnation, from 1 without gaps
     */
    record TableDelta(PeerName origin, long incarnation, long sequence, List<TableRow> put, List<String> removed)
            implements TableBroadcast {
        public TableDelta {
            put = List.copyOf(put);
            removed = List.copyOf(removed);
        }
    }

    /** What the origin's part looks like at a sequence number, sent periodically so that losses are noticed. */
    record TableDigest(PeerName origin, long incarnation, long sequence, long hash) implements TableBroadcast {}
}
