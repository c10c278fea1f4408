package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/** What router-service answers. */
public sealed interface RouterReply extends Reply {

    /** The bridge the network's endpoints are on and the MTU of its interfaces in bytes. */
    record NetworkCreated(String bridge, int mtu) implements RouterReply {}

    /** The interface Docker moves into the sandbox, its hardware address and MTU in bytes. */
    record EndpointCreated(String interfaceName, MacAddress mac, int mtu) implements RouterReply {}

    /** What the endpoint's interface is called in the sandbox. */
    record SandboxJoined(String interfaceName) implements RouterReply {}

    /**
     * An endpoint is in its namespace.
     *
     * @param hostInterface the other end of its veth pair, a port of the network's bridge
     * @param bridgeMac the hardware address of this host's bridges
     * @param routes those of the routes asked for that are there by this interface
     */
    record SandboxEntered(String hostInterface, MacAddress hostMac, MacAddress bridgeMac, List<SandboxRoute> routes)
            implements RouterReply {
        public SandboxEntered {
            routes = List.copyOf(routes);
        }
    }

    /**
     * An interface in a namespace.
     *
     * @param found whether there is a namespace with such an interface; if not, the rest says nothing
     * @param up whether it is administratively up
     * @param mtu in bytes
     * @param addresses of global scope, with prefix length
     * @param routes by it, in the main table
     */
    record SandboxSeen(
            boolean found,
            Optional<MacAddress> mac,
            boolean up,
            int mtu,
            List<Cidr> addresses,
            List<SandboxRoute> routes)
            implements RouterReply {
        public SandboxSeen {
            addresses = List.copyOf(addresses);
            routes = List.copyOf(routes);
        }
    }

    /** The endpoints of the answering host. */
    record Endpoints(List<EndpointRow> endpoints) implements RouterReply {
        public Endpoints {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * A peer we talk to, or try to.
     *
     * @param address {@code host:port} of the underlay
     * @param outbound whether we have it in our list of targets
     * @param state one of {@code established}, {@code pending}, {@code retrying}, {@code failed}, {@code connecting}
     * @param peer who it is, once known
     * @param info what there is to know, such as the overlay and MTU, or the reason of a failure
     */
    record Connection(String address, boolean outbound, String state, Optional<PeerDescription> peer, String info) {}

    /**
     * Peers, connections and targets as this peer sees them.
     *
     * @param discovery whether peers are searched for at addresses others tell of, too
     */
    record RouterStatus(
            PeerDescription self,
            List<PeerDescription> peers,
            List<Connection> connections,
            List<String> targets,
            boolean discovery)
            implements RouterReply {
        public RouterStatus {
            peers = List.copyOf(peers);
            connections = List.copyOf(connections);
            targets = List.copyOf(targets);
        }
    }
}
