package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.IpAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AskersTest {

    private final Askers askers = new Askers();

    @Test
    void aContainerIsInTheSubnetsOfAllItsEndpointsWhateverAddressItAsksFrom() {
        register("e1", "c1", "10.32.0.1/12", "172.18.0.2");
        register("e2", "c1", "172.31.7.1/24 fd00:7::1/64", "172.18.0.2");
        register("e3", "c2", "172.31.8.1/24", "172.18.0.3");
        for (String address : List.of("10.32.0.1", "172.31.7.1", "fd00:7::1", "172.18.0.2")) {
            assertThat(reaches(address, "10.47.0.1")).as(address).isTrue();
            assertThat(reaches(address, "172.31.7.99")).as(address).isTrue();
            assertThat(reaches(address, "fd00:7::99")).as(address).isTrue();
            assertThat(reaches(address, "172.31.8.99")).as(address).isFalse();
        }
        assertThat(reaches("172.18.0.3", "172.31.8.99")).isTrue();
        assertThat(reaches("172.18.0.3", "10.47.0.1")).isFalse();
        assertThat(askers.byAddress()).hasSize(6);
    }

    @Test
    void anEndpointThatGoesTakesItsSubnetWithIt() {
        register("e1", "c1", "10.32.0.1/12", "172.18.0.2");
        register("e2", "c1", "172.31.7.1/24", "172.18.0.2");
        assertThat(askers.deregister(new EndpointId("e1"))).isTrue();
        assertThat(askers.deregister(new EndpointId("e1"))).isFalse();
        assertThat(reaches("172.18.0.2", "10.47.0.1")).isFalse();
        assertThat(reaches("172.18.0.2", "172.31.7.99")).isTrue();
        assertThat(askers.retain(Set.of(new EndpointId("e2")))).isFalse();
        assertThat(askers.retain(Set.of())).isTrue();
        assertThat(askers.byAddress()).isEmpty();
    }

    @Test
    void theSameTwiceChangesNothing() {
        assertThat(register("e1", "c1", "10.32.0.1/12", "172.18.0.2")).isTrue();
        assertThat(register("e1", "c1", "10.32.0.1/12", "172.18.0.2")).isFalse();
        assertThat(register("e1", "c1", "10.32.0.1/12", "172.18.0.9")).isTrue();
        assertThat(askers.byAddress()).containsOnlyKeys(IpAddress.parse("10.32.0.1"), IpAddress.parse("172.18.0.9"));
    }

    @Test
    void anAddressByHandThatIsInNoSubnetMakesNobodyKnown() {
        assertThat(register("name:weave:extern:192.0.2.7", "weave:extern", "192.0.2.7/32", ""))
                .isFalse();
        assertThat(askers.byAddress()).isEmpty();
    }

    private boolean register(String endpoint, String container, String addresses, String askFrom) {
        return askers.register(new RegisterName(
                new EndpointId(endpoint),
                new ContainerId(container),
                List.of(),
                Arrays.stream(addresses.split(" ", -1)).map(Cidr::parse).toList(),
                askFrom.isEmpty() ? List.of() : List.of(IpAddress.parse(askFrom)),
                List.of(),
                true));
    }

    private boolean reaches(String from, String to) {
        byte[] octets = IpAddress.parse(to).bytes();
        return askers.byAddress()
                .getOrDefault(IpAddress.parse(from), Asker.UNKNOWN)
                .reaches(octets, 0, octets.length);
    }
}
