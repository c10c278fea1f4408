package io.weavemesh.router.edge;

import io.weavemesh.contract.Failure;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.RouterReply.SandboxEntered;
import io.weavemesh.contract.RouterReply.SandboxSeen;
import io.weavemesh.contract.RouterRequest.EnterSandbox;
import io.weavemesh.contract.RouterRequest.InspectSandbox;
import io.weavemesh.contract.SandboxRoute;
import io.weavemesh.netlink.InterfaceAddress;
import io.weavemesh.netlink.Link;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.Route;
import io.weavemesh.router.LocalEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network namespace that somebody made and names by a file, and who says what an interface is called in it: how CNI puts
 * containers into networks. How an endpoint gets in is {@link Sandbox}'s business. Blocks.
 *
 * @param file for example {@code /run/netns/NAME}; it must be visible in this process's mount namespace
 */
record GivenSandbox(Path file) {

    /** Puts the endpoint there; may be repeated. */
    SandboxEntered enter(EnterSandbox request, LocalEndpoint endpoint, MacAddress bridgeMac) {
        try (Netlink host = Netlink.open()) {
            return enter(host, request, endpoint, bridgeMac);
        }
    }

    SandboxEntered enter(Netlink host, EnterSandbox request, LocalEndpoint endpoint, MacAddress bridgeMac) {
        if (!Files.exists(file)) {
            throw new FailureException(
                    Failure.Code.NOT_FOUND,
                    "put endpoint " + endpoint.id() + " into " + file + ": there is no such network namespace (if"
                            + " router-service runs in a container, it must see the host's /run/netns)");
        }
        if (Sandbox.isOurs(file)) {
            throw new FailureException(
                    Failure.Code.INVALID,
                    "put endpoint " + endpoint.id() + " into " + file + ": that is the host's own network namespace"
                            + " (expected that of a container; give the host an address with 'weave expose')");
        }
        new Sandbox(file, endpoint).join(host, request.interfaceName());
        MacAddress hostMac = host.link(endpoint.hostEnd())
                .flatMap(Link::mac)
                .orElseThrow(() -> new FailureException(
                        Failure.Code.NOT_FOUND, "the interface " + endpoint.hostEnd() + " of this endpoint is gone"));
        return new SandboxEntered(endpoint.hostEnd(), hostMac, bridgeMac, addRoutes(request));
    }

    /** What is there. A namespace that is gone is an answer, not a failure. */
    SandboxSeen inspect(InspectSandbox request) {
        SandboxSeen nothing = new SandboxSeen(false, Optional.empty(), false, 0, List.of(), List.of());
        if (!Files.exists(file)) {
            return nothing;
        }
        try (Netlink inside = Netlink.openIn(file)) {
            return inside.link(request.interfaceName())
                    .map(link -> new SandboxSeen(
                            true,
                            link.mac(),
                            link.up(),
                            link.mtu(),
                            Sandbox.present(inside, link).stream()
                                    .map(InterfaceAddress::address)
                                    .toList(),
                            routes(inside, link)))
                    .orElse(nothing);
        } catch (NetlinkException e) {
            throw new FailureException(Failure.Code.INTERNAL, "look into " + file + ": " + e.getMessage());
        }
    }

    private List<SandboxRoute> addRoutes(EnterSandbox request) {
        try (Netlink inside = Netlink.openIn(file)) {
            Link link = inside.link(request.interfaceName())
                    .orElseThrow(() -> new FailureException(
                            Failure.Code.NOT_FOUND,
                            "interface " + request.interfaceName() + " has left " + file + " meanwhile"));
            for (SandboxRoute route : request.routes()) {
                Sandbox.addRoute(
                        inside,
                        route.gateway()
                                .map(gateway -> Route.via(route.destination(), gateway))
                                .orElseGet(() -> Route.direct(route.destination(), link.index())));
            }
            List<SandboxRoute> there = new ArrayList<>(request.routes());
            there.retainAll(routes(inside, link));
            return there;
        } catch (NetlinkException e) {
            throw new FailureException(
                    Failure.Code.INVALID, "add the routes " + request.routes() + " in " + file + ": " + e.getMessage());
        }
    }

    private static List<SandboxRoute> routes(Netlink inside, Link link) {
        return inside.routes().stream()
                .filter(route -> route.table() == Route.MAIN_TABLE
                        && route.outInterface().isPresent()
                        && route.outInterface().getAsInt() == link.index())
                .map(route -> new SandboxRoute(route.destination(), route.gateway()))
                .toList();
    }
}
