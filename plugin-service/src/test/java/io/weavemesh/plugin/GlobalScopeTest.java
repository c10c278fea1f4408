package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.RouterRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the driver knows of a network that was made on another host. */
class GlobalScopeTest {

    private static final NetworkId NETWORK = NetworkId.parse("4e".repeat(32));
    private static final List<Cidr> SUBNET = List.of(Cidr.parse("10.99.0.0/24"));
    private static final Network PLAIN = new Network(NETWORK, SUBNET, false, Optional.empty());
    private static final Network WITH_OPTIONS =
            NetworkDriver.shown(NETWORK, SUBNET, Map.of("works.weave.multicast", "true", "works.weave.mtu", "1300"));

    private final EndpointBook book = new EndpointBook(List.of(), List.of());
    private final NetworkDriver driver = new NetworkDriver(book, NetworkDriver.Scope.GLOBAL);

    @Test
    void withoutNewsOfItsOptionsItHasTheUsualOnes() {
        assertThat(written(createEndpoint())).isEqualTo(PLAIN);
    }

    @Test
    void whatDockerShowsOfItCounts() {
        assertThat(driver.learn(List.of(WITH_OPTIONS))).isEqualTo(Step.Answer.EMPTY);
        assertThat(book.networks()).isEmpty();
        assertThat(written(createEndpoint())).isEqualTo(WITH_OPTIONS);
        assertThat(WITH_OPTIONS.multicast()).isTrue();
        assertThat(WITH_OPTIONS.mtu()).contains(1_300);
    }

    @Test
    void whatDockerShowsTooLateIsPutRightOnce() {
        book.put(PLAIN);
        Step put = driver.learn(List.of(WITH_OPTIONS));
        assertThat(written(put)).isEqualTo(WITH_OPTIONS);
        assertThat(((Step.Write) put).then().get())
                .isInstanceOfSatisfying(
                        Step.Ask.class,
                        ask -> assertThat(ask.request())
                                .isEqualTo(new RouterRequest.CreateNetwork(NETWORK, SUBNET, Optional.of(1_300))));
        assertThat(book.network(NETWORK)).contains(WITH_OPTIONS);
        assertThat(driver.learn(List.of(WITH_OPTIONS))).isEqualTo(Step.Answer.EMPTY);
    }

    @Test
    void whatIsShownNoMoreIsForgotten() {
        driver.learn(List.of(WITH_OPTIONS));
        driver.learn(List.of());
        assertThat(written(createEndpoint())).isEqualTo(PLAIN);
    }

    private Step createEndpoint() {
        return driver.handle(
                "CreateEndpoint",
                new Fields(
                        "CreateEndpoint",
                        Map.of(
                                "NetworkID",
                                NETWORK.value(),
                                "EndpointID",
                                "ab".repeat(32),
                                "Interface",
                                Map.of("Address", "10.99.0.2/24"))));
    }

    private static Object written(Step step) {
        assertThat(step).isInstanceOf(Step.Write.class);
        return ((Step.Write) step).value();
    }
}
