package io.weavemesh.netlink;

import static io.weavemesh.netlink.NetlinkMessage.NLM_F_ACK;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_CREATE;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_DUMP;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_EXCL;
import static io.weavemesh.netlink.NetlinkMessage.NLM_F_REQUEST;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes and decodes routes. Numbers from linux/rtnetlink.h.
 *
 * <p>{@code struct rtmsg}, u8 each: family, destination prefix, source prefix, TOS, table, protocol, scope, type; then flags
 * u32. A table above 255 is only in RTA_TABLE. {@code struct rtnexthop}: length u16, flags u8, weight u8, index s32, then
 * attributes.
 */
final class RouteMessages {

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;

    private static final int RTM_F_CLONED = 0x200;
    private static final int RTM_F_LOOKUP_TABLE = 0x1000;

    private static final int RT_SCOPE_NOWHERE = 255;
    private static final int RT_TABLE_UNSPEC = 0;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int RTAX_MTU = 2;

    private static final int NEXT_HOP_BYTES = 8;
    private static final int CHANGE = NLM_F_REQUEST | NLM_F_ACK;

    private RouteMessages() {}

    static Request dump() {
        return new Request(
                "list routes",
                header(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 0, 0, 0, 0, 0, 0, 0)
                        .finish());
    }

    static Request lookup(IpAddress address) {
        int family = AddressFamily.code(address);
        int bits = address.family().bits();
        return new Request(
                "look up the route to " + address,
                header(RTM_GETROUTE, NLM_F_REQUEST, family, bits, 0, 0, 0, 0, RTM_F_LOOKUP_TABLE)
                        .attribute(RTA_DST, address.bytes())
                        .finish());
    }

    static Request add(Route route) {
        return change(RTM_NEWROUTE, CHANGE | NLM_F_CREATE | NLM_F_EXCL, route.scope(), route, "add");
    }

    /** The scope "nowhere" matches every scope, as {@code ip route del} does it. */
    static Request remove(Route route) {
        return change(RTM_DELROUTE, CHANGE, RT_SCOPE_NOWHERE, route, "remove");
    }

    /**
     * Decodes a route of the tables.
     *
     * @return empty if it is of another family (MPLS, multicast) or a cached copy of a route
     */
    static Optional<Route> decode(MessageReader message) {
        return decode(message, false);
    }

    /** Decodes the answer to a lookup, which is marked as a copy. */
    static Optional<Route> decodeLookup(MessageReader message) {
        return decode(message, true);
    }

    private static Optional<Route> decode(MessageReader message, boolean copies) {
        int family = message.u8();
        int prefix = message.u8();
        message.skip(2);
        int table = message.u8();
        int protocol = message.u8();
        int scope = message.u8();
        int type = message.u8();
        int flags = message.u32();
        Map<Integer, MessageReader> attributes = message.attributes();
        if (!AddressFamily.isIp(family) || ((flags & RTM_F_CLONED) != 0 && !copies)) {
            return Optional.empty();
        }
        MessageReader destination = attributes.get(RTA_DST);
        MessageReader source = attributes.get(RTA_PREFSRC);
        MessageReader metrics = attributes.get(RTA_METRICS);
        MessageReader hops = attributes.get(RTA_MULTIPATH);
        Hop hop = hops == null ? hop(family, attributes) : firstHop(family, hops);
        return Optional.of(new Route(
                new Cidr(
                        destination == null ? AddressFamily.any(family) : AddressFamily.address(family, destination),
                        prefix),
                type,
                LinkDecoder.number(attributes, RTA_TABLE).orElse(table),
                protocol,
                scope,
                hop.gateway(),
                hop.outInterface(),
                Optional.ofNullable(source).map(value -> AddressFamily.address(family, value)),
                LinkDecoder.number(attributes, RTA_PRIORITY),
                metrics == null ? OptionalInt.empty() : LinkDecoder.number(metrics.attributes(), RTAX_MTU)));
    }

    private record Hop(Optional<IpAddress> gateway, OptionalInt outInterface) {}

    private static Hop hop(int family, Map<Integer, MessageReader> attributes) {
        return new Hop(gateway(family, attributes), LinkDecoder.number(attributes, RTA_OIF));
    }

    private static Hop firstHop(int family, MessageReader hops) {
        int length = hops.u16();
        hops.skip(2);
        int index = hops.u32();
        int rest = length - NEXT_HOP_BYTES;
        if (rest < 0 || rest > hops.remaining()) {
            throw hops.malformed("a next hop says it has " + length + " bytes");
        }
        return new Hop(gateway(family, hops.part(rest).attributes()), OptionalInt.of(index));
    }

    private static Optional<IpAddress> gateway(int family, Map<Integer, MessageReader> attributes) {
        MessageReader gateway = attributes.get(RTA_GATEWAY);
        MessageReader via = attributes.get(RTA_VIA);
        if (gateway == null && via != null) { // A gateway of the other family: family u16, address.
            int viaFamily = via.u16();
            return AddressFamily.isIp(viaFamily)
                    ? Optional.of(AddressFamily.address(viaFamily, via))
                    : Optional.empty();
        }
        return Optional.ofNullable(gateway).map(value -> AddressFamily.address(family, value));
    }

    private static Request change(int type, int flags, int scope, Route route, String verb) {
        IpAddress destination = route.destination().address();
        int family = AddressFamily.code(destination);
        int shortTable = route.table() > 255 ? RT_TABLE_UNSPEC : route.table();
        MessageWriter message = header(
                type,
                flags,
                family,
                route.destination().prefix(),
                shortTable,
                route.protocol(),
                scope,
                route.type(),
                0);
        if (!route.isDefault()) {
            message.attribute(RTA_DST, destination.bytes());
        }
        message.attributeU32(RTA_TABLE, route.table());
        route.gateway().ifPresent(gateway -> writeGateway(message, family, gateway));
        route.outInterface().ifPresent(index -> message.attributeU32(RTA_OIF, index));
        route.preferredSource().ifPresent(source -> message.attribute(RTA_PREFSRC, source.bytes()));
        route.metric().ifPresent(metric -> message.attributeU32(RTA_PRIORITY, metric));
        route.mtu().ifPresent(mtu -> {
            int metrics = message.beginUnflagged(RTA_METRICS);
            message.attributeU32(RTAX_MTU, mtu).end(metrics);
        });
        return new Request(verb + " route to " + route.destination(), message.finish());
    }

    private static void writeGateway(MessageWriter message, int family, IpAddress gateway) {
        int gatewayFamily = AddressFamily.code(gateway);
        if (gatewayFamily == family) {
            message.attribute(RTA_GATEWAY, gateway.bytes());
            return;
        }
        int via = message.beginUnflagged(RTA_VIA);
        message.u16(gatewayFamily).bytes(gateway.bytes()).end(via).pad();
    }

    private static MessageWriter header(
            int type,
            int flags,
            int family,
            int prefix,
            int table,
            int protocol,
            int scope,
            int routeType,
            int routeFlags) {
        return MessageWriter.message(type, flags)
                .u8(family)
                .u8(prefix)
                .u8(0)
                .u8(0)
                .u8(table)
                .u8(protocol)
                .u8(scope)
                .u8(routeType)
                .u32(routeFlags);
    }
}
