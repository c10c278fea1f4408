package io.weavemesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DockerNetworksTest {

    private static final String CONTAINERS = """
            "Containers": {"c1": {"Name": "web", "EndpointID": "e1"}, "ep-e2": {"Name": "db", "EndpointID": "e2"}}""";

    @Test
    void aNetworkOfThisEngineAlsoHasEndpointsWhoseContainerIsGone() {
        assertThat(DockerNetworks.containers(new JsonObject("{\"Scope\": \"local\", " + CONTAINERS + "}")))
                .isEqualTo(Map.of("c1", "web", "ep-e2", "db"));
    }

    @Test
    void ofANetworkOfAllEnginesOnlyThisHostsContainersCount() {
        assertThat(DockerNetworks.containers(new JsonObject("{\"Scope\": \"global\", " + CONTAINERS + "}")))
                .isEqualTo(Map.of("c1", "web"));
    }

    @Test
    void aNetworkMayHaveNone() {
        assertThat(DockerNetworks.containers(new JsonObject("{\"Containers\": {}}")))
                .isEmpty();
        assertThat(DockerNetworks.containers(new JsonObject("{\"Containers\": null}")))
                .isEmpty();
        assertThat(DockerNetworks.containers(new JsonObject())).isEmpty();
    }
}
