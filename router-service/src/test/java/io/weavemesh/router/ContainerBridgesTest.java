package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.ContainerBridges.Device;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ContainerBridgesTest {

    private static final int NONE = 0;

    @Test
    void dockersBridgesAreKnownByTheirNames() {
        assertThat(ContainerBridges.among(List.of(
                        device(2, "docker0", "bridge", NONE),
                        device(3, "br-0123456789ab", "bridge", NONE),
                        device(4, "eth1", "", 3))))
                .containsExactlyInAnyOrder("docker0", "br-0123456789ab");
    }

    @Test
    void aBridgeOfAnyNameWithContainersOnlyIsOne() {
        assertThat(ContainerBridges.among(List.of(
                        device(2, "shop", "bridge", NONE),
                        device(3, "veth1", "veth", 2),
                        device(4, "veth2", "veth", 2))))
                .containsExactly("shop");
    }

    @Test
    void aBridgeIsOneBeforeItsFirstContainerComes() {
        assertThat(ContainerBridges.among(List.of(device(2, "shop", "bridge", NONE))))
                .containsExactly("shop");
    }

    @Test
    void aBridgeThatLeadsToOtherHostsIsNone() {
        for (String kind : List.of("", "bond", "vlan", "vxlan", "tun")) {
            assertThat(ContainerBridges.among(List.of(
                            device(2, "br0", "bridge", NONE),
                            device(3, "port", kind, 2),
                            device(4, "veth1", "veth", 2))))
                    .as("with a port of kind '%s'", kind)
                    .isEmpty();
        }
    }

    @Test
    void neitherAreOursNorOtherDevices() {
        assertThat(ContainerBridges.among(List.of(
                        device(2, "weave", "bridge", NONE),
                        device(3, "wb-7940fa", "bridge", NONE),
                        device(4, "br-0123456789ab", "dummy", NONE))))
                .isEmpty();
    }

    private static Device device(int index, String name, String kind, int bridge) {
        return new Device(index, name, kind, bridge == NONE ? OptionalInt.empty() : OptionalInt.of(bridge));
    }
}
