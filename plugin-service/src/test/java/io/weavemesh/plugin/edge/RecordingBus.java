package io.weavemesh.plugin.edge;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpamReply;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterReply;
import io.weavemesh.contract.RouterRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The other three services, as simple as can be, and a list of what they were asked. */
final class RecordingBus extends StandInBus {

    final List<Request<?>> requests = Collections.synchronizedList(new ArrayList<>());
    volatile boolean dnsIsAway;
    volatile List<IpamReply.Allocation> given = List.of();

    /** What requests of a type are answered with instead. */
    final Map<Class<?>, Reply> instead = new ConcurrentHashMap<>();

    private int addresses;
    private int blocks;

    @Override
    Reply answer(Request<?> request) {
        requests.add(request);
        Reply other = instead.get(request.getClass());
        return other != null ? other : usual(request);
    }

    private Reply usual(Request<?> request) {
        return switch (request) {
            case IpamRequest.RequestPool pool -> {
                Cidr subnet = pool.subnet().orElseGet(() -> Cidr.parse("10.184." + 4 * blocks++ + ".0/22"));
                yield new IpamReply.PoolGranted(new PoolId("weave-" + subnet + "-x"), subnet);
            }
            case IpamRequest.AllocateAddress allocate ->
                new IpamReply.AddressAllocated(Cidr.parse("10.32.0." + ++addresses + "/12"));
            case IpamRequest.ClaimAddress claim -> claim(claim);
            case RouterRequest.CreateNetwork network -> new RouterReply.NetworkCreated("weave", 1450);
            case RouterRequest.CreateEndpoint endpoint ->
                new RouterReply.EndpointCreated(
                        "vethwg" + endpoint.endpoint().value().substring(0, 9),
                        endpoint.mac().orElse(MacAddress.parse("02:42:0a:20:00:01")),
                        1450);
            case RouterRequest.JoinSandbox join -> new RouterReply.SandboxJoined("ethwe");
            case RouterRequest.EnterSandbox enter ->
                new RouterReply.SandboxEntered(
                        "vethwl" + enter.endpoint().value().substring(0, 9),
                        MacAddress.parse("02:42:00:00:00:02"),
                        MacAddress.parse("02:42:00:00:00:03"),
                        enter.routes());
            case RouterRequest.ListEndpoints list -> new RouterReply.Endpoints(List.of());
            case IpamRequest.ListAllocations list -> new IpamReply.Allocations(given);
            case IpamRequest<?> _ -> new Done();
            case RouterRequest<?> _ -> new Done();
            case DnsRequest<?> _ ->
                dnsIsAway ? new Failure(Failure.Code.UNAVAILABLE, "no answer from dns") : new Done();
            default -> throw new IllegalStateException("not expected: " + request);
        };
    }

    private static Reply claim(IpamRequest.ClaimAddress claim) {
        return claim.address().toString().equals("10.32.0.99")
                ? new Failure(Failure.Code.CONFLICT, "claim 10.32.0.99: held by foo on host2")
                : new IpamReply.AddressAllocated(
                        new Cidr(claim.address(), claim.address().toString().startsWith("10.99.") ? 24 : 12));
    }
}
