package io.weavemesh.contract;

/** A row of an owned table: written by one peer, read by all. */
public sealed interface TableRow permits EndpointRow, NameRow, NetworkRow {

    /** Identifies the row within its owner's part of the table. */
    String key();
}
