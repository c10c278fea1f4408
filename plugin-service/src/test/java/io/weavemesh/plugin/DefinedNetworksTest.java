package io.weavemesh.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.PluginRequest.DefineNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinedNetworksTest {

    private static final PeerName ALPHA = new PeerName(1);
    private static final PeerName BETA = new PeerName(2);
    private static final Instant NOW = Instant.ofEpochMilli(1_000);
    private static final Cidr SUBNET = Cidr.parse("10.99.0.0/24");

    private final DefinedNetworks networks = new DefinedNetworks(ALPHA, List.of());

    @Test
    void whatIsHeardInAnyOrderComesToTheSame() {
        List<NetworkDefinition> heard = new ArrayList<>(Stream.of(
                        definition("shop", 5, ALPHA, false),
                        definition("shop", 7, BETA, true),
                        definition("shop", 7, ALPHA, false),
                        definition("db", 3, BETA, true),
                        definition("db", 4, ALPHA, false))
                .toList());
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(heard, random);
            DefinedNetworks some = new DefinedNetworks(ALPHA, List.of());
            heard.forEach(one -> some.learn(List.of(one)));
            assertThat(some.rows())
                    .extracting(row -> row.definition())
                    .containsExactly(definition("db", 4, ALPHA, false), definition("shop", 7, BETA, true));
            assertThat(some.learn(heard).isEmpty()).as("heard again").isTrue();
        }
    }

    @Test
    void aChangeIsLaterThanWhatItChangesWhateverTheClockSays() {
        networks.learn(List.of(definition("shop", 9_000, BETA, false)));
        NetworkDefinition removal = networks.undefine(networks.live("shop").orElseThrow(), NOW);
        assertThat(removal.version()).isEqualTo(9_001);
        assertThat(removal.subnets())
                .as("still known, for who has to remove it")
                .containsExactly(SUBNET);
        networks.learn(List.of(removal));
        assertThat(networks.live("shop")).isEmpty();

        NetworkDefinition again = networks.define(wanted("shop"), List.of(SUBNET), NOW);
        assertThat(again.isLaterThan(removal)).isTrue();
        assertThat(networks.learn(List.of(again)).written()).containsExactly(again);
        assertThat(networks.learn(List.of(removal)).isEmpty()).isTrue();
        assertThat(networks.live("shop")).contains(again);
    }

    @Test
    void aSubnetIsOneNetworks() {
        networks.learn(List.of(definition("shop", 1, BETA, false)));
        assertThatThrownBy(() -> networks.define(wanted("db"), List.of(Cidr.parse("10.99.0.128/25")), NOW))
                .hasMessage("network 'db' with 10.99.0.128/25: network 'shop' is defined with 10.99.0.0/24 already");
        assertThat(networks.hasSubnet(SUBNET)).isTrue();
        networks.learn(List.of(definition("shop", 2, BETA, true)));
        assertThat(networks.hasSubnet(SUBNET)).isFalse();
        assertThat(networks.define(wanted("db"), List.of(SUBNET), NOW).subnets())
                .containsExactly(SUBNET);
    }

    @Test
    void howFarThisHostIsCountsForTheLatestDefinitionOnly() {
        NetworkDefinition first = definition("shop", 1, BETA, false);
        NetworkDefinition second = definition("shop", 2, BETA, true);
        networks.learn(List.of(first));
        assertThat(networks.row("shop").orElseThrow().progress()).isEqualTo(Progress.WAITING);
        assertThat(networks.settle(first, Progress.DONE, "")).isTrue();
        assertThat(networks.settle(first, Progress.DONE, "")).as("no news").isFalse();
        networks.learn(List.of(second));
        assertThat(networks.settle(first, Progress.DONE, "")).isFalse();
        assertThat(networks.row("shop").orElseThrow().progress()).isEqualTo(Progress.WAITING);
    }

    @Test
    void theLatestThousandRemovalsAreRemembered() {
        List<NetworkDefinition> removals = IntStream.rangeClosed(1, DefinedNetworks.MAX_REMOVED)
                .mapToObj(i -> definition("old" + i, i + 10, BETA, true))
                .toList();
        assertThat(networks.learn(removals).erased()).isEmpty();
        DefinedNetworks.Change change = networks.learn(List.of(definition("new", 5_000, BETA, true)));
        assertThat(change.erased()).containsExactly("old1");
        assertThat(networks.learn(List.of(definition("older", 2, BETA, true))).written())
                .isEmpty();
        assertThat(networks.rows()).hasSize(DefinedNetworks.MAX_REMOVED);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "web shop | | | 'web shop' is no name for a network: expected at most 128 letters, digits,",
                "-shop | | | '-shop' is no name for a network",
                "bridge | | | 'bridge' is a network of Docker's own",
                "weave | | | the network 'weave' is on every host without being defined",
                "shop | 10.1.0.0/24,10.2.0.0/24 | | expected one for IPv4 and one for IPv6 at most",
                "shop | | works.weave.mtu | option 'works.weave.mtu': expected KEY=VALUE",
                "shop | | works.weave.mtu=1 | option works.weave.mtu is '1', expected a number of bytes from 576 to 65535",
                "shop | | colour=red | unknown option 'colour' (known are works.weave.multicast and works.weave.mtu)",
                "shop | | works.weave.mtu=1400,works.weave.mtu=1300 | option 'works.weave.mtu' is given twice",
            })
    void whatMakesNoSenseIsNamed(String name, String subnets, String options, String complaint) {
        List<Cidr> pools = texts(subnets).map(Cidr::parse).toList();
        assertThatThrownBy(() -> NewNetwork.of(
                        new DefineNetwork(name, pools, texts(options).toList(), false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void theSameAgainIsMetByWhatIsThere() {
        NetworkDefinition there = definition("shop", 1, BETA, false);
        assertThat(wanted("shop").isMetBy(there)).isTrue();
        assertThat(wanted("shop", "10.99.0.0/24").isMetBy(there)).isTrue();
        assertThat(wanted("shop", "10.98.0.0/24").isMetBy(there)).isFalse();
        assertThat(wanted("shop", "fd00:9::/64").isMetBy(there)).isFalse();
        assertThat(wanted("shop").isMetBy(definition("shop", 2, BETA, true))).isFalse();
        assertThat(wanted("shop").missingFamilies()).as("IPv4").containsExactly(false);
        assertThat(wanted("shop", "fd00:9::/64").missingFamilies()).containsExactly(false);
        assertThat(wanted("shop", "10.98.0.0/24").missingFamilies()).isEmpty();
        assertThat(NewNetwork.of(new DefineNetwork("shop", List.of(), List.of(), true))
                        .missingFamilies())
                .containsExactly(false, true);
    }

    private static NewNetwork wanted(String name, String... subnets) {
        return NewNetwork.of(
                new DefineNetwork(name, Stream.of(subnets).map(Cidr::parse).toList(), List.of(), false));
    }

    private static NetworkDefinition definition(String name, long version, PeerName author, boolean removed) {
        return new NetworkDefinition(name, version, author, removed, List.of(SUBNET), List.of());
    }

    private static Stream<String> texts(@org.jspecify.annotations.Nullable String list) {
        return list == null ? Stream.empty() : Stream.of(list.split(",", -1));
    }
}
