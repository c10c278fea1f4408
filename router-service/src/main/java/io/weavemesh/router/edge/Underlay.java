package io.weavemesh.router.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.Route;
import io.weavemesh.router.PeerTarget;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The host's own network as the overlay uses it: which of its addresses ends our tunnels, and how large a packet may be
 * there. Found out once, at the launch; {@link UnderlayWatch} follows changes of the latter.
 *
 * @param address this peer's address
 * @param device the interface that has it
 * @param mtu in bytes, of the interface or the smaller one of the route
 */
public record Underlay(IpAddress address, String device, int mtu) {

    private static final String HINT = "; say which address of this host to use with --host";

    /** The largest IP packet; the loopback device allows one byte more. */
    private static final int MAX_PACKET = 65_535;

    /** Devices whose addresses other hosts cannot reach: Docker's, ours, and those of virtual machines. */
    private static final List<String> INWARD_DEVICES =
            List.of("lo", "docker", "br-", "veth", "virbr", "weave", "wb-", "vxlan-weave", "wx-", "dummy");

    /**
     * Takes the address given; without one, the address this host would use to reach the first target that resolves; without
     * any, the one it uses to reach the world; at last the first global address of an interface that leads outward. Blocks
     * and resolves names.
     *
     * @throws IllegalArgumentException if there is none, or the one given is not on any interface; the text says what to do
     */
    public static Underlay discover(Optional<IpAddress> given, List<String> targets) {
        try (Netlink netlink = Netlink.open()) {
            return discover(netlink, given, targets);
        }
    }

    static Underlay discoverIn(Path namespace, Optional<IpAddress> given, List<String> targets) {
        try (Netlink netlink = Netlink.openIn(namespace)) {
            return discover(netlink, given, targets);
        }
    }

    /**
     * How large a packet may be now: that of the device with this address, or less if a route by it to one of the peers, or
     * its default route, says so. Not what the kernel learnt of paths, which it forgets again. Empty if no device has it.
     */
    static Optional<Integer> mtuOf(Netlink netlink, IpAddress address, List<IpAddress> peers) {
        Host host = new Host(netlink);
        return host.linkWith(address).map(link -> {
            int routes = netlink.routes().stream()
                    .filter(route -> route.table() == Route.MAIN_TABLE
                            && route.outInterface().equals(OptionalInt.of(link.index()))
                            && (route.isDefault() || peers.stream().anyMatch(route.destination()::contains)))
                    .flatMapToInt(route -> route.mtu().stream())
                    .min()
                    .orElse(MAX_PACKET);
            return Math.min(MAX_PACKET, Math.min(link.mtu(), routes));
        });
    }

    private static Underlay discover(Netlink netlink, Optional<IpAddress> given, List<String> targets) {
        Host host = new Host(netlink);
        if (given.isPresent()) {
            return host.with(given.get(), OptionalInt.empty())
                    .orElseThrow(() -> new IllegalArgumentException("no interface of this host has the address "
                            + given.get() + " (expected one of " + host.outward() + ")"));
        }
        return targets.stream()
                .flatMap(target -> resolve(target).stream())
                .flatMap(target -> host.towards(target).stream())
                .findFirst()
                .or(host::byDefaultRoute)
                .or(() -> host.outward().stream()
                        .flatMap(address -> host.with(address, OptionalInt.empty()).stream())
                        .findFirst())
                .orElseThrow(
                        () -> new IllegalArgumentException("this host has no address other hosts could reach" + HINT));
    }

    /** A target that does not resolve yet is no obstacle: it will be tried again when it is to be connected to. */
    private static List<IpAddress> resolve(String target) {
        try {
            InetAddress[] found =
                    InetAddress.getAllByName(PeerTarget.parse(target).host());
            return Stream.of(found)
                    .filter(address -> !address.isLoopbackAddress())
                    .map(IpAddress::of)
                    .toList();
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    /** What the kernel says of this host, read once. */
    private static final class Host {
        private final Netlink netlink;
        private final Map<Integer, Link> links;
        private final List<InterfaceAddress> addresses;

        Host(Netlink netlink) {
            this.netlink = netlink;
            this.links = netlink.links().stream().collect(Collectors.toMap(Link::index, Function.identity()));
            this.addresses = netlink.addresses();
        }

        Optional<Underlay> towards(IpAddress target) {
            return netlink.routeTo(target)
                    .filter(route -> route.type() == Route.UNICAST)
                    .flatMap(route -> route.preferredSource().flatMap(source -> with(source, route.mtu())));
        }

        Optional<Underlay> byDefaultRoute() {
            return netlink.routes().stream()
                    .filter(route ->
                            route.isDefault() && route.table() == Route.MAIN_TABLE && route.type() == Route.UNICAST)
                    .sorted(Comparator.comparing(
                                    (Route route) -> route.destination().address())
                            .thenComparingInt(route -> route.metric().orElse(0)))
                    .flatMap(route -> viaDefault(route).stream())
                    .findFirst();
        }

        private Optional<Underlay> viaDefault(Route route) {
            return route.gateway()
                    .flatMap(this::towards)
                    .or(() -> route.preferredSource().flatMap(source -> with(source, route.mtu())))
                    .or(() -> addresses.stream()
                            .filter(address -> route.outInterface().isPresent()
                                    && address.linkIndex()
                                            == route.outInterface().getAsInt())
                            .map(address -> address.address().address())
                            .filter(address -> address.family()
                                    == route.destination().address().family())
                            .findFirst()
                            .flatMap(address -> with(address, route.mtu())));
        }

        Optional<Link> linkWith(IpAddress address) {
            return addresses.stream()
                    .filter(found -> found.address().address().equals(address))
                    .flatMap(found -> Optional.ofNullable(links.get(found.linkIndex())).stream())
                    .findFirst();
        }

        Optional<Underlay> with(IpAddress address, OptionalInt routeMtu) {
            return linkWith(address)
                    .map(link -> new Underlay(
                            address,
                            link.name(),
                            Math.min(MAX_PACKET, Math.min(link.mtu(), routeMtu.orElse(link.mtu())))));
        }

        /** Global addresses of interfaces that lead outward, IPv4 first. */
        List<IpAddress> outward() {
            return addresses.stream()
                    .filter(address -> address.scope() == InterfaceAddress.Scope.GLOBAL)
                    .filter(address -> Optional.ofNullable(links.get(address.linkIndex()))
                            .filter(link -> link.up() && INWARD_DEVICES.stream().noneMatch(link.name()::startsWith))
                            .isPresent())
                    .map(InterfaceAddress::address)
                    .map(Cidr::address)
                    .sorted()
                    .toList();
        }
    }
}
