package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kernel must hold, as the commands a person would type. */
class OverlayPlanTest {

    @Test
    void aHostWithTwoNetworksAndAPeerInBothAndAPeerInNeither() {
        assertThat(World.busyOverlay().desired().lines()).isEqualTo(World.BUSY_GOLDEN);
    }

    @Test
    void aHostWithoutNetworksNeedsNothingWhateverTheOthersHave() {
        Overlay overlay = World.emptyOverlay();
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.RowsChanged(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1")), List.of()));
        assertThat(overlay.desired().lines()).isEmpty();
    }

    @Test
    void aNetworkMadeAfterItsEndpointsElsewhereHasThemAtOnce() {
        Overlay overlay = World.emptyOverlay();
        overlay.handle(new Input.RowsChanged(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1")), List.of()));
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        assertThat(overlay.desired().lines())
                .contains("ip neigh replace 10.40.0.1 lladdr 02:f8:0a:28:00:01 dev weave nud permanent")
                .contains("bridge fdb append 00:00:00:00:00:00 dev vxlan-weave dst 192.0.2.2 self permanent");
    }

    @Test
    void theSmallestPeerDecidesTheMtuOfNewEndpointsAndNobodyTakesItFromOldOnes() {
        Overlay overlay = World.emptyOverlay();
        overlay.handle(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        overlay.handle(new Input.PeerPresent(World.gamma()));
        overlay.handle(new Input.EndpointAsked(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "10.32.0.2/12")));
        assertThat(overlay.desired().lines())
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 1450 "))
                .anyMatch(line -> line.startsWith("ip link add vethwlaaaaaaaaa mtu 1450 "))
                .anyMatch(line -> line.startsWith("ip link add vethwlbbbbbbbbb mtu 1400 "));
        overlay.handle(new Input.EndpointGivenUp(new DeleteEndpoint(World.WEAVE, new EndpointId("aaaaaaaaaaaa"))));
        assertThat(overlay.desired().lines())
                .anyMatch(line -> line.startsWith("ip link add weave ") && line.contains(" mtu 1400 "));
    }

    @Test
    void aPeerWithAnIpv6VtepCannotBeReachedByAnIpv4Tunnel() {
        Overlay overlay = World.busyOverlay();
        overlay.handle(new Input.PeerPresent(World.peer(World.BETA, "beta", "2001:db8::2", 1450)));
        assertThat(overlay.desired().lines()).noneMatch(line -> line.contains(" dst "));
    }

    @Test
    void aSmallerUnderlayIsForNewInterfacesAndOldOnesKeepTheirs() {
        Overlay overlay = World.emptyOverlay();
        overlay.handle(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        assertThat(overlay.mtus()).isEqualTo(new OverlayMtus(1450, 1450, 50, 0));
        overlay.handle(new Input.UnderlayChanged(1400));
        assertThat(overlay.mtus()).isEqualTo(new OverlayMtus(1350, 1450, 50, 1));
        overlay.handle(new Input.EndpointAsked(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "10.32.0.2/12")));
        assertThat(overlay.desired().lines())
                .anyMatch(line -> line.startsWith("ip link add vethwlaaaaaaaaa mtu 1450 "))
                .anyMatch(line -> line.startsWith("ip link add vethwlbbbbbbbbb mtu 1350 "))
                .anyMatch(line -> line.startsWith("ip link add vxlan-weave mtu 1450 "));
        overlay.handle(new Input.EndpointGivenUp(new DeleteEndpoint(World.WEAVE, new EndpointId("aaaaaaaaaaaa"))));
        assertThat(overlay.mtus()).isEqualTo(new OverlayMtus(1350, 1350, 50, 0));
        assertThat(overlay.mtus().largestTunnelPacket()).isEqualTo(1400);
        assertThat(overlay.desired()).isEqualTo(overlay.planned());
    }
}
