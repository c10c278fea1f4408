package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Service;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Docker's remote IPAM driver (docs/ipam.md of libnetwork). */
public final class IpamDriver {

    /** One name for local and global: newer engines then skip an overlap check that can loop for ever. */
    public static final String ADDRESS_SPACE = "weave";

    /** Answered from constants; see {@link NetworkDriver#capabilities}. */
    public static final Map<String, Object> CAPABILITIES =
            Map.of("RequiresMACAddress", false, "RequiresRequestReplay", false);

    /** Answered from constants; see {@link NetworkDriver#capabilities}. */
    public static final Map<String, Object> ADDRESS_SPACES =
            Map.of("LocalDefaultAddressSpace", ADDRESS_SPACE, "GlobalDefaultAddressSpace", ADDRESS_SPACE);

    private static final String REQUEST_TYPE = "RequestAddressType";
    private static final String GATEWAY = "com.docker.network.gateway";

    /** Engines from 29 on say for which container they ask. */
    private static final String ENDPOINT_NAME = "com.docker.network.endpoint.name";

    private final EndpointBook book;
    private final Supplier<String> tokens;
    private final ChosenSubnets chosen;
    private final Map<PoolId, Cidr> beingMade = new HashMap<>();

    /**
     * The driver of a host.
     *
     * @param chosen the pools that Docker does not give up
     * @param tokens a source of unique texts, which name requests whose endpoint Docker does not tell yet
     */
    public IpamDriver(EndpointBook book, ChosenSubnets chosen, Supplier<String> tokens) {
        this.book = book;
        this.chosen = chosen;
        this.tokens = tokens;
    }

    /** What a call means. */
    public Step handle(String method, Fields call) {
        return switch (method) {
            case "RequestPool" -> requestPool(call);
            case "ReleasePool" -> releasePool(PoolId.parse(call.text("PoolID")));
            case "RequestAddress" -> requestAddress(call);
            case "ReleaseAddress" -> releaseAddress(call);
            default -> new Step.NotImplemented();
        };
    }

    /** The gateway in the answer's data spares an address for one on every host; it is the network address itself. */
    private Step requestPool(Fields call) {
        Optional<Cidr> subnet = call.optionalText("Pool").map(Cidr::parse).map(Cidr::subnet);
        Optional<Cidr> range = call.optionalText("SubPool").map(Cidr::parse).map(Cidr::subnet);
        return new Step.Ask<>(Service.IPAM, new RequestPool(subnet, range, call.flag("V6")), granted -> {
            if (subnet.isEmpty() && book.hasSubnet(granted.subnet())) {
                return requestPool(call); // Chosen by a host that has left, for a network that is here, too.
            }
            beingMade.put(granted.pool(), granted.subnet());
            return new Step.Answer(Map.of(
                    "PoolID", granted.pool().value(),
                    "Pool", granted.subnet().toString(),
                    "Data", Map.of(GATEWAY, granted.subnet().toString())));
        });
    }

    private Step releasePool(PoolId pool) {
        return chosen.keeps(pool)
                ? Step.Answer.EMPTY
                : new Step.Ask<>(Service.IPAM, new ReleasePool(pool), released -> Step.Answer.EMPTY);
    }

    private Step requestAddress(Fields call) {
        PoolId pool = PoolId.parse(call.text("PoolID"));
        Optional<IpAddress> wanted = call.optionalText("Address").map(IpAddress::parse);
        Map<String, String> options = call.object("Options").texts();
        if (GATEWAY.equals(options.get(REQUEST_TYPE)) && wanted.isEmpty()) {
            return Step.invalid("no gateway is needed in pool " + pool + ": containers use Docker's gateway bridge");
        }
        Optional<String> name = Optional.ofNullable(options.get(ENDPOINT_NAME)).filter(text -> !text.isEmpty());
        boolean reserved = GATEWAY.equals(options.get(REQUEST_TYPE)) || wanted.isPresent() && isBeingMade(pool);
        Owner owner = reserved
                ? new Owner(Owner.Kind.RESERVED, "network", Optional.empty())
                : new Owner(Owner.Kind.UNBOUND, tokens.get(), name);
        return wanted.<Step>map(address ->
                        new Step.Ask<>(Service.IPAM, new ClaimAddress(pool, address, owner), IpamDriver::allocated))
                .orElseGet(() -> new Step.Ask<>(Service.IPAM, new AllocateAddress(pool, owner), IpamDriver::allocated));
    }

    /**
     * An address asked for between the making of a pool and that of its network is the network's gateway or one of its
     * {@code --aux-address}es. Every host that has the network asks for it, and none of them is to have it.
     */
    private boolean isBeingMade(PoolId pool) {
        Cidr subnet = beingMade.get(pool);
        if (subnet != null && book.hasSubnet(subnet)) {
            beingMade.remove(pool);
            return false;
        }
        return subnet != null;
    }

    private static Step allocated(AddressAllocated answer) {
        return new Step.Answer(Map.of("Address", answer.address().toString(), "Data", Map.of()));
    }

    private static Step releaseAddress(Fields call) {
        PoolId pool = PoolId.parse(call.text("PoolID"));
        IpAddress address = IpAddress.parse(call.text("Address"));
        return new Step.Ask<>(Service.IPAM, new ReleaseAddress(pool, address), released -> Step.Answer.EMPTY);
    }
}
