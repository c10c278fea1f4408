package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.Membership.PeerDown;
import io.weavemesh.cluster.Membership.PeerRefused;
import io.weavemesh.cluster.Membership.PeerUp;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerTableTest {

    private static final Instant START = Instant.parse("2026-11-23T18:00:00Z");
    private static final PeerDescription SELF = peer(1, "192.0.2.1");
    private static final PeerDescription OTHER = peer(2, "192.0.2.2");

    private final PeerTable table = new PeerTable(SELF, Duration.ofSeconds(5));

    @Test
    void aMemberWithOurSettingsIsAPeerThatIsUp() {
        assertThat(table.members(List.of(SELF, OTHER), START)).containsExactly(new PeerUp(OTHER));
        assertThat(table.accepted()).containsOnlyKeys(OTHER.name());
        assertThat(table.present(OTHER.name())).isTrue();
    }

    @Test
    void severalMembersOfOnePeerAreOnePeer() {
        assertThat(table.members(List.of(SELF, OTHER, SELF, OTHER, OTHER), START))
                .containsExactly(new PeerUp(OTHER));
        assertThat(table.members(List.of(SELF, OTHER), after(1))).isEmpty();
    }

    @Test
    void aPeerIsDownFiveSecondsAfterTheLastOfItsMembersLeft() {
        table.members(List.of(SELF, OTHER, OTHER), START);
        assertThat(table.members(List.of(SELF, OTHER), after(1))).isEmpty();
        assertThat(table.members(List.of(SELF), after(2))).isEmpty();
        assertThat(table.present(OTHER.name())).isFalse();
        assertThat(table.accepted()).containsOnlyKeys(OTHER.name());
        assertThat(table.nextTick()).contains(after(7));
        assertThat(table.tick(after(6))).isEmpty();
        assertThat(table.tick(after(7))).containsExactly(new PeerDown(OTHER.name()));
        assertThat(table.accepted()).isEmpty();
        assertThat(table.nextTick()).isEmpty();
    }

    @Test
    void aPeerThatComesBackInTimeWasNeverAway() {
        table.members(List.of(SELF, OTHER), START);
        table.members(List.of(SELF), after(1));
        assertThat(table.members(List.of(SELF, OTHER), after(5))).isEmpty();
        assertThat(table.tick(after(60))).isEmpty();
    }

    @Test
    void aMemberThatIsNotHeardIsNotPresentAndThenDownWhileItIsStillAMember() {
        table.members(List.of(SELF, OTHER), START);
        assertThat(table.members(List.of(SELF, OTHER), List.of(SELF), after(1))).isEmpty();
        assertThat(table.present(OTHER.name())).isFalse();
        assertThat(table.tick(after(3))).isEmpty();
        assertThat(table.tick(after(4)))
                .as("silent for two seconds when it was noticed")
                .containsExactly(new PeerDown(OTHER.name()));
        assertThat(table.members(List.of(SELF), after(7))).isEmpty();
        assertThat(table.members(List.of(SELF, OTHER), after(8))).containsExactly(new PeerUp(OTHER));
    }

    @Test
    void whoIsNotHeardKeepsItsName() {
        PeerDescription clone = peer(2, "192.0.2.9");
        table.members(List.of(SELF, OTHER), START);
        assertThat(table.members(List.of(SELF, OTHER, clone), List.of(SELF, clone), after(1)))
                .singleElement()
                .satisfies(event -> assertThat(((PeerRefused) event).peer()).isEqualTo(clone));
        assertThat(table.accepted()).containsEntry(OTHER.name(), OTHER);
        assertThat(table.members(List.of(SELF, OTHER, clone), after(2))).isEmpty();
        assertThat(table.present(OTHER.name())).isTrue();
    }

    @Test
    void noMorePeersThanTheLimitAndTheYoungestAreTooMany() {
        PeerTable small = new PeerTable(SELF, Duration.ofSeconds(5), 1);
        PeerDescription third = peer(3, "192.0.2.3");
        assertThat(small.members(List.of(OTHER, SELF, OTHER, third), START))
                .satisfiesExactly(
                        event -> assertThat(((PeerRefused) event).reason())
                                .contains("192.0.2.3", "at most 1", "--conn-limit"),
                        event -> assertThat(event).isEqualTo(new PeerUp(OTHER)));
        assertThat(small.members(List.of(SELF, third), after(1))).containsExactly(new PeerUp(third));
    }

    @Test
    void aChangedDescriptionIsToldAsUp() {
        table.members(List.of(SELF, OTHER), START);
        PeerDescription moved = peer(2, "192.0.2.9");
        assertThat(table.members(List.of(SELF, moved), after(1))).containsExactly(new PeerUp(moved));
    }

    @Test
    void settingsThatDifferAreRefusedWithBothValuesNamed() {
        PeerDescription range = new PeerDescription(
                OTHER.name(),
                "b",
                "1.0",
                1,
                Cidr.parse("10.40.0.0/16"),
                OTHER.poolRange(),
                OTHER.domain(),
                OTHER.vtep(),
                6783,
                1450);
        PeerDescription domain = new PeerDescription(
                OTHER.name(),
                "b",
                "1.0",
                1,
                OTHER.universe(),
                OTHER.poolRange(),
                Fqdn.parse("example.org"),
                OTHER.vtep(),
                6783,
                1450);
        PeerDescription protocol = new PeerDescription(
                OTHER.name(),
                "b",
                "2.0",
                2,
                OTHER.universe(),
                OTHER.poolRange(),
                OTHER.domain(),
                OTHER.vtep(),
                6783,
                1450);

        PeerDescription pools = new PeerDescription(
                OTHER.name(),
                "b",
                "1.0",
                1,
                OTHER.universe(),
                Cidr.parse("10.192.0.0/12"),
                OTHER.domain(),
                OTHER.vtep(),
                6783,
                1450);
        PeerDescription family = new PeerDescription(
                OTHER.name(),
                "b",
                "1.0",
                1,
                OTHER.universe(),
                OTHER.poolRange(),
                OTHER.domain(),
                IpAddress.parse("2001:db8::2"),
                6783,
                1430);
        assertThat(refusal(family)).contains("2001:db8::2", "192.0.2.1", "another address family", "--host");
        assertThat(refusal(pools)).contains("192.0.2.2", "10.192.0.0/12", "10.176.0.0/12", "--ipalloc-pool-range");
        assertThat(refusal(range)).contains("192.0.2.2", "10.40.0.0/16", "10.32.0.0/12", "--ipalloc-range");
        assertThat(refusal(domain)).contains("192.0.2.2", "example.org.", "weave.local.", "--dns-domain");
        assertThat(refusal(protocol)).contains("192.0.2.2", "version 2 (2.0)", "speaks 1 (1.0)", "same version");
    }

    @Test
    void aRefusalIsToldOnce() {
        PeerDescription clone = peer(2, "192.0.2.9");
        assertThat(table.members(List.of(SELF, OTHER, clone), START)).hasSize(2);
        assertThat(table.members(List.of(SELF, OTHER, clone), after(1))).isEmpty();
    }

    @Test
    void anAcceptedPeerThatNoLongerFitsIsGoneAtOnce() {
        table.members(List.of(SELF, OTHER), START);
        PeerDescription range = new PeerDescription(
                OTHER.name(),
                "b",
                "1.0",
                1,
                Cidr.parse("10.40.0.0/16"),
                OTHER.poolRange(),
                OTHER.domain(),
                OTHER.vtep(),
                6783,
                1450);
        assertThat(table.members(List.of(SELF, range), after(1)))
                .anyMatch(PeerRefused.class::isInstance)
                .contains(new PeerDown(OTHER.name()));
        assertThat(table.accepted()).isEmpty();
    }

    @Test
    void ofTwoHostsWithOneNameTheOlderMemberIsThePeer() {
        PeerDescription clone = peer(2, "192.0.2.9");
        assertThat(table.members(List.of(SELF, OTHER, clone), START))
                .satisfiesExactly(
                        event ->
                                assertThat(((PeerRefused) event).reason()).contains("192.0.2.2", "192.0.2.9", "--name"),
                        event -> assertThat(event).isEqualTo(new PeerUp(OTHER)));
        assertThat(table.accepted().get(OTHER.name())).isEqualTo(OTHER);
        assertThat(table.members(List.of(SELF, clone), after(1))).containsExactly(new PeerUp(clone));
    }

    @Test
    void whoseNameIsTakenHasNoPeersUntilTheOtherHostLeaves() {
        PeerDescription rightful = peer(1, "192.0.2.9");
        table.members(List.of(SELF, OTHER), START);
        assertThat(table.members(List.of(rightful, OTHER, SELF), after(1))).contains(new PeerDown(OTHER.name()));
        assertThat(table.nameTaken()).isTrue();
        assertThat(table.accepted()).isEmpty();
        assertThat(table.refused())
                .allMatch(refusal -> refusal.reason().contains("192.0.2.1")
                        && refusal.reason().contains("192.0.2.9"));
        assertThat(table.members(List.of(OTHER, SELF), after(2))).containsExactly(new PeerUp(OTHER));
        assertThat(table.nameTaken()).isFalse();
    }

    private String refusal(PeerDescription peer) {
        PeerTable fresh = new PeerTable(SELF, Duration.ofSeconds(5));
        assertThat(fresh.members(List.of(SELF, peer), START)).hasSize(1);
        assertThat(fresh.accepted()).isEmpty();
        return fresh.refused().getFirst().reason();
    }

    private static Instant after(int seconds) {
        return START.plusSeconds(seconds);
    }

    private static PeerDescription peer(int name, String address) {
        return new PeerDescription(
                new PeerName(name),
                "host" + name,
                "1.0",
                1,
                Cidr.parse("10.32.0.0/12"),
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                IpAddress.parse(address),
                6783,
                1450);
    }
}
