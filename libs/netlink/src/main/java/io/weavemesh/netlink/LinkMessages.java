package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_EXCL;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import io.weavemesh.contract.MacAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes requests about devices. The decoder is {@link LinkDecoder}. Numbers from linux/if_link.h and linux/rtnetlink.h.
 *
 * <p>{@code struct ifinfomsg}: family u8, padding u8, hardware type u16, index s32, flags u32, mask of flags to change u32.
 */
final class LinkMessages {

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;

    static final int AF_UNSPEC = 0;
    static final int AF_BRIDGE = 7;
    static final int IFF_UP = 1;

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_MASTER = 10;
    static final int IFLA_PROTINFO = 12;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int VETH_INFO_PEER = 1;

    static final int IFLA_BR_FORWARD_DELAY = 1;
    static final int IFLA_BR_AGEING_TIME = 4;
    static final int IFLA_BR_STP_STATE = 5;
    static final int IFLA_BR_MCAST_SNOOPING = 23;
    static final int IFLA_BR_NF_CALL_IPTABLES = 36;
    static final int IFLA_BR_NF_CALL_IP6TABLES = 37;

    static final int IFLA_VXLAN_ID = 1;
    static final int IFLA_VXLAN_GROUP = 2;
    static final int IFLA_VXLAN_LINK = 3;
    static final int IFLA_VXLAN_LOCAL = 4;
    static final int IFLA_VXLAN_LEARNING = 7;
    static final int IFLA_VXLAN_PROXY = 11;
    static final int IFLA_VXLAN_PORT = 15;
    static final int IFLA_VXLAN_GROUP6 = 16;
    static final int IFLA_VXLAN_LOCAL6 = 17;
    static final int IFLA_VXLAN_UDP_CSUM = 18;
    static final int IFLA_VXLAN_COLLECT_METADATA = 25;

    /** The kernel's unit for a bridge's times, USER_HZ: 10 ms. */
    static final int TICK_MILLIS = 10;

    /** Statistics make a dump several times larger, and nobody here reads them. */
    private static final int RTEXT_FILTER_SKIP_STATS = 8;

    private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;
    private static final int CREATE = CHANGE | NLM_F_CREATE | NLM_F_EXCL;

    private LinkMessages() {}

    static Request dump() {
        MessageWriter message = interfaceHeader(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, AF_UNSPEC, 0, 0, 0);
        return new Request(
                "list links",
                message.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).finish());
    }

    static Request get(String name) {
        MessageWriter message = interfaceHeader(RTM_GETLINK, NLM_F_REQUEST, AF_UNSPEC, 0, 0, 0);
        return new Request(
                "read link " + name,
                message.attributeText(IFLA_IFNAME, InterfaceName.check(name))
                        .attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
                        .finish());
    }

    static Request createBridge(BridgeSpec spec) {
        MessageWriter message = creation(spec.name(), spec.mac(), spec.mtu(), OptionalInt.empty(), spec.up());
        bridgeInformation(message, spec.options());
        return new Request("create bridge " + spec.name(), message.finish());
    }

    static Request createVxlan(VxlanSpec spec) {
        MessageWriter message = creation(spec.name(), spec.mac(), spec.mtu(), spec.master(), spec.up());
        int information = message.beginUnflagged(IFLA_LINKINFO);
        message.attributeText(IFLA_INFO_KIND, "vxlan");
        int data = message.beginUnflagged(IFLA_INFO_DATA);
        vxlanOptions(message, spec.options());
        message.end(data).end(information);
        return new Request(
                "create vxlan " + spec.name() + " (VNI " + spec.options().vni() + ")", message.finish());
    }

    /** @param peerNamespace open file of the namespace the peer is born in */
    static Request createVeth(VethSpec spec, OptionalInt peerNamespace) {
        MessageWriter message = creation(spec.name(), spec.mac(), spec.mtu(), spec.master(), spec.up());
        int information = message.beginUnflagged(IFLA_LINKINFO);
        message.attributeText(IFLA_INFO_KIND, "veth");
        int data = message.beginUnflagged(IFLA_INFO_DATA);
        int peer = message.beginUnflagged(VETH_INFO_PEER);
        // The peer's own ifinfomsg. IFF_UP here would fail: the kernel opens the peer before it ties the pair.
        interfaceBody(message, AF_UNSPEC, 0, 0, 0);
        commonAttributes(message, spec.peerName(), spec.peerMac(), spec.mtu(), OptionalInt.empty());
        peerNamespace.ifPresent(fd -> message.attributeU32(IFLA_NET_NS_FD, fd));
        message.end(peer).end(data).end(information);
        return new Request("create veth " + spec.name() + " with peer " + spec.peerName(), message.finish());
    }

    static Request delete(String name) {
        return new Request(
                "delete link " + name,
                interfaceHeader(RTM_DELLINK, CHANGE, AF_UNSPEC, 0, 0, 0)
                        .attributeText(IFLA_IFNAME, InterfaceName.check(name))
                        .finish());
    }

    static Request setUp(String name, boolean up) {
        return new Request(
                "set link " + name + (up ? " up" : " down"),
                interfaceHeader(RTM_NEWLINK, CHANGE, AF_UNSPEC, 0, up ? IFF_UP : 0, IFF_UP)
                        .attributeText(IFLA_IFNAME, InterfaceName.check(name))
                        .finish());
    }

    /** @param master index of the bridge, 0 for none */
    static Request setMaster(String name, int master, String operation) {
        return new Request(
                operation, byName(name).attributeU32(IFLA_MASTER, master).finish());
    }

    static Request setMtu(String name, int bytes) {
        return new Request(
                "set link " + name + " mtu " + bytes,
                byName(name).attributeU32(IFLA_MTU, bytes).finish());
    }

    static Request setMac(String name, MacAddress mac) {
        return new Request(
                "set link " + name + " address " + mac,
                byName(name).attribute(IFLA_ADDRESS, mac.bytes()).finish());
    }

    /** @param namespace open file of the namespace */
    static Request moveTo(String name, int namespace, String operation) {
        return new Request(
                operation, byName(name).attributeU32(IFLA_NET_NS_FD, namespace).finish());
    }

    static Request setBridge(String name, BridgeOptions options) {
        MessageWriter message = byName(name);
        bridgeInformation(message, options);
        return new Request("set options of bridge " + name, message.finish());
    }

    /** With an index, IFLA_IFNAME is the new name; without one it would be the name to look for. */
    static Request rename(int index, String name, String other) {
        return new Request(
                "rename link " + name + " to " + other,
                interfaceHeader(RTM_SETLINK, CHANGE, AF_UNSPEC, index, 0, 0)
                        .attributeText(IFLA_IFNAME, InterfaceName.check(other))
                        .finish());
    }

    static Request setBridgePort(int index, String name, Map<BridgePortFlag, Boolean> flags) {
        MessageWriter message = interfaceHeader(RTM_SETLINK, CHANGE, AF_BRIDGE, index, 0, 0);
        int information = message.begin(IFLA_PROTINFO);
        flags.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(flag -> message.attributeFlag(flag.getKey().attribute(), flag.getValue()));
        return new Request(
                "set bridge port " + name + " " + flags,
                message.end(information).finish());
    }

    private static void bridgeInformation(MessageWriter message, BridgeOptions options) {
        int information = message.beginUnflagged(IFLA_LINKINFO);
        message.attributeText(IFLA_INFO_KIND, "bridge");
        int data = message.beginUnflagged(IFLA_INFO_DATA);
        message.attributeU32(IFLA_BR_FORWARD_DELAY, ticks(options.forwardDelay()))
                .attributeU32(IFLA_BR_AGEING_TIME, ticks(options.ageing()))
                .attributeU32(IFLA_BR_STP_STATE, options.stp() ? 1 : 0)
                .attributeFlag(IFLA_BR_MCAST_SNOOPING, options.multicastSnooping())
                .attributeFlag(IFLA_BR_NF_CALL_IPTABLES, options.nfCallIptables())
                .attributeFlag(IFLA_BR_NF_CALL_IP6TABLES, options.nfCallIp6tables());
        message.end(data).end(information);
    }

    private static void vxlanOptions(MessageWriter message, VxlanOptions options) {
        if (options.external()) {
            message.attributeU8(IFLA_VXLAN_COLLECT_METADATA, 1);
        } else {
            message.attributeU32(IFLA_VXLAN_ID, options.vni());
        }
        options.remote()
                .ifPresent(a -> message.attribute(a.isIpv4() ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, a.bytes()));
        options.local().ifPresent(a -> message.attribute(a.isIpv4() ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, a.bytes()));
        options.underlay().ifPresent(index -> message.attributeU32(IFLA_VXLAN_LINK, index));
        message.attributeFlag(IFLA_VXLAN_LEARNING, options.learning())
                .attributeFlag(IFLA_VXLAN_PROXY, options.proxy())
                .attributeU16BigEndian(IFLA_VXLAN_PORT, options.port())
                .attributeFlag(IFLA_VXLAN_UDP_CSUM, options.udpChecksum());
    }

    private static MessageWriter creation(
            String name, Optional<MacAddress> mac, OptionalInt mtu, OptionalInt master, boolean up) {
        MessageWriter message = interfaceHeader(RTM_NEWLINK, CREATE, AF_UNSPEC, 0, up ? IFF_UP : 0, up ? IFF_UP : 0);
        commonAttributes(message, name, mac, mtu, master);
        return message;
    }

    private static void commonAttributes(
            MessageWriter message, String name, Optional<MacAddress> mac, OptionalInt mtu, OptionalInt master) {
        message.attributeText(IFLA_IFNAME, name);
        mac.ifPresent(address -> message.attribute(IFLA_ADDRESS, address.bytes()));
        mtu.ifPresent(bytes -> message.attributeU32(IFLA_MTU, bytes));
        master.ifPresent(index -> message.attributeU32(IFLA_MASTER, index));
    }

    /** RTM_NEWLINK without CREATE changes a device, and finds it by name when the index is 0. */
    private static MessageWriter byName(String name) {
        return interfaceHeader(RTM_NEWLINK, CHANGE, AF_UNSPEC, 0, 0, 0)
                .attributeText(IFLA_IFNAME, InterfaceName.check(name));
    }

    private static MessageWriter interfaceHeader(int type, int flags, int family, int index, int state, int mask) {
        return interfaceBody(MessageWriter.message(type, flags), family, index, state, mask);
    }

    private static MessageWriter interfaceBody(MessageWriter message, int family, int index, int state, int mask) {
        return message.u8(family).u8(0).u16(0).u32(index).u32(state).u32(mask);
    }

    private static int ticks(Duration time) {
        return Math.toIntExact(time.toMillis() / TICK_MILLIS);
    }
}
