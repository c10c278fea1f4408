package io.weavemesh.router.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.Route;
import io.weavemesh.router.LocalEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A container's network namespace, into which an endpoint is put that Docker knows nothing of: what Docker does for its own
 * endpoints. All of it may be repeated. Blocks.
 *
 * @param namespace its file, {@code /proc/PID/ns/net} or the one Docker keeps
 * @param endpoint as it should be there
 */
record Sandbox(Path namespace, LocalEndpoint endpoint) {

    private static final Path OURS = Path.of("/proc/self/ns/net");

    /** The forerunner's name for the interface; the second and later ones in a container get a number. */
    private static final String PREFIX = "ethwe";

    private static final Cidr MULTICAST = Cidr.parse("224.0.0.0/4");
    private static final int MOST_INTERFACES = 100;

    /**
     * The one behind the first of these files that is there. In a container a number of a process of the host's may be that
     * of one of ours, which is in the host's namespace as we are.
     */
    static Sandbox of(List<String> files, LocalEndpoint endpoint) {
        return files.stream()
                .map(Path::of)
                .filter(file -> Files.exists(file) && !isOurs(file))
                .findFirst()
                .map(file -> new Sandbox(file, endpoint))
                .orElseThrow(() -> new FailureException(
                        Failure.Code.UNAVAILABLE,
                        "put endpoint " + endpoint.id() + " into its container: none of " + files + " is there"
                                + " (router-service in a container needs /run/docker/netns, see docker-compose.yml)"));
    }

    /** Whether it is the file of the namespace this process is in, the host's. */
    static boolean isOurs(Path file) {
        try {
            return Files.isSameFile(file, OURS);
        } catch (IOException e) {
            return false; // It has just ended; whoever enters it will say so.
        }
    }

    /** Moves the endpoint's interface in, and gives it its addresses; its name there. */
    String join(boolean multicast) {
        try (Netlink host = Netlink.open()) {
            return join(host, multicast);
        }
    }

    String join(Netlink host, boolean multicast) {
        return inside(inside -> {
            Link link = find(inside).orElseGet(() -> moveIn(host, inside, freeName(inside)));
            furnish(inside, link);
            if (multicast) {
                addRoute(inside, Route.direct(MULTICAST, link.index()));
            }
            return link.name();
        });
    }

    /** The same, where it is somebody else's matter what the interface is called there. */
    String join(Netlink host, String name) {
        return inside(inside -> {
            Optional<Integer> named = inside.link(name).map(Link::index);
            if (named.isPresent() && !named.equals(find(inside).map(Link::index))) {
                throw new FailureException(
                        Failure.Code.CONFLICT,
                        "put endpoint " + endpoint.id() + " into " + namespace + ": there is another interface " + name
                                + " (expected none)");
            }
            furnish(inside, find(inside).orElseGet(() -> moveIn(host, inside, name)));
            return name;
        });
    }

    private String inside(Function<Netlink, String> action) {
        try (Netlink inside = Netlink.openIn(namespace)) {
            return action.apply(inside);
        } catch (NetlinkException e) {
            throw new FailureException(
                    e.notPermitted() ? Failure.Code.UNAVAILABLE : Failure.Code.INTERNAL,
                    "put endpoint " + endpoint.id() + " into " + namespace + ": " + e.getMessage()
                            + (e.notPermitted()
                                    ? " (router-service in a container needs the capability SYS_ADMIN for that, see"
                                            + " docker-compose.yml)"
                                    : ""));
        }
    }

    private void furnish(Netlink inside, Link link) {
        Netlink.inNamespace(namespace, () -> {
            harden(link.name());
            return link;
        });
        setAddresses(inside, link);
        inside.setUp(link.name());
    }

    private Optional<Link> find(Netlink inside) {
        return inside.links().stream()
                .filter(link -> link.isVeth() && link.mac().equals(Optional.of(endpoint.mac())))
                .findFirst();
    }

    private static String freeName(Netlink inside) {
        Set<String> taken = inside.links().stream().map(Link::name).collect(Collectors.toSet());
        String name = PREFIX;
        for (int i = 1; taken.contains(name) && i < MOST_INTERFACES; i++) {
            name = PREFIX + i;
        }
        return name;
    }

    private Link moveIn(Netlink host, Netlink inside, String name) {
        host.moveTo(endpoint.guestEnd(), namespace);
        inside.rename(endpoint.guestEnd(), name);
        return find(inside)
                .orElseThrow(() -> new FailureException(
                        Failure.Code.INTERNAL,
                        "interface " + endpoint.guestEnd() + " was moved to " + namespace + " and is not there"));
    }

    /** IPv6 only where there is an address for it, as Docker does; and no belief in router advertisements. */
    private void harden(String device) {
        boolean ipv6 = endpoint.addresses().stream()
                .anyMatch(address -> !address.address().isIpv4());
        Ipv6Settings.ofThisHost().hardenGuest(device, ipv6);
    }

    /** The new ones first: with its last address an interface loses its routes. */
    private void setAddresses(Netlink inside, Link link) {
        addMissing(inside, link);
        present(inside, link).stream()
                .filter(address -> !endpoint.addresses().contains(address.address()))
                .forEach(address -> removeOne(inside, address));
        addMissing(inside, link); // With the first address of a subnet the kernel removes the others of that subnet.
    }

    private void addMissing(Netlink inside, Link link) {
        Set<Cidr> there =
                present(inside, link).stream().map(InterfaceAddress::address).collect(Collectors.toSet());
        endpoint.addresses().stream()
                .filter(address -> !there.contains(address))
                .forEach(address -> inside.addAddress(
                        InterfaceAddress.of(link.index(), address).withoutDuplicateDetection()));
    }

    private static void removeOne(Netlink inside, InterfaceAddress address) {
        try {
            inside.removeAddress(address);
        } catch (NetlinkException e) {
            if (!e.notFound()) {
                throw e;
            }
        }
    }

    /** The addresses of an interface that lead anywhere. */
    static List<InterfaceAddress> present(Netlink inside, Link link) {
        return inside.addresses().stream()
                .filter(address ->
                        address.linkIndex() == link.index() && address.scope() == InterfaceAddress.Scope.GLOBAL)
                .toList();
    }

    /** Another network's route to the same destination stays: the first network of a container has it. */
    static void addRoute(Netlink inside, Route route) {
        try {
            inside.addRoute(route);
        } catch (NetlinkException e) {
            if (!e.alreadyExists()) {
                throw e;
            }
        }
    }
}
