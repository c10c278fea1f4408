package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.FailureException;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.router.LocalEndpoint;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host and a container as two namespaces, looked at with the tools of iproute2. */
@RequiresRoot
class SandboxTest {

    private static final MacAddress MAC = MacAddress.parse("06:00:5e:00:53:01");

    private final Namespace host = Namespace.create("host");
    private final Namespace container = Namespace.create("container");
    private final Netlink netlink = Netlink.openIn(host.path());

    @AfterEach
    void remove() {
        netlink.close();
        container.close();
        host.close();
    }

    @Test
    void theInterfaceIsInTheContainerWithItsAddressesAndTheRouteForMulticast() {
        makePair();
        assertThat(join(true, "10.32.0.1/12", "10.32.0.2/12")).isEqualTo("ethwe");
        assertThat(container.sh("ip -br addr show ethwe")).contains("10.32.0.1/12", "10.32.0.2/12");
        assertThat(container.sh("ip link show ethwe")).contains(MAC.toString(), "mtu 1400", ",UP");
        assertThat(container.sh("ip route")).contains("10.32.0.0/12 dev ethwe", "224.0.0.0/4 dev ethwe scope link");
        assertThat(container.sh("cat /proc/sys/net/ipv6/conf/ethwe/accept_ra")).isEqualTo("0\n");
        assertThat(container.sh("cat /proc/sys/net/ipv6/conf/ethwe/disable_ipv6"))
                .isEqualTo("1\n");
        assertThat(host.succeeds("ip link show vethwgaaaaaaaaa")).isFalse();
    }

    @Test
    void repeatedItChangesNothingAndWithOtherAddressesOnlyThose() {
        makePair();
        join(true, "10.32.0.1/12", "10.32.0.2/12");
        String before = container.sh("ip addr; ip route");
        assertThat(join(true, "10.32.0.1/12", "10.32.0.2/12")).isEqualTo("ethwe");
        assertThat(container.sh("ip addr; ip route")).isEqualTo(before);

        // The first address of a subnet takes the others with it when it goes.
        join(true, "10.32.0.2/12", "10.32.0.3/12", "fd00:53::3/64");
        assertThat(container.sh("ip -br addr show ethwe"))
                .contains("10.32.0.2/12", "10.32.0.3/12", "fd00:53::3/64")
                .doesNotContain("10.32.0.1/12");
        assertThat(container.sh("ip route")).contains("10.32.0.0/12 dev ethwe", "224.0.0.0/4 dev ethwe");
    }

    @Test
    void aTakenNameGetsANumberAndWithoutMulticastThereIsNoRoute() {
        container.sh("ip link add ethwe type bridge");
        makePair();
        assertThat(join(false, "10.32.0.1/12")).isEqualTo("ethwe1");
        assertThat(container.sh("ip route")).doesNotContain("224.0.0.0");
    }

    @Test
    void withoutTheInterfaceOrTheContainerItIsSaidWhatIsMissing() {
        assertThatThrownBy(() -> join(false, "10.32.0.1/12"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("vethwgaaaaaaaaa");
        assertThatThrownBy(() -> new Sandbox(Path.of("/proc/0/ns/net"), endpoint("10.32.0.1/12")).join(netlink, false))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("/proc/0/ns/net");
    }

    private void makePair() {
        netlink.createVeth(VethSpec.named("vethwlaaaaaaaaa", "vethwgaaaaaaaaa")
                .withMtu(1400)
                .withPeerMac(MAC)
                .asUp());
    }

    private String join(boolean multicast, String... addresses) {
        return new Sandbox(container.path(), endpoint(addresses)).join(netlink, multicast);
    }

    private static LocalEndpoint endpoint(String... addresses) {
        return new LocalEndpoint(
                new NetworkId("weave:attach:10.32.0.0/12"),
                new EndpointId("aaaaaaaaaaaa"),
                List.of(addresses).stream().map(Cidr::parse).toList(),
                MAC,
                1400);
    }
}
