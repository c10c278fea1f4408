package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A neighbour on a bridge, with the real kernel and its cache. */
@RequiresRoot
class PacketSocketKernelTest {

    private static final MacAddress NEW = MacAddress.parse("06:a1:b2:c3:d4:e5");
    private static final String OLD = "02:00:00:00:00:05";

    private final Namespace host = Namespace.create("host");
    private final Namespace neighbour = Namespace.create("neighbour");
    private final PacketSocket socket = PacketSocket.openIn(host.path());

    @BeforeEach
    void connect() {
        host.sh("ip link add br0 type bridge; ip link set br0 up; ip link add port type veth peer name eth0 netns "
                + neighbour.path().getFileName() + "; ip link set port master br0 up");
        neighbour.sh(
                "ip link set eth0 up; ip addr add 10.2.1.1/24 dev eth0; ip addr add fd00:2:1::1/64 dev eth0 nodad");
    }

    @AfterEach
    void remove() {
        socket.close();
        neighbour.close();
        host.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.2.1.5", "fd00:2:1::5"})
    void aReachableNeighbourGetsTheNewMacAddressAtOnce(String address) {
        neighbour.sh("ip neigh replace " + address + " lladdr " + OLD + " dev eth0 nud reachable");
        socket.send(bridge(), AnnouncementFrame.of(IpAddress.parse(address), NEW));
        assertThat(neighbour.sh("ip neigh show " + address))
                .contains("lladdr " + NEW)
                .doesNotContain(OLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.2.1.5", "fd00:2:1::5"})
    void whoDoesNotKnowTheAddressLearnsNothing(String address) {
        socket.send(bridge(), AnnouncementFrame.of(IpAddress.parse(address), NEW));
        assertThat(neighbour.sh("ip neigh show " + address)).isEmpty();
    }

    @Test
    void theBridgeDoesNotLearnFromWhatItSendsItself() {
        socket.send(bridge(), AnnouncementFrame.of(IpAddress.parse("10.2.1.5"), NEW));
        assertThat(host.sh("bridge fdb show")).doesNotContain(NEW.toString());
    }

    @Test
    void aDeviceThatIsGoneOrDownIsSaid() {
        byte[] frame = AnnouncementFrame.of(IpAddress.parse("10.2.1.5"), NEW);
        int index = bridge();
        host.sh("ip link set br0 down");
        assertThatThrownBy(() -> socket.send(index, frame))
                .hasMessageContaining("send a frame by link " + index + ": ENETDOWN");
        host.sh("ip link del br0");
        assertThatThrownBy(() -> socket.send(index, frame)).hasMessageContaining("ENXIO");
    }

    @Test
    void aClosedSocketSendsNothing() {
        int index = bridge();
        socket.close();
        assertThatThrownBy(() -> socket.send(index, new byte[14])).hasMessageContaining("EBADF");
        assertThatThrownBy(() -> socket.send(index, new byte[13]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("13 bytes");
    }

    private int bridge() {
        return Integer.parseInt(host.sh("cat /sys/class/net/br0/ifindex").strip());
    }
}
