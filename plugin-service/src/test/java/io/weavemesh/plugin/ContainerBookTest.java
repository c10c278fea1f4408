package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What Docker shows of a container, and what dns-service is told of it. */
class ContainerBookTest {

    private static final ContainerId C1 = new ContainerId("3f9a1c77be02aa");
    private static final ContainerId C2 = new ContainerId("77aa1c77be02aa");
    private static final MacAddress MAC = MacAddress.parse("02:42:0a:20:00:01");
    private static final IpAddress GATEWAY = IpAddress.parse("172.18.0.2");

    private final EndpointBook endpoints = new EndpointBook(
            List.of(network("weave", "10.32.0.0/12"), network("db", "10.50.0.0/24")),
            List.of(
                    endpoint("e1", "weave", "10.32.0.1/12", "fd00::1/64"),
                    endpoint("e2", "db", "10.50.0.1/24"),
                    endpoint("e3", "weave", "10.32.0.3/12")));
    private final AttachmentBook attachments = new AttachmentBook(List.of());
    private final ContainerBook book = new ContainerBook(Fqdn.parse("weave.local"), endpoints, attachments);

    @Test
    void eachEndpointOfOursGetsEveryNameAndItsOwnAddresses() {
        List<DnsRequest<Done>> news =
                look(C1, "running", "", attachment("weave", "e1", "'web'"), attachment("db", "e2", "'store'"));
        assertThat(news)
                .containsExactlyInAnyOrder(
                        new RegisterName(
                                new EndpointId("e1"),
                                C1,
                                names("h.weave.local foo.weave.local web.weave.local"),
                                List.of(Cidr.parse("10.32.0.1/12"), Cidr.parse("fd00::1/64")),
                                List.of(GATEWAY),
                                List.of(ExposedPort.parse("80/tcp"), ExposedPort.parse("53/udp")),
                                true),
                        new RegisterName(
                                new EndpointId("e2"),
                                C1,
                                names("h.weave.local foo.weave.local store.weave.local"),
                                List.of(Cidr.parse("10.50.0.1/24")),
                                List.of(GATEWAY),
                                List.of(ExposedPort.parse("80/tcp"), ExposedPort.parse("53/udp")),
                                true));
    }

    @Test
    void itAlsoAsksFromNetworksThatAreNotOurs() {
        List<DnsRequest<Done>> news = look(
                C1,
                "running",
                "",
                attachment("weave", "e1", ""),
                "'bridge':{'NetworkID':'b1','EndpointID':'x1','IPAddress':'172.17.0.9','GlobalIPv6Address':'','Aliases':null}");
        assertThat(news)
                .singleElement()
                .isInstanceOfSatisfying(
                        RegisterName.class,
                        register ->
                                assertThat(register.askFrom()).containsExactly(GATEWAY, IpAddress.parse("172.17.0.9")));
    }

    @Test
    void onlyAFailingHealthCheckIsUnhealthy() {
        for (String health : List.of("", "starting", "healthy", "unhealthy")) {
            String state = health.isEmpty() ? "" : ",'Health':{'Status':'" + health + "'}";
            assertThat(look(C1, "running", state, attachment("weave", "e1", "")))
                    .as(health)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            RegisterName.class,
                            register -> assertThat(register.healthy()).isEqualTo(!health.equals("unhealthy")));
        }
    }

    @Test
    void anEndpointThatIsGoneLosesItsNames() {
        look(C1, "running", "", attachment("weave", "e1", ""), attachment("db", "e2", ""));
        assertThat(look(C1, "running", "", attachment("db", "e2", "")))
                .hasSize(2)
                .contains(new DeregisterName(new EndpointId("e1")));
        assertThat(look(C1, "exited", "", "'db':{'NetworkID':'','EndpointID':'','IPAddress':'','Aliases':null}"))
                .containsExactly(new DeregisterName(new EndpointId("e2")));
        assertThat(book.attached()).isEmpty();
    }

    @Test
    void aRestartedContainerHasItsNewEndpointOnly() {
        look(C1, "running", "", attachment("weave", "e1", ""));
        assertThat(look(C1, "running", "", attachment("weave", "e3", "")))
                .first()
                .isEqualTo(new DeregisterName(new EndpointId("e1")));
        assertThat(book.attached()).extracting(AttachedContainer::endpoint).containsExactly(new EndpointId("e3"));
    }

    @Test
    void aRemovedContainerLosesAllNames() {
        look(C1, "running", "", attachment("weave", "e1", ""), attachment("db", "e2", ""));
        assertThat(book.gone(C1))
                .containsExactlyInAnyOrder(
                        new DeregisterName(new EndpointId("e1")), new DeregisterName(new EndpointId("e2")));
        assertThat(book.gone(C1)).isEmpty();
    }

    @Test
    void aComparisonDropsWhatWentWithoutAWordAndKeepsWhatCameMeanwhile() {
        look(C1, "running", "", attachment("weave", "e1", ""));
        book.beginComparison();
        look(C2, "running", "", attachment("weave", "e3", ""));
        assertThat(book.endComparison().endpoints()).containsExactly(new EndpointId("e3"));
        book.beginComparison();
        look(C2, "running", "", attachment("weave", "e3", ""));
        look(C1, "running", "", attachment("weave", "e1", ""));
        assertThat(book.endComparison().endpoints())
                .containsExactlyInAnyOrder(new EndpointId("e1"), new EndpointId("e3"));
    }

    @Test
    void anEndpointDockerHasDeletedInTheMeantimeIsNotRetained() {
        book.beginComparison();
        look(C1, "running", "", attachment("weave", "e1", ""));
        endpoints.remove(new EndpointId("e1"));
        assertThat(book.endComparison().endpoints()).isEmpty();
        assertThat(look(C1, "running", "", attachment("weave", "e1", ""))).noneMatch(RegisterName.class::isInstance);
    }

    @Test
    void aContainerIsDescribedByItsFirstNameAndItsAddresses() {
        assertThat(book.describe(facts(C1, "running", "", attachment("weave", "e1", ""))))
                .satisfies(found -> {
                    assertThat(found.container()).isEqualTo(C1);
                    assertThat(found.name()).isEqualTo(Optional.of(Fqdn.parse("h.weave.local")));
                    assertThat(found.running()).isTrue();
                    assertThat(found.addresses())
                            .extracting(IpAddress::toString)
                            .containsExactly("10.32.0.1", "fd00::1");
                });
    }

    @Test
    void eventsOfContainersAndNetworksNameTheContainer() {
        assertThat(event("{'Type':'container','Action':'health_status: unhealthy','Actor':{'ID':'c9'}}"))
                .contains(new DockerEvent(new ContainerId("c9"), false));
        assertThat(event("{'Type':'container','Action':'start','Actor':{'ID':'c9'}}"))
                .contains(new DockerEvent(new ContainerId("c9"), true));
        assertThat(event("{'Type':'network','Action':'connect','Actor':{'ID':'n1','Attributes':{'container':'c9'}}}"))
                .contains(new DockerEvent(new ContainerId("c9"), true));
        assertThat(event("{'Type':'network','Action':'disconnect','Actor':{'ID':'n1','Attributes':null}}"))
                .isEmpty();
    }

    @Test
    void theGatewayBridgeSaysWhereContainersAskFrom() {
        assertThat(GatewayBridge.addresses(Json.fields("{'Containers':{'c9':{'Name':'gateway_77aa',"
                        + "'IPv4Address':'172.18.0.2/16','IPv6Address':''}}}")))
                .isEqualTo(Map.of(new ContainerId("c9"), List.of(GATEWAY)));
        assertThat(GatewayBridge.addresses(Json.fields("{'Containers':null}"))).isEmpty();
    }

    private static Optional<DockerEvent> event(String json) {
        return DockerEvent.of(Json.fields(json));
    }

    private List<DnsRequest<Done>> look(ContainerId id, String state, String health, String... attachments) {
        return new ArrayList<>(book.inspected(facts(id, state, health, attachments), List.of(GATEWAY)));
    }

    private static ContainerFacts facts(ContainerId id, String state, String health, String... attachments) {
        return ContainerFacts.of(Json.fields("{'Id':'" + id + "','Name':'/foo','State':{'Running':"
                + state.equals("running") + health + "},'Config':{'Hostname':'h','Domainname':'weave.local',"
                + "'ExposedPorts':{'80/tcp':{},'7000-7010/tcp':{}}},'NetworkSettings':{'Ports':{'80/tcp':null,'53/udp':[]},"
                + "'Networks':{" + String.join(",", attachments) + "}}}"));
    }

    private static String attachment(String network, String endpoint, String aliases) {
        return "'" + network + "':{'NetworkID':'" + network + "','EndpointID':'" + endpoint
                + "','IPAddress':'10.99.0.1','GlobalIPv6Address':'','Aliases':[" + aliases + "]}";
    }

    private static List<Fqdn> names(String names) {
        return Arrays.stream(names.split(" ", -1)).map(Fqdn::parse).toList();
    }

    private static Network network(String id, String subnet) {
        return new Network(NetworkId.parse(id), List.of(Cidr.parse(subnet)), false, Optional.empty());
    }

    private static Endpoint endpoint(String id, String network, String... addresses) {
        return new Endpoint(
                EndpointId.parse(id),
                NetworkId.parse(network),
                Arrays.stream(addresses).map(Cidr::parse).toList(),
                MAC,
                "vethwg" + id);
    }
}
