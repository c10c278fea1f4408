package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.IpamRequest.BindAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Docker's remote network driver (docs/remote.md of libnetwork). Every call is idempotent by its identifiers, because Docker
 * repeats calls whose answer it did not get.
 */
public final class NetworkDriver {

    /** Docker puts the options a user gave with {@code -o} under this key. */
    private static final String GENERIC = "com.docker.network.generic";

    private static final String MULTICAST = "works.weave.multicast";
    private static final String MTU = "works.weave.mtu";

    /** Who knows a network. */
    public enum Scope {
        /** One engine. The same subnet on another host is the same network for us, and for nobody else. */
        LOCAL("local"),
        /**
         * All engines with one key-value store (Docker before 23, {@code --cluster-store}). The store's Docker gives the
         * addresses, and tells only the host where a network is made of it; the others hear of it by an endpoint, and of its
         * options by looking, see {@link #learn}.
         */
        GLOBAL("global");

        private final String text;

        Scope(String text) {
            this.text = text;
        }

        /**
         * Reads {@code local} or {@code global}.
         *
         * @throws IllegalArgumentException for anything else
         */
        public static Scope parse(String text) {
            return Stream.of(values())
                    .filter(scope -> scope.text.equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("'" + text + "' is not a scope (expected local or global)"));
        }
    }

    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 65_535;

    private final EndpointBook book;
    private final Scope scope;

    public NetworkDriver(EndpointBook book, Scope scope) {
        this.book = book;
        this.scope = scope;
    }

    /** Answer to one of the first two calls dockerd makes; a constant, since a late or failed one is never repeated. */
    public Map<String, Object> capabilities() {
        return Map.of("Scope", scope.text, "ConnectivityScope", "global", "GwAllocChecker", true);
    }

    /** What a call means; {@code NotImplemented} for those we leave to Docker. */
    public Step handle(String method, Fields call) {
        return switch (method) {
            case "CreateNetwork" -> createNetwork(call);
            case "DeleteNetwork" -> deleteNetwork(call);
            case "CreateEndpoint" -> createEndpoint(call);
            case "DeleteEndpoint" -> deleteEndpoint(call);
            case "Join" -> join(call);
            case "EndpointOperInfo" -> new Step.Answer(Map.of("Value", Map.of()));
            case "GwAllocCheck" -> new Step.Answer(Map.of("SkipIPv4", true, "SkipIPv6", true));
            case "AllocateNetwork" -> new Step.Answer(Map.of("Options", Map.of()));
            case "Leave", "FreeNetwork", "DiscoverNew", "DiscoverDelete" -> Step.Answer.EMPTY;
            default -> new Step.NotImplemented();
        };
    }

    /**
     * Takes what Docker shows of the networks of global scope. It tells the driver of one only where that is made, and what
     * other hosts learn by an endpoint of theirs is without its options.
     */
    public Step learn(List<Network> global) {
        book.show(global);
        Step then = Step.Answer.EMPTY;
        for (Network shown : global) {
            Optional<Network> changed = book.network(shown.id())
                    .map(known -> new Network(known.id(), known.subnets(), shown.multicast(), shown.mtu()))
                    .filter(right -> !book.networks().contains(right));
            if (changed.isPresent()) {
                then = make(changed.get(), then);
            }
        }
        return then;
    }

    /**
     * A network as Docker shows it.
     *
     * @param options as given with {@code -o}
     * @throws IllegalArgumentException if one of them is unknown or has no good value
     */
    public static Network shown(NetworkId id, List<Cidr> subnets, Map<String, String> options) {
        checkOptions(options);
        return new Network(id, subnets, multicast(options), mtu(options));
    }

    private Step createNetwork(Fields call) {
        NetworkId id = NetworkId.parse(call.text("NetworkID"));
        List<Cidr> subnets = new ArrayList<>();
        for (String family : List.of("IPv4Data", "IPv6Data")) {
            for (Fields data : call.objects(family)) {
                String space = data.optionalText("AddressSpace").orElse("");
                if (scope == Scope.LOCAL && !space.isEmpty() && !space.equals(IpamDriver.ADDRESS_SPACE)) {
                    return Step.invalid(
                            "this network would get its addresses from Docker's own IPAM, which gives the same"
                                    + " ones on every host: create it with --driver weave --ipam-driver weave");
                }
                data.optionalText("Pool").map(Cidr::parse).map(Cidr::subnet).ifPresent(subnets::add);
            }
        }
        if (subnets.isEmpty()) {
            return Step.invalid(
                    "this network has no subnet: create it with --ipam-driver weave, and --subnet if needed");
        }
        Map<String, String> options = call.object("Options").object(GENERIC).texts();
        checkOptions(options);
        return make(new Network(id, subnets, multicast(options), mtu(options)), Step.Answer.EMPTY);
    }

    /** The book first: what it has and Docker has not is found and undone; what only the router has would stay. */
    private Step make(Network network, Step then) {
        return new Step.Write(EndpointBook.NETWORKS, network.id().value(), network, () -> {
            book.put(network);
            return new Step.Ask<>(
                    Service.ROUTER, new CreateNetwork(network.id(), network.subnets(), network.mtu()), created -> then);
        });
    }

    /**
     * Looks at what a user gave with {@code -o}.
     *
     * @throws IllegalArgumentException if one is unknown or has no good value; the text says so
     */
    static void checkOptions(Map<String, String> options) {
        for (String key : options.keySet()) {
            if (!key.equals(MULTICAST) && !key.equals(MTU)) {
                throw new IllegalArgumentException(
                        "unknown option '" + key + "' (known are " + MULTICAST + " and " + MTU + ")");
            }
        }
        multicast(options);
        mtu(options);
    }

    private static boolean multicast(Map<String, String> options) {
        String value = options.get(MULTICAST);
        if (value == null) {
            return false;
        }
        return switch (value.toLowerCase(java.util.Locale.ROOT)) {
            case "", "1", "t", "true" -> true;
            case "0", "f", "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "option " + MULTICAST + " is '" + value + "', expected true or false");
        };
    }

    private static Optional<Integer> mtu(Map<String, String> options) {
        String value = options.get(MTU);
        if (value == null) {
            return Optional.empty();
        }
        boolean fits =
                value.matches("\\d{1,5}") && Integer.parseInt(value) >= MIN_MTU && Integer.parseInt(value) <= MAX_MTU;
        if (!fits) {
            throw new IllegalArgumentException("option " + MTU + " is '" + value + "', expected a number of bytes from "
                    + MIN_MTU + " to " + MAX_MTU);
        }
        return Optional.of(Integer.parseInt(value));
    }

    private Step deleteNetwork(Fields call) {
        NetworkId id = NetworkId.parse(call.text("NetworkID"));
        return new Step.Ask<>(
                Service.ROUTER,
                new DeleteNetwork(id),
                deleted -> new Step.Erase(EndpointBook.NETWORKS, id.value(), () -> {
                    book.remove(id);
                    return Step.Answer.EMPTY;
                }));
    }

    private Step createEndpoint(Fields call) {
        NetworkId networkId = NetworkId.parse(call.text("NetworkID"));
        EndpointId id = EndpointId.parse(call.text("EndpointID"));
        if (scope == Scope.LOCAL && book.network(networkId).isEmpty()) {
            return Step.notFound(
                    "network " + networkId + " is not known to this driver: remove it and create it again");
        }
        Fields given = call.object("Interface");
        List<Cidr> addresses = new ArrayList<>();
        given.optionalText("Address").map(Cidr::parse).ifPresent(addresses::add);
        given.optionalText("AddressIPv6").map(Cidr::parse).ifPresent(addresses::add);
        if (addresses.isEmpty()) {
            return Step.invalid("endpoint " + id + " has no address: create its network with --ipam-driver weave");
        }
        Optional<MacAddress> mac = given.optionalText("MacAddress").map(MacAddress::parse);
        Step made = makeEndpoint(networkId, id, addresses, mac);
        if (scope == Scope.GLOBAL && book.network(networkId).isEmpty()) {
            List<Cidr> subnets = addresses.stream().map(Cidr::subnet).toList();
            Optional<Network> shown = book.shown(networkId);
            return make(
                    new Network(
                            networkId,
                            subnets,
                            shown.map(Network::multicast).orElse(false),
                            shown.flatMap(Network::mtu)),
                    made);
        }
        return made;
    }

    private Step makeEndpoint(NetworkId networkId, EndpointId id, List<Cidr> addresses, Optional<MacAddress> mac) {
        return new Step.Ask<>(Service.ROUTER, new CreateEndpoint(networkId, id, addresses, mac), created -> {
            Endpoint endpoint = new Endpoint(id, networkId, addresses, created.mac(), created.interfaceName());
            return new Step.Write(EndpointBook.ENDPOINTS, id.value(), endpoint, () -> {
                book.put(endpoint);
                return bind(endpoint, 0, new Step.Answer(Map.of("Interface", news(mac, created.mac()))));
            });
        });
    }

    /** Docker refuses an answer that repeats what it gave. */
    private static Map<String, Object> news(Optional<MacAddress> given, MacAddress used) {
        return given.isPresent() ? Map.of() : Map.of("MacAddress", used.toString());
    }

    /** From now on the addresses live as long as the endpoint. */
    private static Step bind(Endpoint endpoint, int index, Step then) {
        if (index == endpoint.addresses().size()) {
            return then;
        }
        Cidr address = endpoint.addresses().get(index);
        Owner owner = new Owner(Owner.Kind.ENDPOINT, endpoint.id().value(), Optional.empty());
        return new Step.Tell(
                Service.IPAM,
                new BindAddress(address.subnet(), address.address(), owner),
                () -> bind(endpoint, index + 1, then));
    }

    private Step deleteEndpoint(Fields call) {
        NetworkId networkId = NetworkId.parse(call.text("NetworkID"));
        EndpointId id = EndpointId.parse(call.text("EndpointID"));
        return new Step.Tell(
                Service.DNS,
                new DeregisterName(id),
                () -> new Step.Ask<>(
                        Service.ROUTER,
                        new DeleteEndpoint(networkId, id),
                        deleted -> new Step.Erase(EndpointBook.ENDPOINTS, id.value(), () -> {
                            book.remove(id);
                            return Step.Answer.EMPTY;
                        })));
    }

    /** No gateway: Docker's own docker_gwbridge carries the default route and published ports. */
    private Step join(Fields call) {
        EndpointId id = EndpointId.parse(call.text("EndpointID"));
        Optional<Endpoint> endpoint = book.endpoint(id);
        if (endpoint.isEmpty()) {
            return Step.notFound("endpoint " + id + " is not known to this driver: start the container again");
        }
        boolean multicast =
                book.network(endpoint.get().network()).map(Network::multicast).orElse(false);
        // RouteType 1 is "on-link" (moby: libnetwork/types). 224.0.0.0/4 is all of IPv4 multicast (RFC 5771).
        List<Map<String, Object>> routes =
                multicast ? List.of(Map.of("Destination", "224.0.0.0/4", "RouteType", 1, "NextHop", "")) : List.of();
        return new Step.Answer(Map.of(
                "InterfaceName",
                Map.of("SrcName", endpoint.get().interfaceName(), "DstPrefix", "ethwe"),
                "StaticRoutes",
                routes,
                "DisableGatewayService",
                false));
    }
}
