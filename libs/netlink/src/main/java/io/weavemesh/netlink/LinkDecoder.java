package io.weavemesh.netlink;

import static io.weavemesh.netlink.LinkMessages.IFF_UP;
import static io.weavemesh.netlink.LinkMessages.TICK_MILLIS;

import io.weavemesh.contract.IpAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Decodes RTM_NEWLINK and RTM_DELLINK, layouts in {@link LinkMessages}. What the kernel left out has its default. */
final class LinkDecoder {

    private static final int IFF_LOWER_UP = 0x10000;

    private static final int IFLA_LINK = 5;
    private static final int IFLA_LINK_NETNSID = 37;
    private static final int IFLA_INFO_SLAVE_KIND = 4;
    private static final int IFLA_INFO_SLAVE_DATA = 5;

    private LinkDecoder() {}

    /** Decodes what follows the header of a message of family AF_UNSPEC. */
    static Link decode(MessageReader message) {
        message.skip(4);
        int index = message.u32();
        int flags = message.u32();
        message.skip(4);
        Map<Integer, MessageReader> attributes = message.attributes();
        MessageReader name = attributes.get(LinkMessages.IFLA_IFNAME);
        if (name == null) {
            throw message.malformed("link " + index + " has no name");
        }
        Map<Integer, MessageReader> information = nested(attributes, LinkMessages.IFLA_LINKINFO);
        String kind = text(information, LinkMessages.IFLA_INFO_KIND);
        Map<Integer, MessageReader> data = nested(information, LinkMessages.IFLA_INFO_DATA);
        boolean isPort = text(information, IFLA_INFO_SLAVE_KIND).equals("bridge");
        return new Link(
                index,
                name.asText(),
                kind,
                Optional.ofNullable(attributes.get(LinkMessages.IFLA_ADDRESS)).flatMap(MessageReader::asMacAddress),
                number(attributes, LinkMessages.IFLA_MTU).orElse(0),
                (flags & IFF_UP) != 0,
                (flags & IFF_LOWER_UP) != 0,
                number(attributes, LinkMessages.IFLA_MASTER),
                number(attributes, IFLA_LINK),
                number(attributes, IFLA_LINK_NETNSID),
                kind.equals("bridge") ? Optional.of(bridge(data)) : Optional.empty(),
                kind.equals("vxlan") ? Optional.of(vxlan(data)) : Optional.empty(),
                isPort ? port(nested(information, IFLA_INFO_SLAVE_DATA)) : Map.of());
    }

    /**
     * Decodes a message of family AF_BRIDGE: a device as a port of a bridge.
     *
     * @return empty if it is the bridge's own record
     */
    static Optional<NetlinkEvent> portEvent(MessageReader message, boolean removed) {
        message.skip(4);
        int index = message.u32();
        message.skip(8);
        OptionalInt bridge = number(message.attributes(), LinkMessages.IFLA_MASTER);
        if (bridge.isEmpty() || bridge.getAsInt() == index) {
            return Optional.empty();
        }
        return Optional.of(
                removed
                        ? new NetlinkEvent.PortRemoved(index, bridge.getAsInt())
                        : new NetlinkEvent.PortChanged(index, bridge.getAsInt()));
    }

    private static BridgeOptions bridge(Map<Integer, MessageReader> data) {
        BridgeOptions usual = BridgeOptions.KERNEL_DEFAULT;
        return new BridgeOptions(
                number(data, LinkMessages.IFLA_BR_STP_STATE).orElse(0) != 0,
                flag(data, LinkMessages.IFLA_BR_MCAST_SNOOPING, false),
                flag(data, LinkMessages.IFLA_BR_NF_CALL_IPTABLES, false),
                flag(data, LinkMessages.IFLA_BR_NF_CALL_IP6TABLES, false),
                time(data, LinkMessages.IFLA_BR_AGEING_TIME, usual.ageing()),
                time(data, LinkMessages.IFLA_BR_FORWARD_DELAY, usual.forwardDelay()));
    }

    private static VxlanOptions vxlan(Map<Integer, MessageReader> data) {
        MessageReader port = data.get(LinkMessages.IFLA_VXLAN_PORT);
        return new VxlanOptions(
                number(data, LinkMessages.IFLA_VXLAN_ID).orElse(0),
                port == null ? VxlanOptions.KERNEL_PORT : port.asU16BigEndian(),
                address(data, LinkMessages.IFLA_VXLAN_LOCAL, LinkMessages.IFLA_VXLAN_LOCAL6),
                address(data, LinkMessages.IFLA_VXLAN_GROUP, LinkMessages.IFLA_VXLAN_GROUP6),
                number(data, LinkMessages.IFLA_VXLAN_LINK),
                flag(data, LinkMessages.IFLA_VXLAN_LEARNING, false),
                flag(data, LinkMessages.IFLA_VXLAN_PROXY, false),
                flag(data, LinkMessages.IFLA_VXLAN_UDP_CSUM, false),
                flag(data, LinkMessages.IFLA_VXLAN_COLLECT_METADATA, false));
    }

    private static Map<BridgePortFlag, Boolean> port(Map<Integer, MessageReader> data) {
        Map<BridgePortFlag, Boolean> flags = new EnumMap<>(BridgePortFlag.class);
        for (BridgePortFlag flag : BridgePortFlag.values()) {
            MessageReader value = data.get(flag.attribute());
            if (value != null) {
                flags.put(flag, value.asFlag());
            }
        }
        return flags;
    }

    static OptionalInt number(Map<Integer, MessageReader> attributes, int type) {
        MessageReader value = attributes.get(type);
        return value == null ? OptionalInt.empty() : OptionalInt.of(value.asU32());
    }

    private static Optional<IpAddress> address(Map<Integer, MessageReader> attributes, int ipv4, int ipv6) {
        MessageReader value = attributes.getOrDefault(ipv4, attributes.get(ipv6));
        return Optional.ofNullable(value).map(MessageReader::asIpAddress);
    }

    private static boolean flag(Map<Integer, MessageReader> attributes, int type, boolean otherwise) {
        MessageReader value = attributes.get(type);
        return value == null ? otherwise : value.asFlag();
    }

    private static Duration time(Map<Integer, MessageReader> attributes, int type, Duration otherwise) {
        OptionalInt ticks = number(attributes, type);
        return ticks.isEmpty() ? otherwise : Duration.ofMillis(Integer.toUnsignedLong(ticks.getAsInt()) * TICK_MILLIS);
    }

    private static String text(Map<Integer, MessageReader> attributes, int type) {
        MessageReader value = attributes.get(type);
        return value == null ? "" : value.asText();
    }

    private static Map<Integer, MessageReader> nested(Map<Integer, MessageReader> attributes, int type) {
        MessageReader value = attributes.get(type);
        return value == null ? Map.of() : value.attributes();
    }
}
