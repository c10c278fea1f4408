package io.weavemesh.netlink;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route of any table, or the answer to a route lookup. Of a multipath route only the first hop is shown.
 *
 * @param destination {@code 0.0.0.0/0} or {@code ::/0} for a default route; a host prefix for a lookup
 * @param type linux/rtnetlink.h RTN_*, {@link #UNICAST} for an ordinary route
 * @param table {@link #MAIN_TABLE} for an ordinary route
 * @param protocol who made it: {@link #KERNEL}, {@link #BOOT} ({@code ip route add}), {@link #STATIC}, …
 * @param scope RT_SCOPE_*: 0 global, 253 link, 254 host
 * @param gateway next hop
 * @param outInterface index of the device it leaves by
 * @param preferredSource source address chosen for local sockets
 * @param metric lower wins
 * @param mtu path MTU from the route's metrics; absent means that of the device
 */
public record Route(
        Cidr destination,
        int type,
        int table,
        int protocol,
        int scope,
        Optional<IpAddress> gateway,
        OptionalInt outInterface,
        Optional<IpAddress> preferredSource,
        OptionalInt metric,
        OptionalInt mtu) {

    public static final int UNICAST = 1;
    public static final int LOCAL = 2;

    public static final int MAIN_TABLE = 254;
    public static final int LOCAL_TABLE = 255;

    public static final int KERNEL = 2;
    public static final int BOOT = 3;
    public static final int STATIC = 4;

    private static final int MULTICAST = 5;
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;

    public Route {
        Check.argument(
                destination.isSubnet(),
                "route to %s: host bits are set, expected %s",
                destination,
                destination.subnet());
        Check.argument(
                preferredSource.isEmpty()
                        || preferredSource.get().family()
                                == destination.address().family(),
                "route to %s: preferred source %s is of the other family",
                destination,
                preferredSource);
    }

    /** {@code ip route add DESTINATION dev LINK}. */
    public static Route direct(Cidr destination, int linkIndex) {
        return new Route(
                destination,
                UNICAST,
                MAIN_TABLE,
                BOOT,
                destination.address().isIpv4() ? SCOPE_LINK : SCOPE_UNIVERSE,
                Optional.empty(),
                OptionalInt.of(linkIndex),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    /** {@code ip route add DESTINATION via GATEWAY}. */
    public static Route via(Cidr destination, IpAddress gateway) {
        return new Route(
                destination,
                UNICAST,
                MAIN_TABLE,
                BOOT,
                SCOPE_UNIVERSE,
                Optional.of(gateway),
                OptionalInt.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    public Route from(IpAddress source) {
        return new Route(
                destination, type, table, protocol, scope, gateway, outInterface, Optional.of(source), metric, mtu);
    }

    public Route withMetric(int number) {
        return new Route(
                destination,
                type,
                table,
                protocol,
                scope,
                gateway,
                outInterface,
                preferredSource,
                OptionalInt.of(number),
                mtu);
    }

    public Route withMtu(int bytes) {
        return new Route(
                destination,
                type,
                table,
                protocol,
                scope,
                gateway,
                outInterface,
                preferredSource,
                metric,
                OptionalInt.of(bytes));
    }

    /** Whether packets that take it are sent or delivered: not blackhole, unreachable, prohibit or throw. */
    boolean leadsSomewhere() {
        return type >= UNICAST && type <= MULTICAST;
    }

    public boolean isDefault() {
        return destination.prefix() == 0;
    }
}
