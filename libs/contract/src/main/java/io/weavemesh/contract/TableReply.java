package io.weavemesh.contract;

import java.util.List;

/** Answers about an owned table. */
public sealed interface TableReply extends Reply {

    /**
     * One page of the origin's part, in an order that holds until the part changes.
     *
     * @param sequence the last delta this page contains; pages of one pull must agree on incarnation and sequence
     * @param more whether there are rows behind the last one of this page
     */
    record TablePage(PeerName origin, long incarnation, long sequence, List<TableRow> rows, boolean more)
            implements TableReply {
        public TablePage {
            rows = List.copyOf(rows);
        }
    }
}
