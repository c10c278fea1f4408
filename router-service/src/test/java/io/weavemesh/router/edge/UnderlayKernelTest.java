package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of its addresses a host takes, and with which MTU. */
@RequiresRoot
class UnderlayKernelTest {

    private final Namespace host = Namespace.create("underlay");

    UnderlayKernelTest() {
        host.sh("ip link set lo up; ip link add eth0 mtu 1500 type veth peer name far0;"
                + " ip link add eth1 mtu 9000 type veth peer name far1;"
                + " ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up;"
                + " for d in eth0 far0 eth1 far1; do ip link set $d up; done;"
                + " ip addr add 192.0.2.1/24 dev eth0; ip addr add 198.51.100.1/24 dev eth1");
    }

    @AfterEach
    void remove() {
        host.close();
    }

    @Test
    void theAddressGiven() {
        assertThat(discover(Optional.of("198.51.100.1"))).isEqualTo(underlay("198.51.100.1", "eth1", 9000));
        assertThatThrownBy(() -> discover(Optional.of("192.0.2.9")))
                .hasMessage("no interface of this host has the address 192.0.2.9"
                        + " (expected one of [192.0.2.1, 198.51.100.1])");
    }

    @Test
    void theWayToTheFirstTargetThatResolves() {
        assertThat(discover(Optional.empty(), "no-such-host.invalid", "198.51.100.7:6783"))
                .isEqualTo(underlay("198.51.100.1", "eth1", 9000));
    }

    @Test
    void theWayToTheWorld() {
        host.sh("ip route add default via 198.51.100.254");
        assertThat(discover(Optional.empty())).isEqualTo(underlay("198.51.100.1", "eth1", 9000));
    }

    @Test
    void aRouteWithAnMtuOfItsOwn() {
        host.sh("ip route add default via 198.51.100.254 mtu 1400");
        host.sh("ip route add 203.0.113.0/24 via 198.51.100.254 mtu 1300");
        assertThat(discover(Optional.empty(), "203.0.113.5")).isEqualTo(underlay("198.51.100.1", "eth1", 1300));
    }

    @Test
    void withoutAnyRouteTheFirstAddressThatLeadsOutward() {
        assertThat(discover(Optional.empty())).isEqualTo(underlay("192.0.2.1", "eth0", 1500));
    }

    @Test
    void aHostWithoutAnAddressIsToldWhatToDo() {
        host.sh("ip addr flush dev eth0; ip addr flush dev eth1; ip -6 addr flush dev eth0; ip -6 addr flush dev eth1");
        assertThatThrownBy(() -> discover(Optional.empty()))
                .hasMessage("this host has no address other hosts could reach;"
                        + " say which address of this host to use with --host");
    }

    private Underlay discover(Optional<String> given, String... targets) {
        return Underlay.discoverIn(host.path(), given.map(IpAddress::parse), List.of(targets));
    }

    private static Underlay underlay(String address, String device, int mtu) {
        return new Underlay(IpAddress.parse(address), device, mtu);
    }
}
