package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.Owner;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressLeaksTest {

    private static final Instant NOW = Instant.ofEpochSecond(10_000);

    @Test
    void whatNobodyUsesAMinuteAfterItWasGivenIsALeak() {
        Allocation orphan = given("10.32.0.1/12", Owner.Kind.UNBOUND, 61);
        Allocation lost = given("10.32.0.2/12", Owner.Kind.ENDPOINT, 3_600);
        assertThat(AddressLeaks.find(List.of(orphan, lost), Set.of(), NOW)).containsExactly(orphan, lost);
    }

    @Test
    void whatIsInUseOrYoungOrReservedOrGivenByHandIsNone() {
        List<Allocation> given = List.of(
                given("10.32.0.1/12", Owner.Kind.UNBOUND, 59),
                given("10.32.0.2/12", Owner.Kind.ENDPOINT, 3_600),
                given("10.32.0.3/12", Owner.Kind.RESERVED, 3_600),
                given("10.32.0.4/12", Owner.Kind.CONTAINER, 3_600),
                given("10.32.0.5/12", Owner.Kind.EXPOSE, 3_600));
        assertThat(AddressLeaks.find(given, Set.of(IpAddress.parse("10.32.0.2")), NOW))
                .isEmpty();
    }

    private static Allocation given(String address, Owner.Kind kind, long secondsAgo) {
        return new Allocation(
                Cidr.parse(address), new Owner(kind, "id", Optional.empty()), NOW.minusSeconds(secondsAgo));
    }
}
