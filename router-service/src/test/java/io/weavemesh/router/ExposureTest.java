package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.Hide;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The host's own addresses in networks: {@code weave expose}. */
class ExposureTest {

    private static final Cidr ADDRESS = Cidr.parse("10.32.0.9/12");
    private static final List<String> BRIDGE_AND_TUNNEL = List.of(
            "bridge link set dev vxlan-weave learning on neigh_suppress on",
            "ip link add vxlan-weave mtu 1450 master weave up type vxlan id 11566019 dstport 6784 local 192.0.2.1"
                    + " learning",
            "ip link add weave address 2e:11:0a:9f:44:01 mtu 1450 up type bridge stp_state 0 forward_delay 0"
                    + " mcast_snooping 0");
    private static final List<String> MASQUERADE = List.of(
            "nft add rule ip weave postrouting ip saddr != 10.32.0.0/12 ip daddr 10.32.0.0/12 masquerade",
            "nft add rule ip weave postrouting ip saddr 10.32.0.0/12 ip daddr != 10.32.0.0/12 ip daddr != 224.0.0.0/4"
                    + " masquerade");

    private final Overlay overlay = World.emptyOverlay();

    @Test
    void anExposedAddressIsOnItsNetworksBridgeWhichIsMadeForIt() {
        assertThat(expose("10.32.0.9/12", true)).isEqualTo(new Done());
        assertThat(overlay.desired().lines())
                .containsAll(BRIDGE_AND_TUNNEL)
                .containsAll(MASQUERADE)
                .contains("ip addr add 10.32.0.9/12 dev weave")
                .hasSize(6);
    }

    @Test
    void withoutMasqueradeThereIsNoneAndTheLastWordCounts() {
        expose("10.32.0.9/12", false);
        assertThat(overlay.desired().lines()).doesNotContainAnyElementsOf(MASQUERADE);
        expose("10.32.0.9/12", true);
        assertThat(overlay.desired().lines()).containsAll(MASQUERADE);
        expose("10.32.0.9/12", false);
        assertThat(overlay.desired().lines()).doesNotContainAnyElementsOf(MASQUERADE);
    }

    @Test
    void itIsSavedProgrammedToldAndThenAnsweredAndTakenBackTheSameWay() {
        EndpointRow row = new EndpointRow(
                World.DEFAULT_SUBNET,
                new EndpointId("weave:expose:10.32.0.9/12"),
                overlay.bridgeMac(),
                List.of(ADDRESS.address()));
        List<Effect> exposed = overlay.handle(new Input.ExposeAsked(new Expose(ADDRESS, true)));
        assertThat(exposed).hasSize(4);
        assertThat(exposed.get(0))
                .isEqualTo(new Effect.SaveExposure(new Exposure(ADDRESS, World.DEFAULT_SUBNET, true)));
        assertThat(exposed.get(1)).isInstanceOf(Effect.Program.class);
        assertThat(exposed.get(2)).isEqualTo(new Effect.Announce(List.of(row), List.of()));
        assertThat(overlay.rows()).containsExactly(row);
        assertThat(overlay.endpointRows()).as("what is compared with Docker").isEmpty();

        List<Effect> hidden = overlay.handle(new Input.HideAsked(new Hide(ADDRESS)));
        assertThat(hidden.get(0)).isEqualTo(new Effect.EraseExposure(ADDRESS));
        assertThat(hidden.get(2)).isEqualTo(new Effect.Announce(List.of(), List.of(row.key())));
        assertThat(overlay.desired().lines()).isEmpty();
        assertThat(overlay.rows()).isEmpty();
    }

    @Test
    void bothMayBeAskedTwice() {
        expose("10.32.0.9/12", true);
        List<String> once = overlay.desired().lines();
        assertThat(overlay.handle(new Input.ExposeAsked(new Expose(ADDRESS, true))))
                .contains(new Effect.Program(List.of()));
        assertThat(overlay.desired().lines()).isEqualTo(once);
        assertThat(ask(new Input.HideAsked(new Hide(ADDRESS)))).isEqualTo(new Done());
        assertThat(ask(new Input.HideAsked(new Hide(ADDRESS)))).isEqualTo(new Done());
    }

    @Test
    void anotherPeersExposedAddressIsReachedAsAnEndpointIs() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.PeerPresent(World.beta()));
        EndpointRow row = new Exposure(Cidr.parse("10.40.0.9/12"), World.DEFAULT_SUBNET, true)
                .row(OverlayPlan.bridgeMac(World.BETA));
        overlay.handle(new Input.RowsChanged(World.BETA, List.of(row), List.of()));
        assertThat(overlay.desired().lines())
                .contains(
                        "bridge fdb append 00:00:00:00:00:00 dev vxlan-weave dst 192.0.2.2 self permanent",
                        "bridge fdb replace 2e:11:0a:9f:44:02 dev vxlan-weave dst 192.0.2.2 self permanent",
                        "bridge fdb replace 2e:11:0a:9f:44:02 dev vxlan-weave master static",
                        "ip neigh replace 10.40.0.9 lladdr 2e:11:0a:9f:44:02 dev weave nud permanent");
    }

    @Test
    void itOutlivesTheNetworkAndHidingItLeavesTheNetwork() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        expose("10.32.0.9/12", false);
        ask(new Input.NetworkGivenUp(new DeleteNetwork(World.WEAVE)));
        assertThat(overlay.desired().lines())
                .containsAll(BRIDGE_AND_TUNNEL)
                .contains("ip addr add 10.32.0.9/12 dev weave");
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.HideAsked(new Hide(ADDRESS)));
        assertThat(overlay.desired().lines()).containsExactlyElementsOf(BRIDGE_AND_TUNNEL);
    }

    @Test
    void aPeerThatClaimsTheSameAddressChangesNothingAboutHidingIt() {
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.RowsChanged(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.32.0.9")), List.of()));
        expose("10.32.0.9/12", true);
        List<Effect> effects = overlay.handle(new Input.HideAsked(new Hide(ADDRESS)));
        assertThat(((Effect.Program) effects.get(1)).changes())
                .allMatch(change -> change instanceof KernelChange.Remove);
        assertThat(overlay.desired().lines()).isEmpty();
    }

    @Test
    void theJournalBringsItBack() {
        expose("10.32.0.9/12", true);
        Overlay again = new Overlay(World.ALPHA, World.settings(), List.of(), List.of(), overlay.exposures());
        assertThat(again.desired()).isEqualTo(overlay.desired());
        assertThat(again.rows()).isEqualTo(overlay.rows());
    }

    @Test
    void inANetworkOfTwoSubnetsBothAreOnOneBridge() {
        Cidr ipv6 = Cidr.parse("2001:db8::/64");
        ask(new Input.NetworkAsked(
                new CreateNetwork(World.WEAVE, List.of(World.DEFAULT_SUBNET, ipv6), Optional.empty())));
        expose("2001:db8::9/64", true);
        assertThat(overlay.desired().lines())
                .contains("ip addr add 2001:db8::9/64 dev weave")
                .contains("nft add rule ip6 weave postrouting ip6 saddr 2001:db8::/64 ip6 daddr != 2001:db8::/64"
                        + " ip6 daddr != ff00::/8 masquerade");
    }

    @Test
    void severalInOneSubnetShareTheMasquerade() {
        expose("10.32.0.9/12", true);
        expose("10.32.0.10/12", true);
        ask(new Input.HideAsked(new Hide(ADDRESS)));
        assertThat(overlay.desired().lines())
                .containsAll(MASQUERADE)
                .contains("ip addr add 10.32.0.10/12 dev weave")
                .doesNotContain("ip addr add 10.32.0.9/12 dev weave");
    }

    @Test
    void whatCannotBeAnAddressOfTheHostIsRefused() {
        assertThat(failure("10.32.0.0/12").code()).isEqualTo(Failure.Code.INVALID);
        assertThat(failure("10.47.255.255/12").code()).isEqualTo(Failure.Code.INVALID);
        assertThat(failure("10.32.0.1/32").text())
                .isEqualTo("expose 10.32.0.1/32: it is not the address of one host in a subnet of hosts");
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.9/12")));
        assertThat(failure("10.32.0.9/12").text()).contains("endpoint aaaaaaaaaaaa has this address");
        expose("10.32.0.10/12", true);
        assertThat(ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "10.32.0.10/12"))))
                .isEqualTo(new Failure(
                        Failure.Code.CONFLICT, "create endpoint bbbbbbbbbbbb: 10.32.0.10/12 is exposed on this host"));
    }

    private Reply expose(String address, boolean masquerade) {
        return ask(new Input.ExposeAsked(new Expose(Cidr.parse(address), masquerade)));
    }

    private Failure failure(String address) {
        return (Failure) expose(address, true);
    }

    private Reply ask(Input input) {
        return ((Effect.Answer) overlay.handle(input).getLast()).reply();
    }
}
