package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpamReply.Allocation;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.Owner;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GivenNamesTest {

    private static final Cidr ADDRESS = Cidr.parse("10.32.0.1/12");
    private static final EndpointId ENDPOINT = new EndpointId("aaaaaaaaaaaa");
    private static final Fqdn DOMAIN = Fqdn.parse("weave.local");

    private final EndpointBook book = new EndpointBook(
            List.of(),
            List.of(new Endpoint(
                    ENDPOINT,
                    new NetworkId("network"),
                    List.of(ADDRESS),
                    MacAddress.parse("02:f8:0a:20:00:01"),
                    "vethwgaaaaaaaaa")));

    @Test
    void anEndpointWhoseAddressWasAskedForByNameHasThatName() {
        assertThat(GivenNames.of(book, List.of(given(Owner.Kind.ENDPOINT, "aaaaaaaaaaaa", "foo")), DOMAIN))
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.endpoint()).isEqualTo(ENDPOINT);
                    assertThat(told.names()).containsExactly(Fqdn.parse("foo.weave.local"));
                    assertThat(told.addresses()).containsExactly(ADDRESS);
                });
    }

    @Test
    void whatHasNoNameOrNoEndpointYetIsNotTold() {
        List<RegisterName> told = GivenNames.of(
                book,
                List.of(
                        given(Owner.Kind.UNBOUND, "aaaaaaaaaaaa", "foo"),
                        given(Owner.Kind.ENDPOINT, "bbbbbbbbbbbb", "bar"),
                        new Allocation(
                                ADDRESS,
                                new Owner(Owner.Kind.ENDPOINT, "aaaaaaaaaaaa", Optional.empty()),
                                Instant.EPOCH)),
                DOMAIN);
        assertThat(told).isEmpty();
    }

    private static Allocation given(Owner.Kind kind, String id, String name) {
        return new Allocation(ADDRESS, new Owner(kind, id, Optional.of(name)), Instant.EPOCH);
    }
}
