package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What hosts derive alike without asking each other: VNIs, MAC addresses and interface names. */
class NamesAndNumbersTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @Test
    void theVniOfTheDefaultSubnetNeverChangesSinceHostsOfTwoVersionsMustAgree() {
        assertThat(Segment.vniOf(World.DEFAULT_SUBNET)).isEqualTo(11566019);
        assertThat(Segment.vniOf(Cidr.parse("fd00:1::/64"))).isEqualTo(Segment.vniOf(Cidr.parse("fd00:1::/64")));
    }

    @Test
    void everyVniFitsIn24BitsAndIsNotZeroAndSubnetsRarelyMeet() {
        Random random = new Random(SEED);
        Set<Integer> seen = new HashSet<>();
        Set<Cidr> subnets = new HashSet<>();
        while (subnets.size() < 4096) {
            Cidr subnet = new Cidr(IpAddress.ipv4(random.nextInt()), 8 + random.nextInt(23)).subnet();
            int vni = Segment.vniOf(subnet);
            subnets.add(subnet);
            assertThat(vni).as("seed %d, subnet %s", SEED, subnet).isBetween(1, (1 << 24) - 1);
            seen.add(vni);
        }
        // 4096 throws at 2^24 bins meet about half a time.
        assertThat(seen.size()).as("seed %d", SEED).isGreaterThan(subnets.size() - 8);
    }

    @Test
    void twoSubnetsThatDifferInTheirPrefixAloneAreTwoSegments() {
        assertThat(Segment.vniOf(Cidr.parse("10.32.0.0/12"))).isNotEqualTo(Segment.vniOf(Cidr.parse("10.32.0.0/16")));
    }

    @Test
    void noTwoIpv4AddressesOfANetworkHaveOneMac() {
        Map<MacAddress, IpAddress> seen = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            IpAddress address = World.DEFAULT_SUBNET.first().plus(i * 37L);
            MacAddress mac = EndpointMac.of(World.DEFAULT_SUBNET, address);
            assertThat(seen.put(mac, address)).isNull();
            assertThat(mac.isMulticast()).isFalse();
            assertThat(mac.bits() >>> 40 & 2).as("locally administered").isEqualTo(2);
        }
    }

    @Test
    void anIpv6AddressHasAMacOfItsOwnKind() {
        Cidr subnet = Cidr.parse("fd00:1::/64");
        MacAddress one = EndpointMac.of(subnet, IpAddress.parse("fd00:1::1"));
        assertThat(one).isNotEqualTo(EndpointMac.of(subnet, IpAddress.parse("fd00:1::2")));
        assertThat(one).isEqualTo(EndpointMac.of(subnet, IpAddress.parse("fd00:1:0::1")));
        assertThat(one.bits() >>> 40).isEqualTo(6);
    }

    @Test
    void oneAddressInTwoNetworksHasTwoMacs() {
        IpAddress address = IpAddress.parse("10.32.0.1");
        assertThat(EndpointMac.of(Cidr.parse("10.32.0.0/12"), address))
                .isNotEqualTo(EndpointMac.of(Cidr.parse("10.32.0.0/24"), address));
    }

    @Test
    void interfaceNamesAreTheForerunnersAndNeverTooLong() {
        LocalEndpoint endpoint = endpoint("0123456789abcdef0123456789abcdef");
        assertThat(endpoint.hostEnd()).isEqualTo("vethwl012345678").hasSize(15);
        assertThat(endpoint.guestEnd()).isEqualTo("vethwg012345678");
        assertThat(endpoint("a/b:c").hostEnd()).isEqualTo("vethwla_b_c");
        assertThat(LocalEndpoint.guestEndOf(endpoint.hostEnd())).isEqualTo(endpoint.guestEnd());
    }

    @ParameterizedTest
    @ValueSource(strings = {"host2", "host2.example.com", "host2:6783", "192.0.2.7", "192.0.2.7:6783", "2001:db8::7", "[2001:db8::7]:6783", "[2001:db8::7]"})
    void aTargetMayBe(String text) {
        assertThat(PeerTarget.parse(text).host()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":6783", "host2:", "host2:0", "host2:65536", "host2:x", "ho st", "http://host2", "192.0.2", "192.0.2.256", "[2001:db8::7", "[2001:db8::7]x", "2001:db8::g", "-host"})
    void aTargetMayNotBe(String text) {
        assertThatThrownBy(() -> PeerTarget.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'");
    }

    private static LocalEndpoint endpoint(String id) {
        return new LocalEndpoint(new NetworkId("n"), new EndpointId(id), List.of(), new MacAddress(2), 1450);
    }
}
