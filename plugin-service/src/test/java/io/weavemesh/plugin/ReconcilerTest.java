package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.EndpointRow;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import io.weavemesh.plugin.Reconciler.Attached;
import io.weavemesh.plugin.Reconciler.Repair;
import io.weavemesh.plugin.Reconciler.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A call that somebody did not survive is carried out to its end, or undone. */
class ReconcilerTest {

    private static final NetworkId NETWORK = new NetworkId("network");
    private static final EndpointId ENDPOINT = new EndpointId("aaaaaaaaaaaa");
    private static final Cidr SUBNET = Cidr.parse("10.32.0.0/12");
    private static final Cidr ADDRESS = Cidr.parse("10.32.0.1/12");
    private static final MacAddress MAC = MacAddress.parse("02:f8:0a:20:00:01");
    private static final Owner FOO = new Owner(Owner.Kind.ENDPOINT, "aaaaaaaaaaaa", Optional.of("foo"));
    private static final Instant NOW = Instant.ofEpochSecond(10_000);

    private final EndpointBook book =
            new EndpointBook(List.of(new Network(NETWORK, List.of(SUBNET), false, Optional.empty())), List.of());
    private final Reconciler reconciler = new Reconciler(book);
    private final List<EndpointRow> routed = new ArrayList<>();
    private final List<Allocation> given = new ArrayList<>();

    @Test
    void whereAllAgreeNothingIsDone() {
        inTheBook();
        inTheRouter();
        given(Owner.Kind.ENDPOINT, 3_600);
        assertThat(compareAt(0, dockerHasTheEndpoint())).isEmpty();
        assertThat(compareAt(60, dockerHasTheEndpoint())).isEmpty();
    }

    @Test
    void theRouterIsToldOfDockersNetworksOnceAfterAStart() {
        Seen nothing = new Seen(Set.of(), Map.of(), Set.of());
        assertThat(new Reconciler(book).compare(nothing, routed, given, Duration.ZERO, NOW))
                .isEmpty();
        assertThat(reconciler.compare(dockerHasNoEndpoint(), routed, given, Duration.ZERO, NOW))
                .containsExactly(new Repair.MakeNetwork(book.networks().getFirst()));
        assertThat(reconciler.compare(dockerHasNoEndpoint(), routed, given, Duration.ZERO, NOW))
                .isEmpty();
    }

    @Test
    void anEndpointDockerNeverHeardOfIsDropped() {
        inTheBook();
        inTheRouter();
        given(Owner.Kind.ENDPOINT, 30);
        assertThat(compareAt(0, dockerHasNoEndpoint())).isEmpty();
        assertThat(compareAt(20, dockerHasNoEndpoint())).containsExactly(new Repair.DropEndpoint(NETWORK, ENDPOINT));
    }

    @Test
    void soIsOneThatOnlyTheRouterKnows() {
        inTheRouter();
        compareAt(0, dockerHasNoEndpoint());
        assertThat(compareAt(20, dockerHasNoEndpoint())).containsExactly(new Repair.DropEndpoint(NETWORK, ENDPOINT));
    }

    @Test
    void anEndpointThatDockerIsJustWritingDownStays() {
        inTheBook();
        inTheRouter();
        given(Owner.Kind.ENDPOINT, 1);
        assertThat(compareAt(0, dockerHasNoEndpoint())).isEmpty();
        assertThat(compareAt(20, dockerHasTheEndpoint())).isEmpty();
    }

    @Test
    void aNetworkDockerDoesNotKnowIsDropped() {
        Seen nothing = new Seen(Set.of(), Map.of(), Set.of());
        assertThat(compareAt(0, nothing)).isEmpty();
        assertThat(compareAt(20, nothing)).containsExactly(new Repair.DropNetwork(NETWORK));
    }

    @Test
    void anAddressOnlyADroppedEndpointHadIsFree() {
        inTheBook();
        given(Owner.Kind.ENDPOINT, 61);
        assertThat(compareAt(0, dockerHasNoEndpoint())).isEmpty();
        assertThat(compareAt(20, dockerHasNoEndpoint()))
                .containsExactly(new Repair.DropEndpoint(NETWORK, ENDPOINT), new Repair.Release(given.getFirst()));
    }

    @Test
    void anAddressNobodyClaimedWithinAMinuteIsFree() {
        given(Owner.Kind.UNBOUND, 61);
        assertThat(compareAt(0, dockerHasNoEndpoint())).containsExactly(new Repair.Release(given.getFirst()));
    }

    @Test
    void anAddressOfARunningContainerIsNeverFreedWhateverElseIsLost() {
        given(Owner.Kind.ENDPOINT, 3_600);
        Seen running = new Seen(Set.of(), Map.of(), Set.of(ADDRESS.address()));
        assertThat(compareAt(0, running)).isEmpty();
        assertThat(compareAt(20, running)).containsExactly(new Repair.DropNetwork(NETWORK));
    }

    @Test
    void anAddressInUseThatWasForgottenIsClaimed() {
        inTheBook();
        assertThat(compareAt(0, dockerHasTheEndpoint())).isEmpty();
        assertThat(compareAt(20, dockerHasTheEndpoint())).containsExactly(new Repair.Claim(ADDRESS, FOO));
    }

    @Test
    void anAddressWhoseEndpointWasNotToldIsBound() {
        inTheBook();
        given(Owner.Kind.UNBOUND, 3_600);
        assertThat(compareAt(0, dockerHasTheEndpoint())).containsExactly(new Repair.Bind(ADDRESS, FOO));
    }

    @Test
    void theContainersNameIsToldToo() {
        inTheBook();
        given.add(new Allocation(ADDRESS, new Owner(Owner.Kind.ENDPOINT, "aaaaaaaaaaaa", Optional.empty()), NOW));
        assertThat(compareAt(0, dockerHasTheEndpoint())).containsExactly(new Repair.Bind(ADDRESS, FOO));
        given.set(0, new Allocation(ADDRESS, FOO, NOW));
        assertThat(compareAt(30, dockerHasTheEndpoint())).isEmpty();
    }

    private void inTheBook() {
        book.put(new Endpoint(ENDPOINT, NETWORK, List.of(ADDRESS), MAC, "vethwgaaaaaaaaa"));
    }

    private void inTheRouter() {
        routed.add(new EndpointRow(SUBNET, ENDPOINT, MAC, List.of(ADDRESS.address())));
    }

    private void given(Owner.Kind kind, int secondsAgo) {
        given.add(new Allocation(ADDRESS, new Owner(kind, "token", Optional.empty()), NOW.minusSeconds(secondsAgo)));
    }

    private static Seen dockerHasTheEndpoint() {
        return new Seen(
                Set.of(NETWORK),
                Map.of(ENDPOINT, new Attached(Optional.of("foo"), List.of(ADDRESS))),
                Set.of(ADDRESS.address()));
    }

    private static Seen dockerHasNoEndpoint() {
        return new Seen(Set.of(NETWORK), Map.of(), Set.of());
    }

    /** Without that the networks are made once more, which a test of its own is about. */
    private List<Repair> compareAt(int seconds, Seen docker) {
        return reconciler.compare(docker, routed, given, Duration.ofSeconds(seconds), NOW).stream()
                .filter(repair -> !(repair instanceof Repair.MakeNetwork))
                .toList();
    }
}
