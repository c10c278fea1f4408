package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import io.weavemesh.contract.PoolId;
import io.weavemesh.plugin.ChosenSubnets.Chosen;
import io.weavemesh.plugin.NetworkPlan.Seen;
import io.weavemesh.plugin.NetworkPlan.Step;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a host does about its Docker's networks; and when a chosen subnet is anybody's again. */
class NetworkPlanTest {

    private static final List<Cidr> SUBNETS = List.of(Cidr.parse("10.99.0.0/24"));
    private static final List<Cidr> OTHERS = List.of(Cidr.parse("10.98.0.0/24"));
    private static final NetworkDefinition SHOP =
            new NetworkDefinition("shop", 2, new PeerName(1), false, SUBNETS, List.of("works.weave.mtu=1400"));
    private static final NetworkDefinition NO_SHOP =
            new NetworkDefinition("shop", 3, new PeerName(1), true, SUBNETS, List.of());

    @Test
    void oneThatIsMissingIsMade() {
        assertThat(plan(SHOP, seen("n1", "shop2", true, SUBNETS))).isEqualTo(new Step.Create(SHOP));
    }

    @Test
    void oneThatIsThereAsDefinedIsFineWhoeverMadeIt() {
        assertThat(plan(SHOP, seen("n1", "shop", true, SUBNETS))).isEqualTo(new Step.Settle(SHOP, Progress.DONE, ""));
        assertThat(plan(SHOP, seen("n1", "shop", false, SUBNETS))).isEqualTo(new Step.Settle(SHOP, Progress.DONE, ""));
    }

    @Test
    void oneOfAnEarlierDefinitionMakesPlace() {
        assertThat(plan(SHOP, seen("n1", "shop", true, OTHERS))).isEqualTo(new Step.Remove(SHOP, "n1"));
    }

    @Test
    void oneThatSomebodyElseMadeOtherwiseIsAConflictAndStays() {
        Step step = plan(SHOP, new Seen("n1", "shop", "bridge", false, OTHERS, List.of()));
        assertThat(step).isInstanceOfSatisfying(Step.Settle.class, settle -> {
            assertThat(settle.progress()).isEqualTo(Progress.CONFLICT);
            assertThat(settle.detail())
                    .isEqualTo("Docker has another network 'shop' (driver bridge, 10.98.0.0/24; expected driver"
                            + " weavemesh, 10.99.0.0/24, works.weave.mtu=1400): remove it with 'docker network rm"
                            + " shop'");
        });
        assertThat(plan(SHOP, new Seen("n1", "shop", "weave", false, SUBNETS, List.of())))
                .as("other options")
                .isInstanceOfSatisfying(
                        Step.Settle.class,
                        settle -> assertThat(settle.progress()).isEqualTo(Progress.CONFLICT));
    }

    @Test
    void ofTwoWithOneNameOursGoes() {
        assertThat(plan(SHOP, seen("n1", "shop", false, OTHERS), seen("n2", "shop", true, SUBNETS)))
                .isEqualTo(new Step.Remove(SHOP, "n2"));
        assertThat(plan(SHOP, seen("n1", "shop", false, SUBNETS), seen("n2", "shop", false, SUBNETS)))
                .isInstanceOfSatisfying(
                        Step.Settle.class,
                        settle -> assertThat(settle.detail()).startsWith("Docker has 2 networks of this name"));
    }

    @Test
    void aRemovedOneGoesIfWeMadeIt() {
        assertThat(plan(NO_SHOP, seen("n1", "shop", true, OTHERS))).isEqualTo(new Step.Remove(NO_SHOP, "n1"));
        assertThat(plan(NO_SHOP, seen("n1", "shop", false, SUBNETS)))
                .isEqualTo(new Step.Settle(NO_SHOP, Progress.DONE, ""));
        assertThat(plan(NO_SHOP)).isEqualTo(new Step.Settle(NO_SHOP, Progress.DONE, ""));
    }

    @Test
    void whatAnEngineAddsToTheOptionsIsNoDifference() {
        assertThat(plan(
                        SHOP,
                        new Seen(
                                "n1",
                                "shop",
                                "weavemesh",
                                true,
                                SUBNETS,
                                List.of("com.docker.network.enable_ipv4=true", "works.weave.mtu=1400"))))
                .isEqualTo(new Step.Settle(SHOP, Progress.DONE, ""));
    }

    @Test
    void whatStandsInTheWayIsSaidBeforeAnythingIsDefined() {
        NewNetwork anySubnet = NewNetwork.of(new DefineNetwork("shop", List.of(), List.of(), false));
        assertThat(NetworkPlan.obstacle(anySubnet, List.of())).isEmpty();
        assertThat(NetworkPlan.obstacle(anySubnet, List.of(seen("n1", "shop", true, SUBNETS))))
                .as("left of one that is being removed")
                .isEmpty();
        assertThat(NetworkPlan.obstacle(anySubnet, List.of(new Seen("n1", "shop", "weave", false, SUBNETS, List.of()))))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("(driver weave, 10.99.0.0/24; expected driver weavemesh, a subnet that is chosen)"));
    }

    @Test
    void aChosenSubnetStaysReservedWhileAnyHostHasTheNetwork() {
        Chosen one = new Chosen(new PoolId("pool"), SUBNETS.getFirst());
        ChosenSubnets chosen = new ChosenSubnets(List.of(one));
        EndpointBook book = new EndpointBook(List.of(), List.of());
        assertThat(chosen.keeps(one.pool())).isTrue();
        assertThat(chosen.unused(List.of(row(SHOP, Progress.DONE)), book)).isEmpty();
        assertThat(chosen.unused(List.of(row(NO_SHOP, Progress.DONE), row(NO_SHOP, Progress.IN_USE)), book))
                .isEmpty();
        assertThat(chosen.unused(List.of(row(NO_SHOP, Progress.DONE), row(SHOP, Progress.DONE)), book))
                .as("another host has not heard of the removal")
                .isEmpty();
        assertThat(chosen.unused(List.of(row(NO_SHOP, Progress.DONE)), book)).containsExactly(one);
        book.put(new Network(new NetworkId("n1"), SUBNETS, false, Optional.empty()));
        assertThat(chosen.unused(List.of(row(NO_SHOP, Progress.DONE)), book))
                .as("made by hand here")
                .isEmpty();
    }

    private static Step plan(NetworkDefinition definition, Seen... docker) {
        return NetworkPlan.of(List.of(row(definition, Progress.WAITING)), List.of(docker))
                .getFirst();
    }

    private static NetworkRow row(NetworkDefinition definition, Progress progress) {
        return new NetworkRow(definition, progress, "");
    }

    private static Seen seen(String id, String name, boolean ours, List<Cidr> subnets) {
        return new Seen(id, name, "weavemesh", ours, subnets, List.of("works.weave.mtu=1400"));
    }
}
