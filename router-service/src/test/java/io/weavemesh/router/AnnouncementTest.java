package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.router.KernelItem.NeighbourEntry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When the overlay tells who is on this host's bridges that an address has another MAC address. */
class AnnouncementTest {

    private static final IpAddress ADDRESS = IpAddress.parse("10.40.0.9");
    private static final MacAddress OWN = MacAddress.parse("06:00:00:00:00:0a");
    private static final MacAddress DERIVED = EndpointMac.of(World.DEFAULT_SUBNET, ADDRESS);

    private final Overlay overlay = World.busyOverlay();

    @Test
    void anAddressThatGoesFromDockerToAttachOnAnotherHostAndBack() {
        assertThat(told(rows(derived("a1a1a1a1a1a1")))).isEmpty();
        assertThat(told(removed(derived("a1a1a1a1a1a1")))).isEmpty();
        assertThat(told(rows(own("a2a2a2a2a2a2")))).containsExactly(new Announcement("weave", ADDRESS, OWN));
        assertThat(told(removed(own("a2a2a2a2a2a2")))).isEmpty();
        assertThat(told(rows(derived("a3a3a3a3a3a3")))).containsExactly(new Announcement("weave", ADDRESS, DERIVED));
    }

    @Test
    void anEndpointOfThisHostIsAnnouncedBeforeTheAnswerAndAfterTheKernel() {
        List<Effect> effects = overlay.handle(new Input.EndpointAsked(attach()));
        assertThat(effects)
                .extracting(effect -> (Object) effect.getClass())
                .containsExactly(
                        Effect.SaveEndpoint.class,
                        Effect.Program.class,
                        Effect.Announce.class,
                        Effect.TellNeighbours.class,
                        Effect.Answer.class);
        assertThat(told(new Input.EndpointAsked(attach()))).as("asked twice").isEmpty();
    }

    @Test
    void anAddressThatMovesFromHereToAnotherHost() {
        overlay.handle(new Input.EndpointAsked(attach()));
        overlay.handle(new Input.EndpointGivenUp(new DeleteEndpoint(World.WEAVE, new EndpointId("a0a0a0a0a0a0"))));
        assertThat(told(rows(derived("a1a1a1a1a1a1")))).containsExactly(new Announcement("weave", ADDRESS, DERIVED));
    }

    @Test
    void anAddressOfTheHostItselfHasTheBridgesMacAddress() {
        overlay.handle(rows(derived("a1a1a1a1a1a1")));
        overlay.handle(removed(derived("a1a1a1a1a1a1")));
        assertThat(told(new Input.ExposeAsked(new Expose(new Cidr(ADDRESS, 12), false))))
                .containsExactly(new Announcement("weave", ADDRESS, overlay.bridgeMac()));
    }

    @Test
    void aPeerThatComesBackIsNoNewsOfItsAddresses() {
        overlay.handle(rows(own("a2a2a2a2a2a2")));
        assertThat(told(new Input.PeerGone(World.BETA))).isEmpty();
        assertThat(told(new Input.PeerPresent(World.beta()))).isEmpty();
    }

    @Test
    void onABridgeThatIsNewNobodyHasToBeTold() {
        overlay.handle(new Input.NetworkGivenUp(new DeleteNetwork(World.WEAVE)));
        assertThat(told(rows(own("a2a2a2a2a2a2")))).isEmpty();
        assertThat(told(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET))))
                .isEmpty();
        assertThat(told(rows(derived("a2a2a2a2a2a2")))).containsExactly(new Announcement("weave", ADDRESS, DERIVED));
    }

    @Test
    void afterARestartWhatTheKernelHasIsWhatNeighboursBelieve() {
        overlay.handle(found(OWN));
        assertThat(told(rows(own("a2a2a2a2a2a2")))).isEmpty();
    }

    @Test
    void whatChangedWhileTheRouterWasAwayIsTold() {
        overlay.handle(found(OWN));
        assertThat(told(rows(derived("a1a1a1a1a1a1")))).containsExactly(new Announcement("weave", ADDRESS, DERIVED));
    }

    @Test
    void whatThisHostHadBeforeARestartIsToldOnlyIfTheKernelHadSomethingElse() {
        overlay.handle(new Input.EndpointAsked(attach()));
        Overlay again = new Overlay(
                World.ALPHA, World.settings(), overlay.networks(), overlay.endpoints(), overlay.exposures());
        assertThat(again.handle(found(OWN))).isEmpty();
        assertThat(again.handle(found(DERIVED)))
                .containsExactly(new Effect.TellNeighbours(List.of(new Announcement("weave", ADDRESS, OWN))));
    }

    private static CreateEndpoint attach() {
        return new CreateEndpoint(
                World.WEAVE, new EndpointId("a0a0a0a0a0a0"), List.of(new Cidr(ADDRESS, 12)), Optional.of(OWN));
    }

    private static EndpointRow own(String id) {
        return World.row(World.DEFAULT_SUBNET, id, OWN.toString(), ADDRESS.toString());
    }

    private static EndpointRow derived(String id) {
        return World.row(World.DEFAULT_SUBNET, id, ADDRESS.toString());
    }

    private static Input rows(EndpointRow row) {
        return new Input.RowsChanged(World.BETA, List.of(row), List.of());
    }

    private static Input removed(EndpointRow row) {
        return new Input.RowsChanged(World.BETA, List.of(), List.of(row));
    }

    private static Input found(MacAddress mac) {
        return new Input.NeighboursFound(
                List.of(new NeighbourEntry("weave", ADDRESS, mac), new NeighbourEntry("wb-000001", ADDRESS, mac)));
    }

    private List<Announcement> told(Input input) {
        return overlay.handle(input).stream()
                .filter(Effect.TellNeighbours.class::isInstance)
                .flatMap(effect -> ((Effect.TellNeighbours) effect).announcements().stream())
                .toList();
    }
}
