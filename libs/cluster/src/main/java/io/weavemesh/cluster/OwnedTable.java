package io.weavemesh.cluster;

/** The algorithm of an owned table. */
final class OwnedTable {
    private OwnedTable() {}
}
