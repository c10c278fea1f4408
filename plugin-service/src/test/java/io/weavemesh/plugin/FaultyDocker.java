package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.contract.RouterRequest;
import io.weavemesh.plugin.Reconciler.Attached;
import io.weavemesh.plugin.Reconciler.Repair;
import io.weavemesh.plugin.Reconciler.Seen;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A Docker that makes the calls of a network and a container, and knows afterwards what it would know. */
final class FaultyDocker {

    private static final NetworkId NETWORK = new NetworkId("network");

    private final FaultyHost host;

    /** What Docker has written down. */
    private final Set<NetworkId> networks = new HashSet<>();

    private final Map<EndpointId, Cidr> endpoints = new HashMap<>();

    private EndpointId endpoint = new EndpointId("aaaaaaaaaaaa");
    private Optional<Cidr> address = Optional.empty();
    private String last = "";
    private boolean gaveUp;

    FaultyDocker(FaultyHost host) {
        this.host = host;
    }

    Map<String, Object> call(String method, Map<String, ?> body) {
        last = method;
        return answer(host.call(method, body));
    }

    private static Map<String, Object> answer(Step step) {
        return switch (step) {
            case Step.Answer answer -> answer.body();
            case Step.NotImplemented missing -> Map.of();
            default -> throw new AssertionError("Docker got no answer but " + step);
        };
    }

    void requestPool() {
        heard(call("IpamDriver.RequestPool", Map.of("AddressSpace", "weave", "Pool", FaultyHost.SUBNET.toString())));
    }

    void gatewayAddress() {
        call(
                "IpamDriver.RequestAddress",
                Map.of(
                        "PoolID",
                        FaultyHost.POOL.value(),
                        "Address",
                        "10.5.0.254",
                        "Options",
                        Map.of("RequestAddressType", "com.docker.network.gateway")));
    }

    void createNetwork() {
        Map<String, String> data = Map.of("AddressSpace", "weave", "Pool", FaultyHost.SUBNET.toString());
        heard(call("NetworkDriver.CreateNetwork", Map.of("NetworkID", NETWORK.value(), "IPv4Data", List.of(data))));
    }

    void requestAddress() {
        heard(call("IpamDriver.RequestAddress", Map.of("PoolID", FaultyHost.POOL.value(), "Address", "")));
    }

    void createEndpoint() {
        Map<String, Object> body = new HashMap<>(endpointIds());
        body.put("Interface", Map.of("Address", address.orElseThrow().toString()));
        heard(call("NetworkDriver.CreateEndpoint", body));
    }

    void join() {
        call("NetworkDriver.Join", endpointIds());
    }

    void leave() {
        call("NetworkDriver.Leave", endpointIds());
    }

    void deleteEndpoint() {
        heard(call("NetworkDriver.DeleteEndpoint", endpointIds()));
    }

    void releaseAddress() {
        call(
                "IpamDriver.ReleaseAddress",
                Map.of(
                        "PoolID",
                        FaultyHost.POOL.value(),
                        "Address",
                        address.orElseThrow().address().toString()));
    }

    void deleteNetwork() {
        heard(call("NetworkDriver.DeleteNetwork", Map.of("NetworkID", NETWORK.value())));
    }

    void releasePool() {
        call("IpamDriver.ReleasePool", Map.of("PoolID", FaultyHost.POOL.value()));
    }

    Map<String, Object> endpointIds() {
        return Map.of("NetworkID", NETWORK.value(), "EndpointID", endpoint.value());
    }

    /** What Docker writes down after an answer. */
    void heard(Map<String, Object> answer) {
        switch (last) {
            case "IpamDriver.RequestAddress" ->
                address = Optional.of(Cidr.parse(String.valueOf(answer.get("Address"))));
            case "NetworkDriver.CreateNetwork" -> networks.add(NETWORK);
            case "NetworkDriver.CreateEndpoint" -> endpoints.put(endpoint, address.orElseThrow());
            case "NetworkDriver.DeleteEndpoint" -> forgetEndpoint();
            case "NetworkDriver.DeleteNetwork" -> networks.remove(NETWORK);
            default -> {}
        }
    }

    void forgetEndpoint() {
        endpoints.remove(endpoint);
    }

    /** The command ends with an error. */
    void giveUp() {
        gaveUp = true;
    }

    boolean gaveUp() {
        return gaveUp;
    }

    /** The reconciler's work of so many seconds. */
    void comparedFor(int seconds) {
        Reconciler reconciler = new Reconciler(host.book());
        for (int at = 0; at <= seconds; at += 30) {
            Set<Cidr> inUse = new HashSet<>(endpoints.values());
            Seen seen = new Seen(
                    networks,
                    endpoints.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey,
                                    entry -> new Attached(Optional.of("foo"), List.of(entry.getValue())))),
                    inUse.stream().map(Cidr::address).collect(Collectors.toSet()));
            List<Allocation> given = List.copyOf(host.given.values());
            reconciler
                    .compare(seen, host.routed(), given, Duration.ofSeconds(at), host.now())
                    .forEach(this::repair);
            host.pass(30);
        }
    }

    /** As the comparison at the edge does it. */
    private void repair(Repair repair) {
        switch (repair) {
            case Repair.DropEndpoint(NetworkId network, EndpointId id) ->
                call("NetworkDriver.DeleteEndpoint", Map.of("NetworkID", network.value(), "EndpointID", id.value()));
            case Repair.DropNetwork(NetworkId network) ->
                call("NetworkDriver.DeleteNetwork", Map.of("NetworkID", network.value()));
            case Repair.MakeNetwork(Network made) ->
                host.serve(new RouterRequest.CreateNetwork(made.id(), made.subnets(), made.mtu()));
            case Repair.Claim(Cidr claimed, Owner owner) ->
                host.serve(new IpamRequest.ClaimAddress(FaultyHost.POOL, claimed.address(), owner));
            case Repair.Bind(Cidr bound, Owner owner) ->
                host.serve(new IpamRequest.BindAddress(bound.subnet(), bound.address(), owner));
            case Repair.Release(Allocation leak) ->
                host.serve(new IpamRequest.ReleaseAddress(
                        FaultyHost.POOL, leak.address().address()));
        }
    }

    /** The router, ipam-service and our book have what Docker has, and nothing else. */
    void agrees(String what) {
        assertThat(host.routersNetworks.keySet())
                .as("networks of the router: %s", what)
                .isEqualTo(networks);
        assertThat(host.book().networks().stream().map(Network::id).collect(Collectors.toSet()))
                .as("networks of the book: %s", what)
                .isEqualTo(networks);
        assertThat(host.routersEndpoints.keySet())
                .as("endpoints of the router: %s", what)
                .isEqualTo(endpoints.keySet());
        assertThat(host.book().endpoints().stream().map(Endpoint::id).collect(Collectors.toSet()))
                .as("endpoints of the book: %s", what)
                .isEqualTo(endpoints.keySet());
        assertThat(host.given.values().stream()
                        .filter(allocation -> allocation.owner().kind() != Owner.Kind.RESERVED)
                        .map(Allocation::address)
                        .toList())
                .as("addresses in use: %s", what)
                .containsExactlyInAnyOrderElementsOf(endpoints.values());
        assertThat(host.given.values().stream().map(a -> a.owner().kind()))
                .as("every address has its endpoint: %s", what)
                .doesNotContain(Owner.Kind.UNBOUND);
    }

    /** Another container, on the same network or on it made anew; afterwards all that was before is gone. */
    void liveAndDie(String what) {
        if (networks.isEmpty()) {
            requestPool();
            gatewayAddress();
            createNetwork();
        }
        Optional<EndpointId> old = endpoints.keySet().stream().findFirst();
        Optional<Cidr> oldAddress = address;
        endpoint = new EndpointId("bbbbbbbbbbbb");
        requestAddress();
        assertThat(endpoints).as("an address is given once: %s", what).doesNotContainValue(address.orElseThrow());
        createEndpoint();
        join();
        agrees(what + ", and another container");
        leave();
        deleteEndpoint();
        releaseAddress();
        old.ifPresent(id -> {
            endpoint = id;
            address = oldAddress;
            leave();
            deleteEndpoint();
            releaseAddress();
        });
        deleteNetwork();
        releasePool();
        agrees(what + ", and the end of it all");
        assertThat(networks).isEmpty();
    }
}
