package io.weavemesh.plugin.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.plugin.Network;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GlobalNetworksTest {

    private static final String ID = "4e".repeat(32);

    @Test
    void aNetworkIsReadAsDockerListsIt() {
        assertThat(read("""
                [{"Name": "mynetwork", "Id": "ID", "Scope": "global", "Driver": "weave",
                  "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.99.0.0/24", "Gateway": "10.99.0.1"}]},
                  "Options": {"works.weave.multicast": "true"}}]"""))
                .containsExactly(
                        new Network(NetworkId.parse(ID), List.of(Cidr.parse("10.99.0.0/24")), true, Optional.empty()));
    }

    @Test
    void oneWithoutOptionsHasTheUsualOnes() {
        assertThat(read("[{\"Id\": \"ID\", \"IPAM\": {\"Config\": [{\"Subnet\": \"10.0.0.0/24\"}]}, \"Options\": {}}]"))
                .containsExactly(
                        new Network(NetworkId.parse(ID), List.of(Cidr.parse("10.0.0.0/24")), false, Optional.empty()));
    }

    @Test
    void oneWithOptionsOfAnotherDriverIsPassedOver() {
        assertThat(read("[{\"Id\": \"ID\", \"Options\": {\"encrypted\": \"\"}}, {\"Id\": \"ID\", \"Options\": null,"
                        + " \"IPAM\": {\"Config\": null}}]"))
                .hasSize(1);
    }

    private static List<Network> read(String json) {
        return GlobalNetworks.networks(new JsonArray(json.replace("\"ID\"", "\"" + ID + "\"")));
    }
}
