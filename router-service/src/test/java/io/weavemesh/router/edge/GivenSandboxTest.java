package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.RouterReply.SandboxEntered;
import io.weavemesh.contract.RouterReply.SandboxSeen;
import io.weavemesh.contract.RouterRequest.EnterSandbox;
import io.weavemesh.contract.RouterRequest.InspectSandbox;
import io.weavemesh.contract.SandboxRoute;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.router.LocalEndpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host and a container of CNI's as two namespaces, looked at with the tools of iproute2. */
@RequiresRoot
class GivenSandboxTest {

    private static final MacAddress MAC = MacAddress.parse("02:42:5e:00:53:01");
    private static final MacAddress BRIDGE = MacAddress.parse("02:42:5e:00:53:02");
    private static final Cidr ADDRESS = Cidr.parse("10.32.0.1/12");
    private static final SandboxRoute DEFAULT =
            new SandboxRoute(Cidr.parse("0.0.0.0/0"), Optional.of(IpAddress.parse("10.32.0.2")));
    private static final SandboxRoute ON_LINK = new SandboxRoute(Cidr.parse("10.99.0.0/16"), Optional.empty());

    private final Namespace host = Namespace.create("host");
    private final Namespace container = Namespace.create("container");
    private final Netlink netlink = Netlink.openIn(host.path());

    @BeforeEach
    void makePair() {
        netlink.createVeth(VethSpec.named("vethwlaaaaaaaaa", "vethwgaaaaaaaaa")
                .withMtu(1400)
                .withPeerMac(MAC)
                .asUp());
    }

    @AfterEach
    void remove() {
        netlink.close();
        container.close();
        host.close();
    }

    @Test
    void theInterfaceIsThereUnderTheNameAskedForWithItsAddressAndRoutes() {
        SandboxEntered entered = enter("net1", DEFAULT, ON_LINK);
        assertThat(entered.hostInterface()).isEqualTo("vethwlaaaaaaaaa");
        assertThat(host.sh("ip link show vethwlaaaaaaaaa"))
                .contains(entered.hostMac().toString());
        assertThat(entered.routes()).containsExactly(DEFAULT, ON_LINK);
        assertThat(container.sh("ip -br addr show net1")).contains("10.32.0.1/12");
        assertThat(container.sh("ip route")).contains("default via 10.32.0.2 dev net1", "10.99.0.0/16 dev net1");
        SandboxSeen seen = look("net1");
        assertThat(seen.found()).isTrue();
        assertThat(seen.up()).isTrue();
        assertThat(seen.mac()).contains(MAC);
        assertThat(seen.mtu()).isEqualTo(1400);
        assertThat(seen.addresses()).containsExactly(ADDRESS);
        assertThat(seen.routes()).contains(DEFAULT, ON_LINK);
        assertThat(enter("net1", DEFAULT, ON_LINK)).as("repeated").isEqualTo(entered);
    }

    @Test
    void anotherNetworksDefaultRouteStays() {
        container.sh("ip link add other type bridge && ip link set other up && ip addr add 192.0.2.2/24 dev other"
                + " && ip route add default via 192.0.2.1");
        assertThat(enter("net1", DEFAULT).routes()).isEmpty();
        assertThat(container.sh("ip route show default")).contains("via 192.0.2.1");
    }

    @Test
    void whatIsInTheWayIsNamed() {
        container.sh("ip link add net1 type bridge");
        assertThatThrownBy(() -> enter("net1"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("another interface net1");
        assertThatThrownBy(() -> enter(Path.of("/run/netns/nobodys"), "net1"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("/run/netns/nobodys: there is no such network namespace");
        assertThatThrownBy(() -> enter(Path.of("/proc/self/ns/net"), "net1"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("the host's own");
        assertThat(look("net2").found()).isFalse();
        assertThat(new GivenSandbox(Path.of("/run/netns/nobodys"))
                        .inspect(new InspectSandbox("/run/netns/nobodys", "net1"))
                        .found())
                .isFalse();
    }

    private SandboxSeen look(String name) {
        return new GivenSandbox(container.path())
                .inspect(new InspectSandbox(container.path().toString(), name));
    }

    private SandboxEntered enter(String name, SandboxRoute... routes) {
        return enter(container.path(), name, routes);
    }

    private SandboxEntered enter(Path file, String name, SandboxRoute... routes) {
        LocalEndpoint endpoint = new LocalEndpoint(
                new NetworkId("weave:cni:10.32.0.0/12"), new EndpointId("aaaaaaaaaaaa"), List.of(ADDRESS), MAC, 1400);
        return new GivenSandbox(file)
                .enter(
                        netlink,
                        new EnterSandbox(endpoint.id(), file.toString(), name, List.of(routes)),
                        endpoint,
                        BRIDGE);
    }
}
