package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.Failure;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.Reply;
import io.weavemesh.contract.RouterReply.EndpointCreated;
import io.weavemesh.contract.RouterReply.NetworkCreated;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.CreateNetwork;
import io.weavemesh.contract.RouterRequest.DeleteEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the overlay answers and wants done. */
class OverlayTest {

    private final Overlay overlay = World.emptyOverlay();

    @Test
    void theDefaultNetworkIsCalledWeave() {
        assertThat(ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET))))
                .isEqualTo(new NetworkCreated("weave", 1450));
        assertThat(ask(new Input.NetworkAsked(World.network(World.OTHER, World.OTHER_SUBNET))))
                .isEqualTo(new NetworkCreated("wb-7940fa", 1450));
    }

    @Test
    void everythingMayBeAskedTwice() {
        Input network = new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET));
        Input endpoint = new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12"));
        assertThat(ask(network)).isEqualTo(ask(network));
        assertThat(ask(endpoint)).isEqualTo(ask(endpoint)).isInstanceOf(EndpointCreated.class);
        Input gone = new Input.EndpointGivenUp(new DeleteEndpoint(World.WEAVE, new EndpointId("aaaaaaaaaaaa")));
        assertThat(ask(gone)).isEqualTo(new Done());
        assertThat(ask(gone)).isEqualTo(new Done());
        Input noNetwork = new Input.NetworkGivenUp(new DeleteNetwork(World.WEAVE));
        assertThat(ask(noNetwork)).isEqualTo(new Done());
        assertThat(ask(noNetwork)).isEqualTo(new Done());
        assertThat(overlay.desired().lines()).isEmpty();
    }

    @Test
    void anEndpointIsSavedProgrammedToldAndThenAnswered() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        List<Effect> effects =
                overlay.handle(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        assertThat(effects)
                .hasExactlyElementsOfTypes(
                        Effect.SaveEndpoint.class, Effect.Program.class, Effect.Announce.class, Effect.Answer.class);
        assertThat(effects.get(2))
                .isEqualTo(new Effect.Announce(
                        List.of(World.row(World.DEFAULT_SUBNET, "aaaaaaaaaaaa", "10.32.0.1")), List.of()));
        assertThat(effects.get(3))
                .isEqualTo(new Effect.Answer(
                        new EndpointCreated("vethwgaaaaaaaaa", MacAddress.parse("02:f8:0a:20:00:01"), 1450)));
    }

    @Test
    void aMacThatIsAskedForIsTaken() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        MacAddress mac = MacAddress.parse("02:00:5e:10:00:01");
        assertThat(ask(new Input.EndpointAsked(new CreateEndpoint(
                        World.WEAVE,
                        new EndpointId("aaaaaaaaaaaa"),
                        List.of(Cidr.parse("10.32.0.1/12")),
                        Optional.of(mac)))))
                .isEqualTo(new EndpointCreated("vethwgaaaaaaaaa", mac, 1450));
    }

    @Test
    void anEndpointsAddressesChangeAndItsInterfaceStays() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        EndpointId id = new EndpointId("aaaaaaaaaaaa");
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        Input more = new Input.AddressesAsked(id, List.of(Cidr.parse("10.32.0.1/12"), Cidr.parse("10.32.0.7/12")));
        assertThat(overlay.handle(more))
                .hasExactlyElementsOfTypes(
                        Effect.SaveEndpoint.class,
                        Effect.Program.class,
                        Effect.Announce.class,
                        Effect.TellNeighbours.class,
                        Effect.Answer.class);
        assertThat(overlay.handle(more)).containsExactly(new Effect.Answer(new Done()));
        assertThat(overlay.desired().lines())
                .contains("ip neigh replace 10.32.0.7 lladdr 02:f8:0a:20:00:01 dev weave nud permanent");
        assertThat(overlay.desired().lines()).isEqualTo(overlay.planned().lines());

        ask(new Input.AddressesAsked(id, List.of(Cidr.parse("10.32.0.7/12"))));
        assertThat(overlay.desired().lines()).noneMatch(line -> line.contains("replace 10.32.0.1 "));
        assertThat(overlay.desired().lines()).isEqualTo(overlay.planned().lines());
        assertThat(failure(new Input.AddressesAsked(id, List.of(Cidr.parse("192.0.2.1/24"))))
                        .text())
                .contains("192.0.2.1/24 is not in", "10.32.0.0/12");
        assertThat(failure(new Input.AddressesAsked(
                                new EndpointId("bbbbbbbbbbbb"), List.of(Cidr.parse("10.32.0.8/12"))))
                        .code())
                .isEqualTo(Failure.Code.NOT_FOUND);
    }

    @Test
    void twoSubnetsWithOneVniAreRefusedAndBothAreNamed() {
        Cidr first = Cidr.parse("10.0.0.0/24");
        Cidr second = subnetThatMeets(first);
        ask(new Input.NetworkAsked(World.network(World.WEAVE, first)));
        assertThat(failure(new Input.NetworkAsked(World.network(World.OTHER, second))))
                .isEqualTo(new Failure(
                        Failure.Code.CONFLICT,
                        "create network othernetwork: subnets " + second + " and " + first + " have the same VNI "
                                + Segment.vniOf(first) + ", so they cannot both be used; choose another subnet"));
    }

    @Test
    void rowsOfASubnetWithTheVniOfOursAreNotOurs() {
        Cidr first = Cidr.parse("10.0.0.0/24");
        Cidr second = subnetThatMeets(first);
        ask(new Input.NetworkAsked(World.network(World.WEAVE, first)));
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.RowsChanged(
                World.BETA,
                List.of(World.row(second, "cccccccccccc", second.first().plus(1).toString())),
                List.of()));
        assertThat(overlay.desired().lines()).noneMatch(line -> line.contains("fdb") || line.contains("neigh replace"));
    }

    @Test
    void whatMakesNoSenseIsRefusedWithAReason() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        assertThat(failure(new Input.NetworkAsked(World.network(World.WEAVE, World.OTHER_SUBNET)))
                        .text())
                .contains("10.32.0.0/12", "198.51.100.0/24");
        assertThat(failure(new Input.NetworkAsked(World.network(World.OTHER, Cidr.parse("10.1.2.3/16"))))
                        .text())
                .contains("did you mean 10.1.0.0/16?");
        assertThat(failure(new Input.NetworkAsked(
                                new CreateNetwork(World.OTHER, List.of(World.OTHER_SUBNET), Optional.of(100))))
                        .text())
                .contains("MTU 100 is not between 576 and 65535");
        assertThat(failure(new Input.EndpointAsked(World.endpoint(World.OTHER, "bbbbbbbbbbbb", "10.32.0.2/12")))
                        .code())
                .isEqualTo(Failure.Code.NOT_FOUND);
        assertThat(failure(new Input.EndpointAsked(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "192.0.2.9/24")))
                        .text())
                .contains("192.0.2.9/24 is not in [10.32.0.0/12]");
        assertThat(failure(new Input.EndpointAsked(new CreateEndpoint(
                                World.WEAVE,
                                new EndpointId("bbbbbbbbbbbb"),
                                List.of(Cidr.parse("10.32.0.2/12")),
                                Optional.of(MacAddress.parse("02:f8:0a:20:00:01")))))
                        .text())
                .contains("02:f8:0a:20:00:01 is in use by endpoint aaaaaaaaaaaa with [10.32.0.1/12]");
        assertThat(failure(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.7/12")))
                        .code())
                .isEqualTo(Failure.Code.CONFLICT);
        assertThat(failure(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaZZZ", "10.32.0.7/12")))
                        .text())
                .contains("has interface vethwlaaaaaaaaa already");
    }

    @Test
    void anAddressThatMovesFollowsTheRowThatCameLast() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.PeerPresent(World.gamma()));
        EndpointRow there = World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.40.0.1");
        EndpointRow elsewhere = World.row(World.DEFAULT_SUBNET, "dddddddddddd", "10.40.0.1");
        overlay.handle(new Input.RowsChanged(World.BETA, List.of(there), List.of()));
        overlay.handle(new Input.RowsChanged(World.GAMMA, List.of(elsewhere), List.of()));
        assertThat(vtepOf("02:f8:0a:28:00:01")).isEqualTo("192.0.2.3");
        overlay.handle(new Input.RowsChanged(World.BETA, List.of(), List.of(there)));
        assertThat(vtepOf("02:f8:0a:28:00:01")).isEqualTo("192.0.2.3");
    }

    @Test
    void anEndpointOnThisHostIsWhereTheBridgeSeesItWhateverOthersSay() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        overlay.handle(new Input.PeerPresent(World.beta()));
        overlay.handle(new Input.RowsChanged(
                World.BETA, List.of(World.row(World.DEFAULT_SUBNET, "cccccccccccc", "10.32.0.1")), List.of()));
        assertThat(overlay.desired().lines())
                .contains("bridge fdb replace 02:f8:0a:20:00:01 dev vethwlaaaaaaaaa master static")
                .noneMatch(line -> line.contains("02:f8:0a:20:00:01") && line.contains("dst"));
    }

    @Test
    void aPeersDepartureTakesItsEntriesAndItsReturnBringsThemBack() {
        Overlay busy = World.busyOverlay();
        busy.handle(new Input.PeerGone(World.BETA));
        assertThat(busy.desired().lines()).noneMatch(line -> line.contains("192.0.2.2"));
        busy.handle(new Input.PeerPresent(World.beta()));
        assertThat(busy.desired().lines()).isEqualTo(World.BUSY_GOLDEN);
    }

    @Test
    void aRowThatWouldCatchAllTrafficIsIgnored() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        overlay.handle(new Input.PeerPresent(World.beta()));
        KernelState before = overlay.desired();
        for (String mac : List.of("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01")) {
            EndpointRow row = World.row(World.DEFAULT_SUBNET, "cccccccccccc", mac, "10.40.0.1");
            assertThat(overlay.handle(new Input.RowsChanged(World.BETA, List.of(row), List.of())))
                    .containsExactly(new Effect.Ignored(row));
        }
        assertThat(overlay.desired()).isEqualTo(before);
    }

    @Test
    void anEndpointWhoseInterfaceIsGoneIsForgottenAndTheOthersAreTold() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        List<Effect> effects = overlay.handle(new Input.EndpointsLost(Set.of(new EndpointId("aaaaaaaaaaaa"))));
        assertThat(effects)
                .contains(new Effect.EraseEndpoint(new EndpointId("aaaaaaaaaaaa")))
                .contains(new Effect.Announce(List.of(), List.of("aaaaaaaaaaaa")));
        assertThat(overlay.rows()).isEmpty();
    }

    /** Docker gave the address back and nothing else: it never heard that the first endpoint was made. */
    @Test
    void anEndpointWhoseAddressIsGivenAnewIsLetGo() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        Input anew = new Input.EndpointAsked(World.endpoint(World.WEAVE, "bbbbbbbbbbbb", "10.32.0.1/12"));

        List<Effect> effects = overlay.handle(anew);

        assertThat(effects)
                .contains(new Effect.EraseEndpoint(new EndpointId("aaaaaaaaaaaa")))
                .containsSubsequence(
                        new Effect.Announce(List.of(), List.of("aaaaaaaaaaaa")),
                        new Effect.Announce(
                                List.of(World.row(World.DEFAULT_SUBNET, "bbbbbbbbbbbb", "10.32.0.1")), List.of()));
        assertThat(overlay.rows()).containsExactly(World.row(World.DEFAULT_SUBNET, "bbbbbbbbbbbb", "10.32.0.1"));
        assertThat(overlay.desired().lines())
                .noneMatch(line -> line.contains("aaaaaaaaa"))
                .contains("bridge fdb replace 02:f8:0a:20:00:01 dev vethwlbbbbbbbbb master static");
        assertThat(overlay.desired()).isEqualTo(overlay.planned());

        // Asked twice it is the same, and what Docker may still say of the first one changes nothing.
        assertThat(ask(anew)).isInstanceOf(EndpointCreated.class);
        ask(new Input.EndpointGivenUp(new DeleteEndpoint(World.WEAVE, new EndpointId("aaaaaaaaaaaa"))));
        assertThat(overlay.rows()).containsExactly(World.row(World.DEFAULT_SUBNET, "bbbbbbbbbbbb", "10.32.0.1"));
    }

    @Test
    void anAddressOfOneSubnetIsAnotherOneInAnother() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        ask(new Input.NetworkAsked(World.network(World.OTHER, Cidr.parse("10.32.0.0/24"))));
        ask(new Input.EndpointAsked(World.endpoint(World.WEAVE, "aaaaaaaaaaaa", "10.32.0.1/12")));
        ask(new Input.EndpointAsked(World.endpoint(World.OTHER, "bbbbbbbbbbbb", "10.32.0.1/24")));
        assertThat(overlay.rows()).hasSize(2);
    }

    @Test
    void twoNetworksOfOneSubnetShareABridgeUntilTheLastOneGoes() {
        ask(new Input.NetworkAsked(World.network(World.WEAVE, World.DEFAULT_SUBNET)));
        assertThat(ask(new Input.NetworkAsked(World.network(World.OTHER, World.DEFAULT_SUBNET))))
                .isEqualTo(new NetworkCreated("weave", 1450));
        ask(new Input.NetworkGivenUp(new DeleteNetwork(World.WEAVE)));
        assertThat(overlay.desired().lines()).isNotEmpty();
        ask(new Input.NetworkGivenUp(new DeleteNetwork(World.OTHER)));
        assertThat(overlay.desired().lines()).isEmpty();
    }

    @Test
    void aRestartFromTheJournalWantsWhatWasWantedBefore() {
        Overlay busy = World.busyOverlay();
        Overlay restarted =
                new Overlay(World.ALPHA, World.settings(), busy.networks(), busy.endpoints(), busy.exposures());
        assertThat(restarted.rows()).isEqualTo(busy.rows());
        assertThat(restarted.desired().lines())
                .isEqualTo(World.BUSY_GOLDEN.stream()
                        .filter(line -> !line.contains("192.0.2.2")
                                && !line.contains("02:f8:0a:28:00:01")
                                && !line.contains("02:9d:c6:33:64:02"))
                        .toList());
    }

    private Reply ask(Input input) {
        List<Effect> effects = overlay.handle(input);
        return ((Effect.Answer) effects.getLast()).reply();
    }

    private Failure failure(Input input) {
        KernelState before = overlay.desired();
        Failure failure = (Failure) ask(input);
        assertThat(overlay.desired()).isEqualTo(before);
        return failure;
    }

    private String vtepOf(String mac) {
        return overlay.desired().items().stream()
                .filter(KernelItem.RemoteMac.class::isInstance)
                .map(KernelItem.RemoteMac.class::cast)
                .filter(entry -> entry.mac().equals(MacAddress.parse(mac)))
                .map(entry -> entry.vtep().toString())
                .findFirst()
                .orElse("none");
    }

    /** By brute force: about one subnet in 16 million has the same VNI. */
    private static Cidr subnetThatMeets(Cidr subnet) {
        int vni = Segment.vniOf(subnet);
        for (int prefix = 24; prefix > 16; prefix--) {
            long step = 1L << (32 - prefix);
            for (long address = 0; address < 1L << 32; address += step) {
                Cidr other = new Cidr(IpAddress.ipv4((int) address), prefix);
                if (!other.equals(subnet) && Segment.vniOf(other) == vni) {
                    return other;
                }
            }
        }
        throw new AssertionError("no subnet has VNI " + vni);
    }
}
