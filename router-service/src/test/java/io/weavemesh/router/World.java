package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import java.util.List;
import java.util.Optional;

/** Peers, networks and endpoints the specifications speak of. Addresses are from documentation ranges. */
public final class World {

    public static final Cidr DEFAULT_SUBNET = Cidr.parse("10.32.0.0/12");
    public static final Cidr OTHER_SUBNET = Cidr.parse("198.51.100.0/24");
    public static final PeerName ALPHA = PeerName.parse("2e:11:0a:9f:44:01");
    public static final PeerName BETA = PeerName.parse("2e:11:0a:9f:44:02");
    public static final PeerName GAMMA = PeerName.parse("2e:11:0a:9f:44:03");
    public static final NetworkId WEAVE = new NetworkId("weavenetwork");
    public static final NetworkId OTHER = new NetworkId("othernetwork");

    /** What {@link #busyOverlay()} wants of the kernel. */
    public static final List<String> BUSY_GOLDEN = """
            bridge fdb append 00:00:00:00:00:00 dev vxlan-weave dst 192.0.2.2 self permanent
            bridge fdb append 00:00:00:00:00:00 dev wx-7940fa dst 192.0.2.2 self permanent
            bridge fdb replace 02:9d:c6:33:64:01 dev vethwlbbbbbbbbb master static
            bridge fdb replace 02:9d:c6:33:64:02 dev wx-7940fa dst 192.0.2.2 self permanent
            bridge fdb replace 02:9d:c6:33:64:02 dev wx-7940fa master static
            bridge fdb replace 02:f8:0a:20:00:01 dev vethwlaaaaaaaaa master static
            bridge fdb replace 02:f8:0a:28:00:01 dev vxlan-weave dst 192.0.2.2 self permanent
            bridge fdb replace 02:f8:0a:28:00:01 dev vxlan-weave master static
            bridge link set dev vxlan-weave learning on neigh_suppress on
            bridge link set dev wx-7940fa learning on neigh_suppress on
            ip link add vethwlaaaaaaaaa mtu 1450 master weave up type veth peer name vethwgaaaaaaaaa mtu 1450 \
            address 02:f8:0a:20:00:01
            ip link add vethwlbbbbbbbbb mtu 1450 master wb-7940fa up type veth peer name vethwgbbbbbbbbb mtu 1450 \
            address 02:9d:c6:33:64:01
            ip link add vxlan-weave mtu 1450 master weave up type vxlan id 11566019 dstport 6784 local 192.0.2.1 learning
            ip link add wb-7940fa address 2e:11:0a:9f:44:01 mtu 1450 up type bridge stp_state 0 forward_delay 0 \
            mcast_snooping 0
            ip link add weave address 2e:11:0a:9f:44:01 mtu 1450 up type bridge stp_state 0 forward_delay 0 \
            mcast_snooping 0
            ip link add wx-7940fa mtu 1450 master wb-7940fa up type vxlan id 7946490 dstport 6784 local 192.0.2.1 learning
            ip neigh replace 10.32.0.1 lladdr 02:f8:0a:20:00:01 dev weave nud permanent
            ip neigh replace 10.40.0.1 lladdr 02:f8:0a:28:00:01 dev weave nud permanent
            ip neigh replace 198.51.100.1 lladdr 02:9d:c6:33:64:01 dev wb-7940fa nud permanent
            ip neigh replace 198.51.100.2 lladdr 02:9d:c6:33:64:02 dev wb-7940fa nud permanent
            """.lines().toList();

    private World() {}

    public static RouterSettings settings() {
        return RouterSettings.of(DEFAULT_SUBNET, IpAddress.parse("192.0.2.1"), "eth0", 1500);
    }

    public static Overlay emptyOverlay() {
        return new Overlay(ALPHA, settings(), List.of(), List.of(), List.of());
    }

    public static PeerDescription peer(PeerName name, String nickname, String vtep, int mtu) {
        return new PeerDescription(
                name,
                nickname,
                "0.1.0",
                1,
                DEFAULT_SUBNET,
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                IpAddress.parse(vtep),
                6783,
                mtu);
    }

    public static PeerDescription alpha() {
        return peer(ALPHA, "alpha", "192.0.2.1", 1450);
    }

    public static PeerDescription beta() {
        return peer(BETA, "beta", "192.0.2.2", 1450);
    }

    public static PeerDescription gamma() {
        return peer(GAMMA, "gamma", "192.0.2.3", 1400);
    }

    public static CreateNetwork network(NetworkId id, Cidr subnet) {
        return new CreateNetwork(id, List.of(subnet), Optional.empty());
    }

    public static CreateEndpoint endpoint(NetworkId network, String id, String address) {
        return new CreateEndpoint(network, new EndpointId(id), List.of(Cidr.parse(address)), Optional.empty());
    }

    public static EndpointRow row(Cidr subnet, String id, String address) {
        IpAddress ip = IpAddress.parse(address);
        return new EndpointRow(subnet, new EndpointId(id), EndpointMac.of(subnet, ip), List.of(ip));
    }

    public static EndpointRow row(Cidr subnet, String id, String mac, String address) {
        return new EndpointRow(subnet, new EndpointId(id), MacAddress.parse(mac), List.of(IpAddress.parse(address)));
    }

    /** Two networks here, one endpoint in each; two peers, one with endpoints in both, one in none of ours. */
    public static Overlay busyOverlay() {
        Overlay overlay = emptyOverlay();
        overlay.handle(new Input.NetworkAsked(network(WEAVE, DEFAULT_SUBNET)));
        overlay.handle(new Input.NetworkAsked(network(OTHER, OTHER_SUBNET)));
        overlay.handle(new Input.EndpointAsked(endpoint(WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        overlay.handle(new Input.EndpointAsked(endpoint(OTHER, "bbbbbbbbbbbb", "198.51.100.1/24")));
        overlay.handle(new Input.PeerPresent(beta()));
        overlay.handle(new Input.PeerPresent(peer(GAMMA, "gamma", "192.0.2.3", 1450)));
        overlay.handle(new Input.RowsChanged(
                BETA,
                List.of(
                        row(DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1"),
                        row(OTHER_SUBNET, "dddddddddddd", "198.51.100.2")),
                List.of()));
        overlay.handle(new Input.RowsChanged(
                GAMMA, List.of(row(Cidr.parse("203.0.113.0/24"), "eeeeeeeeeeee", "203.0.113.1")), List.of()));
        return overlay;
    }
}
