package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_APPEND;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REPLACE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import io.weavemesh.contract.MacAddress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes and decodes neighbours and FDB entries, which share a message. Numbers from linux/neighbour.h.
 *
 * <p>{@code struct ndmsg}: family u8, padding 3, index s32, state u16, flags u8, type u8.
 */
final class NeighbourMessages {

    static final int RTM_NEWNEIGH = 28;
    static final int RTM_DELNEIGH = 29;
    private static final int RTM_GETNEIGH = 30;

    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NDA_VLAN = 5;
    private static final int NDA_PORT = 6;
    private static final int NDA_VNI = 7;

    private static final int NTF_SELF = 0x02;
    private static final int NTF_MASTER = 0x04;
    private static final int NUD_REACHABLE = 0x02;
    private static final int NUD_NOARP = 0x40;
    private static final int NUD_PERMANENT = 0x80;

    private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;

    private NeighbourMessages() {}

    static Request dumpNeighbours() {
        return new Request(
                "list neighbours",
                header(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 0, 0, 0, 0).finish());
    }

    static Request dumpFdb() {
        return new Request(
                "list FDB entries",
                header(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, LinkMessages.AF_BRIDGE, 0, 0, 0)
                        .finish());
    }

    static Request replace(Neighbour neighbour) {
        return neighbour(RTM_NEWNEIGH, CHANGE | NLM_F_CREATE | NLM_F_REPLACE, neighbour, "replace");
    }

    static Request remove(Neighbour neighbour) {
        return neighbour(RTM_DELNEIGH, CHANGE, neighbour, "remove");
    }

    static Request replace(FdbEntry entry) {
        return fdb(RTM_NEWNEIGH, CHANGE | NLM_F_CREATE | NLM_F_REPLACE, entry, "replace");
    }

    /** REPLACE would drop the other remotes of the address. */
    static Request append(FdbEntry entry) {
        return fdb(RTM_NEWNEIGH, CHANGE | NLM_F_CREATE | NLM_F_APPEND, entry, "append");
    }

    static Request remove(FdbEntry entry) {
        return fdb(RTM_DELNEIGH, CHANGE, entry, "remove");
    }

    /** Whether a message is about an FDB entry. */
    static boolean isFdb(NetlinkMessage message) {
        return message.bytes().length > 0 && message.bytes()[0] == LinkMessages.AF_BRIDGE;
    }

    /** Decodes a neighbour; empty if it is of a family other than IPv4 and IPv6, or a proxy entry without a device. */
    static Optional<Neighbour> decodeNeighbour(MessageReader message) {
        int family = message.u8();
        message.skip(3);
        int index = message.u32();
        int state = message.u16();
        message.skip(2);
        Map<Integer, MessageReader> attributes = message.attributes();
        MessageReader address = attributes.get(NDA_DST);
        if (!AddressFamily.isIp(family) || address == null) {
            return Optional.empty();
        }
        return Optional.of(new Neighbour(
                index, AddressFamily.address(family, address), mac(attributes), Neighbour.State.of(state)));
    }

    /** Decodes an FDB entry; empty if its address is not an Ethernet one. */
    static Optional<FdbEntry> decodeFdb(MessageReader message) {
        message.skip(4);
        int index = message.u32();
        int state = message.u16();
        int flags = message.u8();
        message.skip(1);
        Map<Integer, MessageReader> attributes = message.attributes();
        Optional<MacAddress> mac = mac(attributes);
        MessageReader port = attributes.get(NDA_PORT);
        MessageReader vlan = attributes.get(NDA_VLAN);
        MessageReader remote = attributes.get(NDA_DST);
        return mac.map(address -> new FdbEntry(
                index,
                address,
                (flags & NTF_SELF) != 0 ? FdbEntry.Table.SELF : FdbEntry.Table.MASTER,
                fdbState(state),
                Optional.ofNullable(remote).map(MessageReader::asIpAddress),
                LinkDecoder.number(attributes, NDA_VNI),
                port == null ? OptionalInt.empty() : OptionalInt.of(port.asU16BigEndian()),
                vlan == null ? OptionalInt.empty() : OptionalInt.of(vlan.asU16())));
    }

    private static Optional<MacAddress> mac(Map<Integer, MessageReader> attributes) {
        return Optional.ofNullable(attributes.get(NDA_LLADDR)).flatMap(MessageReader::asMacAddress);
    }

    private static FdbEntry.State fdbState(int state) {
        if ((state & NUD_PERMANENT) != 0) {
            return FdbEntry.State.PERMANENT;
        }
        return (state & NUD_NOARP) != 0 ? FdbEntry.State.STATIC : FdbEntry.State.DYNAMIC;
    }

    /** What {@code bridge fdb} sends for its words permanent, static and dynamic (iproute2, bridge/fdb.c). */
    private static int stateBits(FdbEntry.State state) {
        return switch (state) {
            case PERMANENT -> NUD_PERMANENT | NUD_NOARP;
            case STATIC -> NUD_REACHABLE | NUD_NOARP;
            case DYNAMIC -> NUD_REACHABLE;
        };
    }

    private static Request neighbour(int type, int flags, Neighbour neighbour, String verb) {
        MessageWriter message = header(
                type,
                flags,
                AddressFamily.code(neighbour.address()),
                neighbour.linkIndex(),
                neighbour.state().bit(),
                0);
        message.attribute(NDA_DST, neighbour.address().bytes());
        neighbour.mac().ifPresent(mac -> message.attribute(NDA_LLADDR, mac.bytes()));
        return new Request(
                verb + " neighbour " + neighbour.address() + " on link " + neighbour.linkIndex(), message.finish());
    }

    private static Request fdb(int type, int flags, FdbEntry entry, String verb) {
        int table = entry.table() == FdbEntry.Table.SELF ? NTF_SELF : NTF_MASTER;
        MessageWriter message =
                header(type, flags, LinkMessages.AF_BRIDGE, entry.linkIndex(), stateBits(entry.state()), table);
        message.attribute(NDA_LLADDR, entry.mac().bytes());
        entry.remote().ifPresent(address -> message.attribute(NDA_DST, address.bytes()));
        entry.vlan().ifPresent(number -> message.attributeU16(NDA_VLAN, number));
        entry.port().ifPresent(number -> message.attributeU16BigEndian(NDA_PORT, number));
        entry.vni().ifPresent(number -> message.attributeU32(NDA_VNI, number));
        String remote = entry.remote().map(address -> " dst " + address).orElse("");
        return new Request(
                verb + " FDB entry " + entry.mac() + remote + " on link " + entry.linkIndex(), message.finish());
    }

    private static MessageWriter header(int type, int flags, int family, int index, int state, int entryFlags) {
        return MessageWriter.message(type, flags)
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(index)
                .u16(state)
                .u8(entryFlags)
                .u8(0);
    }
}
