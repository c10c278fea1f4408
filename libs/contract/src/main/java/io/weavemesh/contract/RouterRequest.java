package io.weavemesh.contract;

import java.util.List;
import java.util.Optional;

/** What router-service is asked to do. */
public sealed interface RouterRequest<R extends Reply> extends Request<R> {

    /**
     * Makes a network known on this host. Success if it is already; refused if another subnet has the same VNI.
     *
     * @param subnets one IPv4 subnet, one IPv6 subnet or both; the first names the segment
     * @param mtu overrides the MTU derived from the underlay, in bytes
     */
    record CreateNetwork(NetworkId network, List<Cidr> subnets, Optional<Integer> mtu)
            implements RouterRequest<RouterReply.NetworkCreated> {
        public CreateNetwork {
            subnets = List.copyOf(subnets);
            Check.argument(!subnets.isEmpty(), "network %s has no subnet", network);
        }
    }

    /** Forgets a network and removes its bridge and tunnel when no other network has the same subnet. */
    record DeleteNetwork(NetworkId network) implements RouterRequest<Done> {}

    /**
     * Makes a veth pair on the network's bridge and tells all peers.
     *
     * @param addresses the endpoint's addresses with the prefix length of their subnets
     * @param mac the hardware address to use, or nothing to have it derived from the address
     */
    record CreateEndpoint(NetworkId network, EndpointId endpoint, List<Cidr> addresses, Optional<MacAddress> mac)
            implements RouterRequest<RouterReply.EndpointCreated> {
        public CreateEndpoint {
            addresses = List.copyOf(addresses);
            Check.argument(!addresses.isEmpty(), "endpoint %s has no address", endpoint);
        }
    }

    /** Removes an endpoint's veth pair and tells all peers. Success if there is none. */
    record DeleteEndpoint(NetworkId network, EndpointId endpoint) implements RouterRequest<Done> {}

    /**
     * Puts an endpoint of a container that Docker did not put there into the container's network namespace, with exactly these
     * addresses. Success if it is there.
     *
     * @param sandboxes the namespace's files, of which the first that is there is used: {@code /proc/PID/ns/net}, and Docker's own
     * @param addresses with the prefix length of their subnets; they replace those the endpoint has
     * @param multicast whether multicast leaves by this interface, where no other has that route
     */
    record JoinSandbox(EndpointId endpoint, List<String> sandboxes, List<Cidr> addresses, boolean multicast)
            implements RouterRequest<RouterReply.SandboxJoined> {
        public JoinSandbox {
            sandboxes = List.copyOf(sandboxes);
            Check.argument(!sandboxes.isEmpty(), "endpoint %s is to join no sandbox", endpoint);
            addresses = List.copyOf(addresses);
            Check.argument(!addresses.isEmpty(), "endpoint %s is to have no address", endpoint);
        }
    }

    /**
     * Puts an endpoint into a network namespace for whoever made that (CNI), with the endpoint's own addresses. Success if it
     * is there under that name.
     *
     * @param sandbox the namespace's file, such as {@code /run/netns/NAME}
     * @param interfaceName what the interface is called there; refused if there is another one of that name
     * @param routes to add; one whose destination has a route there already is left out
     */
    record EnterSandbox(EndpointId endpoint, String sandbox, String interfaceName, List<SandboxRoute> routes)
            implements RouterRequest<RouterReply.SandboxEntered> {
        public EnterSandbox {
            routes = List.copyOf(routes);
        }
    }

    /** Asks what an interface in a network namespace is like. */
    record InspectSandbox(String sandbox, String interfaceName) implements RouterRequest<RouterReply.SandboxSeen> {}

    /** Asks for this host's endpoints. */
    record ListEndpoints() implements RouterRequest<RouterReply.Endpoints> {}

    /**
     * Gives this host an address in a network, on the network's bridge, until {@link Hide}. Success if it has it already.
     *
     * @param address with the prefix length of its subnet
     * @param masquerade whether what leaves or enters the subnet by this host gets this host's address as its source
     */
    record Expose(Cidr address, boolean masquerade) implements RouterRequest<Done> {}

    /** Takes an address of {@link Expose} away again. Success if the host has it not. */
    record Hide(Cidr address) implements RouterRequest<Done> {}

    /** Adds peers to connect to, as {@code host[:port]}; with {@code replace} the list given replaces the one there was. */
    record Connect(List<String> targets, boolean replace) implements RouterRequest<Done> {
        public Connect {
            targets = List.copyOf(targets);
        }
    }

    /** Removes peers from the list of those to connect to. */
    record Forget(List<String> targets) implements RouterRequest<Done> {
        public Forget {
            targets = List.copyOf(targets);
        }
    }

    /**
     * Ends the way to a peer's containers on all hosts, now if the peer is away, otherwise when it leaves. For a peer that is
     * gone for good, and for the peer itself when it leaves for good. Success if nobody knows it.
     */
    record GiveUpPeer(PeerName peer) implements RouterRequest<Done> {}

    /** Asks for peers, connections and targets. */
    record RouterStatusQuery() implements RouterRequest<RouterReply.RouterStatus> {}
}
