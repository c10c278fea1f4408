package io.weavemesh.netlink;

/** Something the kernel reported about its own state, whoever caused it, we included. */
public sealed interface NetlinkEvent {

    /** A device appeared or one of its properties changed. */
    record LinkChanged(Link link) implements NetlinkEvent {}

    record LinkDeleted(Link link) implements NetlinkEvent {}

    /** A device became a port of a bridge, or an option of the port changed. */
    record PortChanged(int linkIndex, int bridgeIndex) implements NetlinkEvent {}

    /** A device is no longer a port of this bridge; the device itself may well exist. */
    record PortRemoved(int linkIndex, int bridgeIndex) implements NetlinkEvent {}

    record NeighbourChanged(Neighbour neighbour) implements NetlinkEvent {}

    record NeighbourRemoved(Neighbour neighbour) implements NetlinkEvent {}

    record FdbChanged(FdbEntry entry) implements NetlinkEvent {}

    record FdbRemoved(FdbEntry entry) implements NetlinkEvent {}

    record AddressAdded(InterfaceAddress address) implements NetlinkEvent {}

    record AddressRemoved(InterfaceAddress address) implements NetlinkEvent {}

    record RouteAdded(Route route) implements NetlinkEvent {}

    record RouteRemoved(Route route) implements NetlinkEvent {}

    /** Something about an nftables table of that name, in any family, was made, changed or deleted. */
    record RulesChanged(String table) implements NetlinkEvent {}

    /**
     * Events were lost: compare with a fresh dump.
     *
     * @param reason for the log
     */
    record Resync(String reason) implements NetlinkEvent {}
}
