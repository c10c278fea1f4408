package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which addresses are in an answer, and which come first: of those that are well, the reachable, then the near. */
class PreferenceTest {

    private static List<String> addresses(Zone zone, Asker asker, String question) {
        return Exchange.data(zone, asker, question, Transport.UDP);
    }

    private static Asker in(String... subnets) {
        return Asker.in(Stream.of(subnets).map(Cidr::parse).toList());
    }

    @Test
    void unhealthyHoldersLeaveTheAnswerWhileAHealthyOneSharesTheName() {
        Zone zone = Packets.zone(
                "web.weave.local 10.32.0.1 c1 unhealthy",
                "web.weave.local 10.32.0.2 c2",
                "web.weave.local 10.32.0.3 c3");
        assertThat(addresses(zone, Asker.UNKNOWN, "web.weave.local. A"))
                .containsExactlyInAnyOrder("10.32.0.2", "10.32.0.3");
    }

    @Test
    void withoutAHealthyHolderAllAreInTheAnswer() {
        Zone zone = Packets.zone("web.weave.local 10.32.0.1 c1 unhealthy", "web.weave.local 10.32.0.2 c2 unhealthy");
        assertThat(addresses(zone, Asker.UNKNOWN, "web.weave.local. A"))
                .containsExactlyInAnyOrder("10.32.0.1", "10.32.0.2");
    }

    @Test
    void aFamilyIsNotEmptiedByTheHealthOfTheOther() {
        Zone zone = Packets.zone("web.weave.local 10.32.0.1 c1", "web.weave.local fd00::2 c2 unhealthy");
        assertThat(addresses(zone, Asker.UNKNOWN, "web.weave.local. AAAA")).containsExactly("fd00::2");
    }

    @Test
    void anAddressIsWellIfOneOfItsHoldersIs() {
        Zone zone = Packets.zone(
                "web.weave.local 10.32.0.1 c1 e1 unhealthy",
                "web.weave.local 10.32.0.1 c1 e2",
                "web.weave.local 10.32.0.2 c2");
        assertThat(addresses(zone, Asker.UNKNOWN, "web.weave.local. A"))
                .containsExactlyInAnyOrder("10.32.0.1", "10.32.0.2");
    }

    @Test
    void healthComesAndGoes() {
        Zone zone = Packets.zone("web.weave.local 10.32.0.1 c1", "web.weave.local 10.32.0.2 c2");
        Zone ill = zone.with(Packets.HERE, List.of(Packets.row("web.weave.local 10.32.0.1 c1 unhealthy")), List.of());
        assertThat(addresses(ill, Asker.UNKNOWN, "web.weave.local. A")).containsExactly("10.32.0.2");
        assertThat(ill.entries()).isEqualTo(2);
        Zone alone = ill.with(Packets.HERE, List.of(), List.of(Packets.row("web.weave.local 10.32.0.2 c2")));
        assertThat(addresses(alone, Asker.UNKNOWN, "web.weave.local. A")).containsExactly("10.32.0.1");
        Zone well = ill.with(Packets.HERE, List.of(Packets.row("web.weave.local 10.32.0.1 c1")), List.of());
        assertThat(addresses(well, Asker.UNKNOWN, "web.weave.local. A"))
                .containsExactlyInAnyOrder("10.32.0.1", "10.32.0.2");
    }

    @Test
    void anAddressKeepsItsNameWhateverItsHealth() {
        Zone zone = Packets.zone("web.weave.local 10.32.0.1 c1 unhealthy", "web.weave.local 10.32.0.2 c2");
        assertThat(addresses(zone, Asker.UNKNOWN, "1.0.32.10.in-addr.arpa. PTR"))
                .containsExactly("web.weave.local.");
    }

    @Test
    void whatTheAskerReachesComesFirst() {
        Zone zone = Packets.zone(
                "db.weave.local 10.32.0.1",
                "db.weave.local 172.31.7.1",
                "db.weave.local 172.31.8.1",
                "db.weave.local fd00::1",
                "db.weave.local fd00:0:0:7::1");
        for (int i = 0; i < 50; i++) {
            assertThat(addresses(zone, in("172.31.7.0/24"), "db.weave.local. A"))
                    .hasSize(3)
                    .startsWith("172.31.7.1");
            assertThat(addresses(zone, in("172.31.8.0/24", "fd00:0:0:7::/64"), "db.weave.local. A"))
                    .hasSize(3)
                    .startsWith("172.31.8.1");
            assertThat(addresses(zone, in("172.31.8.0/24", "fd00:0:0:7::/64"), "db.weave.local. AAAA"))
                    .containsExactly("fd00:0:0:7::1", "fd00::1");
        }
        assertThat(orders(zone, in("172.31.7.0/24"), "db.weave.local. A")).hasSize(2);
        assertThat(orders(zone, in("10.32.0.0/12", "172.31.7.0/24"), "db.weave.local. A"))
                .allMatch(order -> order.endsWith("172.31.8.1]"))
                .hasSize(2);
        assertThat(orders(zone, Asker.UNKNOWN, "db.weave.local. A")).hasSize(6);
        assertThat(orders(zone, in("192.0.2.0/24"), "db.weave.local. A")).hasSize(6);
    }

    @Test
    void aPrefixNeedNotEndAtAnOctet() {
        Zone zone = Packets.zone("db.weave.local 10.47.255.255", "db.weave.local 10.48.0.0");
        for (int i = 0; i < 20; i++) {
            assertThat(addresses(zone, in("10.32.0.0/12"), "db.weave.local. A")).startsWith("10.47.255.255");
            assertThat(addresses(zone, in("10.48.0.0/12"), "db.weave.local. A")).startsWith("10.48.0.0");
            assertThat(addresses(zone, in("10.48.0.0/32"), "db.weave.local. A")).startsWith("10.48.0.0");
        }
    }

    @Test
    void whatIsCutIsWhatTheAskerDoesNotReach() {
        Zone zone = Packets.zone(Stream.concat(
                        IntStream.range(0, 200).mapToObj(i -> "big.weave.local 10.32.1." + i + " c" + i),
                        IntStream.range(0, 5).mapToObj(i -> "big.weave.local 172.31.7." + i + " d" + i))
                .toArray(String[]::new));
        List<String> cut = addresses(zone, in("172.31.7.0/24"), "big.weave.local. A");
        assertThat(cut).hasSize(29).doesNotHaveDuplicates();
        assertThat(cut.subList(0, 5)).allMatch(address -> address.startsWith("172.31.7."));
        assertThat(Exchange.data(zone, in("172.31.7.0/24"), "big.weave.local. A", Transport.TCP))
                .hasSize(205)
                .doesNotHaveDuplicates();
    }

    @Test
    void nearAddressesComeFirstWhereThatIsWanted() {
        List<String> near = List.of("web.weave.local 10.32.0.1 c1", "web.weave.local 10.32.0.2 c2");
        List<String> far = List.of("web.weave.local 10.40.0.1 c3", "web.weave.local 172.31.7.1 c4");
        Zone wanted = zone(Optional.of(Packets.HERE), near, far);
        Zone indifferent = zone(Optional.empty(), near, far);
        assertThat(orders(wanted, Asker.UNKNOWN, "web.weave.local. A"))
                .hasSize(4)
                .allMatch(order -> order.matches("\\[10.32.0.., 10.32.0.., 1.*"));
        assertThat(orders(indifferent, Asker.UNKNOWN, "web.weave.local. A")).hasSize(24);
        assertThat(orders(wanted, in("172.31.7.0/24"), "web.weave.local. A"))
                .as("what is near but not reached is of no use")
                .hasSize(2)
                .allMatch(order -> order.matches("\\[172.31.7.1, 10.32.0.., 10.32.0.., 10.40.0.1\\]"));
    }

    @Test
    void anIllNearAddressDoesNotComeBeforeAWellFarOne() {
        Zone zone = zone(
                Optional.of(Packets.HERE),
                List.of("web.weave.local 10.32.0.1 c1 unhealthy"),
                List.of("web.weave.local 10.40.0.1 c2"));
        assertThat(addresses(zone, Asker.UNKNOWN, "web.weave.local. A")).containsExactly("10.40.0.1");
    }

    private static Zone zone(Optional<PeerName> nearPeer, List<String> here, List<String> there) {
        return Zone.empty(Packets.DOMAIN, Duration.ofSeconds(1), nearPeer)
                .with(Packets.THERE, there.stream().map(Packets::row).toList(), List.of())
                .with(Packets.HERE, here.stream().map(Packets::row).toList(), List.of());
    }

    /** All orders that 24 possible ones are met in with certainty but for 24 * (23/24)^800, which is nothing. */
    private static Set<String> orders(Zone zone, Asker asker, String question) {
        Set<String> orders = new HashSet<>();
        for (int i = 0; i < 800; i++) {
            orders.add(addresses(zone, asker, question).toString());
        }
        return orders;
    }
}
