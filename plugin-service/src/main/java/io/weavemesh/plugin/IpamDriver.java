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
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Docker's remote IPAM driver (docs/ipam.md of libnetwork). */
public final class IpamDriver {

    /** One name for local and global: newer engines then skip an overlap check that can loop for ever. */
    public static final String ADDRESS_SPACE = "weave";

    /** Answered from constants; see {@link NetworkDriver#CAPABILITIES}. */
    public static final Map<String, Object> CAPABILITIES =
            Map.of("RequiresMACAddress", false, "RequiresRequestReplay", false);

    /** Answered from constants; see {@link NetworkDriver#CAPABILITIES}. */
    public static final Map<String, Object> ADDRESS_SPACES =
            Map.of("LocalDefaultAddressSpace", ADDRESS_SPACE, "GlobalDefaultAddressSpace", ADDRESS_SPACE);

    private static final String REQUEST_TYPE = "RequestAddressType";
    private static final String GATEWAY = "com.docker.network.gateway";

    /** Engines from 29 on say for which container they ask. */
    private static final String ENDPOINT_NAME = "com.docker.network.endpoint.name";

    private final Supplier<String> tokens;

    /** Takes a source of unique texts, which name requests whose endpoint Docker does not tell yet. */
    public IpamDriver(Supplier<String> tokens) {
        this.tokens = tokens;
    }

    /** What a call means. */
    public Step handle(String method, Fields call) {
        return switch (method) {
            case "RequestPool" -> requestPool(call);
            case "ReleasePool" ->
                new Step.Ask<>(
                        Service.IPAM,
                        new ReleasePool(PoolId.parse(call.text("PoolID"))),
                        released -> Step.Answer.EMPTY);
            case "RequestAddress" -> requestAddress(call);
            case "ReleaseAddress" -> releaseAddress(call);
            default -> new Step.NotImplemented();
        };
    }

    /** The gateway in the answer's data spares an address for one on every host; it is the network address itself. */
    private static Step requestPool(Fields call) {
        Optional<Cidr> subnet = call.optionalText("Pool").map(Cidr::parse).map(Cidr::subnet);
        Optional<Cidr> range = call.optionalText("SubPool").map(Cidr::parse).map(Cidr::subnet);
        return new Step.Ask<>(
                Service.IPAM,
                new RequestPool(subnet, range, call.flag("V6")),
                granted -> new Step.Answer(Map.of(
                        "PoolID", granted.pool().value(),
                        "Pool", granted.subnet().toString(),
                        "Data", Map.of(GATEWAY, granted.subnet().toString()))));
    }

    private Step requestAddress(Fields call) {
        PoolId pool = PoolId.parse(call.text("PoolID"));
        Optional<IpAddress> wanted = call.optionalText("Address").map(IpAddress::parse);
        Map<String, String> options = call.object("Options").texts();
        if (GATEWAY.equals(options.get(REQUEST_TYPE)) && wanted.isEmpty()) {
            return Step.invalid("no gateway is needed in pool " + pool + ": containers use Docker's gateway bridge");
        }
        Optional<String> name = Optional.ofNullable(options.get(ENDPOINT_NAME)).filter(text -> !text.isEmpty());
        Owner owner = GATEWAY.equals(options.get(REQUEST_TYPE))
                ? new Owner(Owner.Kind.RESERVED, "gateway", Optional.empty())
                : new Owner(Owner.Kind.UNBOUND, tokens.get(), name);
        return wanted.<Step>map(address ->
                        new Step.Ask<>(Service.IPAM, new ClaimAddress(pool, address, owner), IpamDriver::allocated))
                .orElseGet(() -> new Step.Ask<>(Service.IPAM, new AllocateAddress(pool, owner), IpamDriver::allocated));
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
