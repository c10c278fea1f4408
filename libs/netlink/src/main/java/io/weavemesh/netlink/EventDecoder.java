package io.weavemesh.netlink;

import java.util.Optional;

/** Turns the messages of multicast groups into events. */
final class EventDecoder {

    private EventDecoder() {}

    /**
     * The event a message means; empty for what nobody here cares about.
     *
     * @throws MalformedMessageException if the message is not what it claims to be
     */
    static Optional<NetlinkEvent> decode(NetlinkMessage message) {
        return switch (message.type()) {
            case LinkMessages.RTM_NEWLINK, LinkMessages.RTM_DELLINK -> link(message);
            case NeighbourMessages.RTM_NEWNEIGH, NeighbourMessages.RTM_DELNEIGH -> neighbour(message);
            case AddressMessages.RTM_NEWADDR ->
                message.decode("address event", AddressMessages::decode).map(NetlinkEvent.AddressAdded::new);
            case AddressMessages.RTM_DELADDR ->
                message.decode("address event", AddressMessages::decode).map(NetlinkEvent.AddressRemoved::new);
            case RouteMessages.RTM_NEWROUTE ->
                message.decode("route event", RouteMessages::decode).map(NetlinkEvent.RouteAdded::new);
            case RouteMessages.RTM_DELROUTE ->
                message.decode("route event", RouteMessages::decode).map(NetlinkEvent.RouteRemoved::new);
            case NetlinkMessage.NLMSG_OVERRUN -> Optional.of(new NetlinkEvent.Resync("the kernel reported an overrun"));
            default -> Optional.empty();
        };
    }

    /** The same for the messages of nftables, of which it matters only which table they are about. */
    static Optional<NetlinkEvent> decodeNftables(NetlinkMessage message) {
        if (message.type() == NetlinkMessage.NLMSG_OVERRUN) {
            return Optional.of(new NetlinkEvent.Resync("the kernel reported an overrun"));
        }
        boolean aboutTable =
                message.type() >> 8 == NftMessages.SUBSYSTEM && message.type() != NftTableMessages.NFT_MSG_NEWGEN;
        if (!aboutTable) {
            return Optional.empty();
        }
        MessageReader table =
                message.body("nftables event").skip(4).attributes().get(NftTableMessages.TABLE);
        return Optional.ofNullable(table).map(MessageReader::asText).map(NetlinkEvent.RulesChanged::new);
    }

    /** RTM_DELLINK of family AF_BRIDGE says that a port left its bridge, not that the device is gone. */
    private static Optional<NetlinkEvent> link(NetlinkMessage message) {
        boolean removed = message.type() == LinkMessages.RTM_DELLINK;
        int family = message.body("link event").u8();
        if (family == LinkMessages.AF_BRIDGE) {
            return message.decode("bridge port event", body -> LinkDecoder.portEvent(body, removed));
        }
        if (family != LinkMessages.AF_UNSPEC) {
            return Optional.empty();
        }
        Link link = message.decode("link event", LinkDecoder::decode);
        return Optional.of(removed ? new NetlinkEvent.LinkDeleted(link) : new NetlinkEvent.LinkChanged(link));
    }

    private static Optional<NetlinkEvent> neighbour(NetlinkMessage message) {
        boolean removed = message.type() == NeighbourMessages.RTM_DELNEIGH;
        if (NeighbourMessages.isFdb(message)) {
            return message.decode("FDB event", NeighbourMessages::decodeFdb)
                    .map(entry -> removed ? new NetlinkEvent.FdbRemoved(entry) : new NetlinkEvent.FdbChanged(entry));
        }
        return message.decode("neighbour event", NeighbourMessages::decodeNeighbour)
                .map(neighbour -> removed
                        ? new NetlinkEvent.NeighbourRemoved(neighbour)
                        : new NetlinkEvent.NeighbourChanged(neighbour));
    }
}
