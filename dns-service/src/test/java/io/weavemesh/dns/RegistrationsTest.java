package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.dns.Registrations.Change;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegistrationsTest {

    private static final EndpointId E1 = new EndpointId("e1");
    private static final EndpointId E2 = new EndpointId("e2");
    private static final ContainerId C1 = new ContainerId("c1");

    private final Registrations registrations = new Registrations(Packets.DOMAIN);

    @Test
    void everyNameHasEveryAddress() {
        Change change = register(E1, "foo.weave.local bar.weave.local", "10.32.0.1 fd00::1");
        assertThat(change.put())
                .extracting(NameRow::key)
                .containsExactly(
                        "foo.weave.local. 10.32.0.1 e1",
                        "foo.weave.local. fd00::1 e1",
                        "bar.weave.local. 10.32.0.1 e1",
                        "bar.weave.local. fd00::1 e1");
        assertThat(change.removed()).isEmpty();
    }

    @Test
    void namesOutsideTheDomainAreLeftOut() {
        assertThat(register(E1, "foo.example.com foo.weave.local weave.local", "10.32.0.1")
                        .put())
                .extracting(row -> row.name().value())
                .containsExactly("foo.weave.local.", "weave.local.");
        assertThat(register(E2, "foo.example.com", "10.32.0.2").isEmpty()).isTrue();
    }

    @Test
    void theSameTwiceChangesNothing() {
        register(E1, "foo.weave.local", "10.32.0.1");
        assertThat(register(E1, "foo.weave.local", "10.32.0.1").isEmpty()).isTrue();
        assertThat(registrations.deregister(E1).removed()).hasSize(1);
        assertThat(registrations.deregister(E1).isEmpty()).isTrue();
    }

    @Test
    void newNamesTakeThePlaceOfTheOldOnes() {
        register(E1, "foo.weave.local both.weave.local", "10.32.0.1");
        Change change = register(E1, "both.weave.local bar.weave.local", "10.32.0.1");
        assertThat(change.put()).extracting(NameRow::key).containsExactly("bar.weave.local. 10.32.0.1 e1");
        assertThat(change.removed()).containsExactly("foo.weave.local. 10.32.0.1 e1");
        assertThat(registrations.deregister(E1).removed())
                .containsExactlyInAnyOrder("both.weave.local. 10.32.0.1 e1", "bar.weave.local. 10.32.0.1 e1");
    }

    @Test
    void onlyTheEndpointsNamedAreRetained() {
        register(E1, "foo.weave.local", "10.32.0.1");
        register(E2, "bar.weave.local", "10.32.0.2");
        assertThat(registrations.retain(Set.of(E2)).removed()).containsExactly("foo.weave.local. 10.32.0.1 e1");
        assertThat(registrations.retain(Set.of(E2)).isEmpty()).isTrue();
        assertThat(registrations.retain(Set.of()).removed()).containsExactly("bar.weave.local. 10.32.0.2 e2");
    }

    @Test
    void anEndpointWithTooManyNamesIsRefusedAndKeepsWhatItHad() {
        register(E1, "foo.weave.local", "10.32.0.1");
        List<String> names = IntStream.rangeClosed(0, Registrations.MAX_ROWS_PER_ENDPOINT)
                .mapToObj(i -> "n" + i + ".weave.local")
                .toList();
        assertThatThrownBy(() -> register(E1, String.join(" ", names), "10.32.0.1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("register endpoint e1: 1025 names with 1 addresses (expected at most 1024 pairs)");
        assertThat(registrations.deregister(E1).removed()).containsExactly("foo.weave.local. 10.32.0.1 e1");
    }

    @Test
    void portsAndHealthAreInEveryRowAndAChangeOfThemIsTold() {
        List<ExposedPort> many = IntStream.rangeClosed(1, NameRow.MAX_PORTS + 1)
                .mapToObj(number -> new ExposedPort(ExposedPort.Transport.TCP, NameRow.MAX_PORTS + 2 - number))
                .toList();
        Change first = registrations.register(request("foo.weave.local", "10.32.0.1 fd00::1", many, true));
        assertThat(first.put()).hasSize(2).allSatisfy(row -> {
            assertThat(row.ports()).hasSize(NameRow.MAX_PORTS).first().hasToString("1/tcp");
            assertThat(row.healthy()).isTrue();
        });
        assertThat(registrations
                        .register(request("foo.weave.local", "10.32.0.1 fd00::1", many, true))
                        .isEmpty())
                .isTrue();
        Change second = registrations.register(request("foo.weave.local", "10.32.0.1 fd00::1", many, false));
        assertThat(second.put()).hasSize(2).noneMatch(NameRow::healthy);
        assertThat(second.removed()).isEmpty();
    }

    private Change register(EndpointId endpoint, String names, String addresses) {
        return registrations.register(request(endpoint, names, addresses, List.of(), true));
    }

    private static RegisterName request(String names, String addresses, List<ExposedPort> ports, boolean healthy) {
        return request(E1, names, addresses, ports, healthy);
    }

    private static RegisterName request(
            EndpointId endpoint, String names, String addresses, List<ExposedPort> ports, boolean healthy) {
        return new RegisterName(
                endpoint,
                C1,
                Arrays.stream(names.split(" ", -1)).map(Fqdn::parse).toList(),
                Arrays.stream(addresses.split(" ", -1))
                        .map(IpAddress::parse)
                        .map(Cidr::alone)
                        .toList(),
                List.of(),
                ports,
                healthy);
    }
}
