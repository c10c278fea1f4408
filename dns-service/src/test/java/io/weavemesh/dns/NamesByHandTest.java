package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.AddName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.dns.Registrations.Change;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code weave dns-add} and {@code dns-remove}: what is answered, and what the disk holds. */
class NamesByHandTest {

    private static final String EXTERN = "weave:extern";

    private final Map<String, NameRow> table = new TreeMap<>();
    private final Map<String, HandMade> disk = new TreeMap<>();
    private Registrations registrations = new Registrations(Packets.DOMAIN, List.of());

    @Test
    void aNameForAnyAddressStandsWhateverContainersDo() {
        add("db.weave.local", "192.0.2.7", EXTERN);
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        apply(registrations.retain(Set.of()));
        assertThat(shown()).containsExactly("db.weave.local. 192.0.2.7 weave:extern");
    }

    @Test
    void aRestartBringsItBackBeforeDockerIsAsked() {
        add("db.weave.local", "192.0.2.7", EXTERN);
        restart();
        assertThat(shown()).containsExactly("db.weave.local. 192.0.2.7 weave:extern");
    }

    @Test
    void whatWasRemovedIsNotBroughtBack() {
        add("db.weave.local", "192.0.2.7", EXTERN);
        add("db.weave.local", "192.0.2.8", EXTERN);
        remove(EXTERN, "192.0.2.7", "");
        restart();
        assertThat(shown()).containsExactly("db.weave.local. 192.0.2.8 weave:extern");
        remove("", "", "db.weave.local");
        assertThat(disk).isEmpty();
    }

    @Test
    void aNameForAContainersAddressGoesWithTheEndpointBecauseTheAddressIsSomebodyElsesNext() {
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        add("db.weave.local", "10.32.0.1", "c1");
        assertThat(shown()).containsExactly("db.weave.local. 10.32.0.1 c1", "foo.weave.local. 10.32.0.1 c1");
        apply(registrations.deregister(new EndpointId("e1")));
        assertThat(shown()).isEmpty();
        assertThat(disk).isEmpty();
    }

    @Test
    void afterARestartItIsBackWhenTheEndpointIsAndGoneWhenThatIsGone() {
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        add("db.weave.local", "10.32.0.1", "c1");
        restart();
        assertThat(shown()).isEmpty();
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        assertThat(shown()).contains("db.weave.local. 10.32.0.1 c1");
        restart();
        register("e2", "c1", "foo.weave.local", "10.32.0.2", true);
        apply(registrations.retain(Set.of(new EndpointId("e2"))));
        assertThat(shown()).containsExactly("foo.weave.local. 10.32.0.2 c1");
        assertThat(disk).isEmpty();
    }

    @Test
    void itIsAsWellAsItsContainerAndServesTheSamePorts() {
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        add("db.weave.local", "10.32.0.1", "c1");
        register("e1", "c1", "foo.weave.local", "10.32.0.1", false);
        assertThat(table.values()).hasSize(2).allSatisfy(row -> {
            assertThat(row.healthy()).isFalse();
            assertThat(row.ports()).containsExactly(ExposedPort.parse("80/tcp"));
        });
    }

    @Test
    void aContainersOwnNameThatIsRemovedStaysAwayUntilItHasAnotherEndpoint() {
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        remove("c1", "10.32.0.1", "foo.weave.local");
        assertThat(shown()).isEmpty();
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        restart();
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        assertThat(shown()).as("a full comparison with Docker, and a restart").isEmpty();
        apply(registrations.deregister(new EndpointId("e1")));
        register("e2", "c1", "foo.weave.local", "10.32.0.1", true);
        assertThat(shown()).containsExactly("foo.weave.local. 10.32.0.1 c1");
    }

    @Test
    void addingItAgainBringsItBackAndLeavesNothingOnDisk() {
        register("e1", "c1", "foo.weave.local", "10.32.0.1", true);
        remove("c1", "", "");
        add("foo.weave.local", "10.32.0.1", "c1");
        assertThat(shown()).containsExactly("foo.weave.local. 10.32.0.1 c1");
        assertThat(disk).isEmpty();
    }

    @Test
    void namesOutsideTheDomainAreIgnored() {
        add("foo.example.com", "192.0.2.7", EXTERN);
        assertThat(shown()).isEmpty();
        assertThat(disk).isEmpty();
    }

    @Test
    void thereIsALimitThatSaysSo() {
        for (int i = 0; i < NamesByHand.MAX; i++) {
            add("n" + i + ".weave.local", "198.18." + i / 256 + "." + i % 256, EXTERN);
        }
        assertThatThrownBy(() -> add("more.weave.local", "192.0.2.7", EXTERN))
                .hasMessage("change more.weave.local. of 192.0.2.7 by hand: there are 10000 such changes already"
                        + " (remove some: weave dns-remove)");
    }

    /** Whatever was done: a restart, after which Docker's endpoints are registered again, shows the same names. */
    @Test
    void aRestartNeverChangesWhatIsShown() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("NamesByHandTest -Dseed=" + seed);
        Random random = new Random(seed);
        Map<EndpointId, RegisterName> docker = new TreeMap<>();
        for (int step = 0; step < 2_000; step++) {
            int number = random.nextInt(4);
            EndpointId endpoint = new EndpointId("e" + random.nextInt(6));
            String container = random.nextInt(4) == 0 ? EXTERN : "c" + number;
            String address = "10.32.0." + number;
            String name = "n" + random.nextInt(5) + ".weave.local";
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    RegisterName request = request(endpoint.value(), "c" + number, name, address, random.nextBoolean());
                    docker.putIfAbsent(endpoint, request);
                    apply(registrations.register(docker.get(endpoint)));
                }
                case 2 -> {
                    docker.remove(endpoint);
                    apply(registrations.deregister(endpoint));
                }
                case 3 -> add(name, address, container);
                case 4 -> remove(container, random.nextBoolean() ? address : "", random.nextBoolean() ? name : "");
                default -> {
                    docker.keySet().removeIf(each -> random.nextInt(4) == 0);
                    apply(registrations.retain(docker.keySet()));
                }
            }
            Map<String, NameRow> before = new TreeMap<>(table);
            restart();
            docker.values().forEach(request -> apply(registrations.register(request)));
            apply(registrations.retain(docker.keySet()));
            assertThat(table).as("after step %d", step).isEqualTo(before);
        }
    }

    private void restart() {
        table.clear();
        registrations = new Registrations(Packets.DOMAIN, List.copyOf(disk.values()));
        apply(registrations.start());
    }

    private void register(String endpoint, String container, String names, String address, boolean healthy) {
        apply(registrations.register(request(endpoint, container, names, address, healthy)));
    }

    private static RegisterName request(
            String endpoint, String container, String name, String address, boolean healthy) {
        return new RegisterName(
                new EndpointId(endpoint),
                new ContainerId(container),
                List.of(Fqdn.parse(name)),
                List.of(Cidr.parse(address + "/12")),
                List.of(),
                List.of(ExposedPort.parse("80/tcp")),
                healthy);
    }

    private void add(String name, String address, String container) {
        apply(registrations.add(new AddName(Fqdn.parse(name), IpAddress.parse(address), new ContainerId(container))));
    }

    private void remove(String container, String address, String name) {
        apply(registrations.remove(new RemoveNames(
                given(container).map(ContainerId::new),
                given(address).map(IpAddress::parse),
                given(name).map(Fqdn::parse))));
    }

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(value -> !value.isEmpty());
    }

    private void apply(Change change) {
        change.removed().forEach(table::remove);
        change.put().forEach(row -> table.put(row.key(), row));
        change.erased().forEach(disk::remove);
        change.written().forEach(made -> disk.put(made.key(), made));
    }

    private Set<String> shown() {
        return table.values().stream()
                .map(row -> row.name() + " " + row.address() + " " + row.container())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
