package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.NetworkId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code weave attach} makes of a container and an address. */
class AttachmentBookTest {

    private static final ContainerId C1 = new ContainerId("3f9a1c77be02aa");
    private static final ContainerId C2 = new ContainerId("77aa1c77be02aa");
    private static final Cidr DEFAULT = Cidr.parse("10.32.0.0/12");

    private final AttachmentBook book = new AttachmentBook(List.of());
    private final EndpointBook networks = new EndpointBook(
            List.of(new Network(
                    new NetworkId("dual"),
                    List.of(Cidr.parse("10.50.0.0/24"), Cidr.parse("fd00:50::/64")),
                    false,
                    Optional.empty())),
            List.of());

    @Test
    void addressesOfOneSubnetAreOneEndpointInOrder() {
        AttachedEndpoint one = attach(C1, "10.32.0.9/12");
        AttachedEndpoint two = attach(C1, "10.32.0.2/12");
        assertThat(two.id()).isEqualTo(one.id());
        assertThat(two.mac()).isEqualTo(one.mac());
        assertThat(two.addresses()).containsExactly(Cidr.parse("10.32.0.2/12"), Cidr.parse("10.32.0.9/12"));
        assertThat(attach(C1, "10.32.0.2/12")).as("once more").isEqualTo(two);
        assertThat(book.of(C1)).containsExactly(two);
        assertThat(book.holder(C1, Cidr.parse("10.32.0.9/12"))).contains(two);
        assertThat(book.holder(C2, Cidr.parse("10.32.0.9/12"))).isEmpty();
    }

    @Test
    void eachSubnetAndEachContainerHasAnEndpointOfItsOwn() {
        List<AttachedEndpoint> all =
                List.of(attach(C1, "10.32.0.9/12"), attach(C1, "10.99.0.1/24"), attach(C2, "10.32.0.8/12"));
        assertThat(all.stream().map(AttachedEndpoint::id)).doesNotHaveDuplicates();
        assertThat(all.stream().map(AttachedEndpoint::mac))
                .doesNotHaveDuplicates()
                .noneMatch(mac -> mac.isMulticast());
        assertThat(all.getFirst().network())
                .isEqualTo(all.getLast().network())
                .isNotEqualTo(all.get(1).network());
    }

    @Test
    void theSecondSubnetOfADockerNetworkIsInItsSegment() {
        assertThat(attach(C1, "fd00:50::7/64").subnets().getFirst()).isEqualTo(Cidr.parse("10.50.0.0/24"));
        assertThat(attach(C1, "10.50.0.7/24").addresses()).hasSize(2);
    }

    @Test
    void whichAddressIsMeant() {
        assertThat(AddressWish.parse(List.of(), DEFAULT)).containsExactly(new AddressWish.InSubnet(DEFAULT));
        List<AddressWish> all = AddressWish.parse(
                List.of("net:default", "net:10.99.0.0/24", "ip:10.32.0.7/12", "10.98.0.1/24"), DEFAULT);
        assertThat(all)
                .containsExactly(
                        new AddressWish.InSubnet(DEFAULT),
                        new AddressWish.InSubnet(Cidr.parse("10.99.0.0/24")),
                        new AddressWish.This(Cidr.parse("10.32.0.7/12")),
                        new AddressWish.This(Cidr.parse("10.98.0.1/24")));
        assertThat(all.getFirst().means(Cidr.parse("10.40.0.1/12"))).isTrue();
        assertThat(all.getFirst().means(Cidr.parse("10.99.0.1/24"))).isFalse();
        assertThat(all.get(2).means(Cidr.parse("10.32.0.8/12"))).isFalse();
        List.of("10.32.0.0/12", "10.47.255.255/12", "10.99.0.1/31", "net:10.99.0.0/31", "net:10.32.0.1/12")
                .forEach(text -> assertThatThrownBy(() -> AddressWish.parse(List.of(text), DEFAULT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(text.replace("net:", "")));
        assertThatThrownBy(() -> AddressWish.parse(List.of("10.32.0.7"), DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10.32.0.7")
                .hasMessageContaining("net:default");
    }

    private static final String KEY = "/var/run/docker/netns/77aa";

    @Test
    void whatDockerShowsOfASandbox() {
        assertThat(sandbox("running", 4711, "default")).isEqualTo(new SandboxFacts(C1, 4711, false, KEY));
        assertThat(sandbox("running", 4711, "default").namespaces()).containsExactly("/proc/4711/ns/net", KEY);
        assertThat(sandbox("exited", 4711, "host")).isEqualTo(new SandboxFacts(C1, 0, true, KEY));
        assertThat(new SandboxFacts(C1, 4711, false, "").namespaces()).containsExactly("/proc/4711/ns/net");
    }

    private static SandboxFacts sandbox(String state, int pid, String mode) {
        return SandboxFacts.of(new Fields(
                "container",
                Map.of(
                        "Id",
                        C1.value(),
                        "State",
                        Map.of("Running", state.equals("running"), "Pid", pid),
                        "HostConfig",
                        Map.of("NetworkMode", mode),
                        "NetworkSettings",
                        Map.of("SandboxKey", KEY))));
    }

    private AttachedEndpoint attach(ContainerId container, String address) {
        AttachedEndpoint endpoint = book.with(container, Cidr.parse(address), networks, true, true);
        book.put(endpoint);
        return endpoint;
    }
}
