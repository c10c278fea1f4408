package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.AddressAllocated;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamReply.PoolGranted;
import io.weavemesh.contract.IpamRequest.AllocateAddress;
import io.weavemesh.contract.IpamRequest.BindAddress;
import io.weavemesh.contract.IpamRequest.ClaimAddress;
import io.weavemesh.contract.IpamRequest.ReleaseAddress;
import io.weavemesh.contract.IpamRequest.ReleasePool;
import io.weavemesh.contract.IpamRequest.RequestPool;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.PoolId;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.Request;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterReply.NetworkCreated;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The drivers on a host whose process may be killed at any moment of a call: between any two steps, and within a step once
 * its work is on the disk and nobody has heard of it. The services keep what they answered, as theirs do.
 */
final class FaultyHost {

    static final Cidr SUBNET = Cidr.parse("10.5.0.0/24");
    static final PoolId POOL = new PoolId("pool-10.5.0.0-24");
    private static final MacAddress MAC = MacAddress.parse("02:f8:0a:05:00:01");

    /** The process is gone. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String method;
        private final transient Optional<Map<String, Object>> answer;

        private Killed(String method, Optional<Map<String, Object>> answer) {
            super(method);
            this.method = method;
            this.answer = answer;
        }

        String method() {
            return method;
        }

        /** Whether Docker got the answer before. */
        boolean answered() {
            return answer.isPresent();
        }

        Map<String, Object> answer() {
            return answer.orElseThrow();
        }
    }

    /** On the disk. */
    private final Map<String, Network> networks = new HashMap<>();

    private final Map<String, Endpoint> endpoints = new HashMap<>();
    final Map<NetworkId, CreateNetwork> routersNetworks = new TreeMap<>();
    final Map<EndpointId, CreateEndpoint> routersEndpoints = new TreeMap<>();
    final Map<IpAddress, Allocation> given = new TreeMap<>();

    /** In memory. */
    private EndpointBook book = new EndpointBook(List.of(), List.of());

    private NetworkDriver network = new NetworkDriver(book, NetworkDriver.Scope.LOCAL);
    private IpamDriver ipam = new IpamDriver(book, new ChosenSubnets(List.of()), this::token);

    private String method = "";
    private int left = -1;
    private int tokens;
    private Instant now = Instant.ofEpochSecond(10_000);

    /** Dies at this moment of the next call, counted from 0; never if negative. */
    void killAt(int moment) {
        left = moment;
    }

    void restart() {
        left = -1;
        book = new EndpointBook(networks.values(), endpoints.values());
        network = new NetworkDriver(book, NetworkDriver.Scope.LOCAL);
        ipam = new IpamDriver(book, new ChosenSubnets(List.of()), this::token);
    }

    EndpointBook book() {
        return book;
    }

    List<EndpointRow> routed() {
        return routersEndpoints.values().stream()
                .map(made -> new EndpointRow(
                        SUBNET,
                        made.endpoint(),
                        MAC,
                        made.addresses().stream().map(Cidr::address).toList()))
                .toList();
    }

    Instant now() {
        return now;
    }

    void pass(int seconds) {
        now = now.plusSeconds(seconds);
    }

    /** Makes a call; its last step. */
    Step call(String name, Map<String, ?> body) {
        method = name;
        String call = name.substring(name.indexOf('.') + 1);
        Fields fields = new Fields(name, body);
        Step last = carryOut(name.startsWith("Ipam") ? ipam.handle(call, fields) : network.handle(call, fields));
        moment(); // The work is done, and Docker has not heard of it.
        if (last instanceof Step.Answer answer && left == 0) {
            throw new Killed(method, Optional.of(answer.body()));
        }
        left--;
        return last;
    }

    private Step carryOut(Step step) {
        return switch (step) {
            case Step.Answer answer -> answer;
            case Step.Refuse refusal -> refusal;
            case Step.NotImplemented missing -> missing;
            case Step.Ask<?> ask -> asked(ask);
            case Step.Tell tell -> {
                moment();
                serve(tell.request());
                moment();
                yield carryOut(tell.then().get());
            }
            case Step.Write write -> {
                moment();
                if (write.value() instanceof Network made) {
                    networks.put(write.key(), made);
                } else {
                    endpoints.put(write.key(), (Endpoint) write.value());
                }
                moment();
                yield carryOut(write.then().get());
            }
            case Step.Erase erase -> {
                moment();
                (erase.map().equals(EndpointBook.NETWORKS) ? networks : endpoints).remove(erase.key());
                moment();
                yield carryOut(erase.then().get());
            }
        };
    }

    @SuppressWarnings("unchecked") // A service answers what the request asks for.
    private <R extends Reply> Step asked(Step.Ask<R> ask) {
        moment();
        R reply = (R) serve(ask.request());
        moment();
        return carryOut(ask.then().apply(reply));
    }

    private void moment() {
        if (left == 0) {
            throw new Killed(method, Optional.empty());
        }
        left--;
    }

    /** As the services do it, on the disk before they answer. */
    Reply serve(Request<?> request) {
        return switch (request) {
            case RequestPool pool -> new PoolGranted(POOL, SUBNET);
            case ReleasePool pool -> new Done();
            case AllocateAddress allocate -> give(free(), allocate.owner());
            case ClaimAddress claim -> give(claim.address(), claim.owner());
            case BindAddress bind -> {
                given.computeIfPresent(
                        bind.address(), (address, old) -> new Allocation(old.address(), bind.owner(), old.since()));
                yield new Done();
            }
            case ReleaseAddress release -> {
                given.remove(release.address());
                yield new Done();
            }
            case CreateNetwork create -> {
                routersNetworks.put(create.network(), create);
                yield new NetworkCreated("bridge", 1450);
            }
            case DeleteNetwork delete -> {
                routersNetworks.remove(delete.network());
                yield new Done();
            }
            case CreateEndpoint create -> {
                // An endpoint whose address is given anew is gone.
                routersEndpoints.values().removeIf(old -> old.addresses().equals(create.addresses()));
                routersEndpoints.put(create.endpoint(), create);
                yield new EndpointCreated("vethwg" + create.endpoint().value(), MAC, 1450);
            }
            case DeleteEndpoint delete -> {
                routersEndpoints.remove(delete.endpoint());
                yield new Done();
            }
            default -> new Done();
        };
    }

    private AddressAllocated give(IpAddress address, Owner owner) {
        Cidr whole = Cidr.parse(address + "/24");
        given.putIfAbsent(address, new Allocation(whole, owner, now));
        return new AddressAllocated(whole);
    }

    private IpAddress free() {
        for (int last = 1; last < 255; last++) {
            IpAddress address = IpAddress.parse("10.5.0." + last);
            if (!given.containsKey(address)) {
                return address;
            }
        }
        throw new AssertionError("the pool is full");
    }

    private String token() {
        return "token" + tokens++;
    }
}
