package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.Hide;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Our tables, as {@code nft list table} shows it. */
class FirewallPlanTest {

    private final Overlay overlay = World.busyOverlay();

    @Test
    void twoNetworksOneOfWhichTheHostIsExposedInAndPeersOfBothFamilies() {
        overlay.handle(new Input.ExposeAsked(new Expose(Cidr.parse("10.32.0.9/12"), true)));
        overlay.handle(new Input.PeerPresent(World.peer(World.GAMMA, "gamma", "2001:db8::3", 1450)));
        assertThat(lines()).isEqualTo("""
                table ip weave-firewall
                set peers { type ipv4_addr }
                  192.0.2.2
                set bridges { type ifname }
                  wb-7940fa
                  weave
                set docker { type ifname }
                  docker0
                  docker_gwbridge
                set containers { type ifname }
                  docker0
                  docker_gwbridge
                  wb-7940fa
                  weave
                set closed { type ifname }
                  wb-7940fa
                set inside { type ifname . ifname }
                  docker0 docker0
                  docker_gwbridge docker_gwbridge
                  wb-7940fa wb-7940fa
                  weave weave
                set cluster { type inet_service }
                  6783
                  6785
                  6793
                  6795
                  6803
                  6805
                  6813
                  6815
                set control { type inet_service }
                  6782
                  6784
                  6792
                  6794
                  6802
                  6804
                  6812
                  6814
                chain sources
                  iifname "wb-7940fa" ip saddr 198.51.100.0/24 return
                  ip saddr 198.51.100.0/24 counter drop comment "forged-source"
                  iifname "weave" ip saddr 10.32.0.0/12 return
                  ip saddr 10.32.0.0/12 counter drop comment "forged-source"
                chain destinations
                  iifname "wb-7940fa" ip daddr 198.51.100.0/24 return
                  ip daddr 198.51.100.0/24 counter drop comment "foreign-address"
                  iifname "weave" ip daddr 10.32.0.0/12 return
                  ip daddr 10.32.0.0/12 counter drop comment "foreign-address"
                chain tunnel
                  iifname @containers counter drop comment "container-tunnel"
                  ip saddr @peers accept
                  counter drop comment "foreign-tunnel"
                chain host
                  tcp dport @cluster counter drop comment "cluster-port"
                  icmp type 5 counter drop comment "redirect"
                  iifname @closed meta pkttype host counter drop comment "not-exposed"
                  iifname @closed drop
                  jump sources
                  jump destinations
                chain loopback
                  tcp dport @control counter drop comment "control-port"
                  iifname @bridges counter drop comment "loopback"
                chain input { type filter hook input priority -10 }
                  udp dport 6784 iif "eth0" ip saddr @peers accept
                  udp dport 6784 jump tunnel
                  iifname != "lo" ip daddr 127.0.0.0/8 jump loopback
                  iifname @containers jump host
                chain forward { type filter hook forward priority -10 }
                  iifname "weave" oifname "weave" accept
                  iifname "wb-7940fa" oifname "wb-7940fa" accept
                  iifname . oifname @inside accept
                  iifname @bridges oifname @containers counter drop comment "between-networks"
                  iifname @docker oifname @bridges counter drop comment "between-networks"
                  iifname @closed counter drop comment "not-exposed"
                  oifname @closed counter drop comment "not-exposed"
                  iifname @containers udp dport 6784 counter drop comment "container-tunnel"
                  ip daddr @peers ip saddr != @peers udp dport 6784 counter drop comment "foreign-tunnel"
                  iifname @containers ip daddr @peers tcp dport @cluster counter drop comment "cluster-port"
                  iifname @containers jump sources
                table ip6 weave-firewall
                set peers { type ipv6_addr }
                  2001:db8::3
                set bridges { type ifname }
                  wb-7940fa
                  weave
                set docker { type ifname }
                  docker0
                  docker_gwbridge
                set containers { type ifname }
                  docker0
                  docker_gwbridge
                  wb-7940fa
                  weave
                set closed { type ifname }
                  wb-7940fa
                set inside { type ifname . ifname }
                  docker0 docker0
                  docker_gwbridge docker_gwbridge
                  wb-7940fa wb-7940fa
                  weave weave
                set cluster { type inet_service }
                  6783
                  6785
                  6793
                  6795
                  6803
                  6805
                  6813
                  6815
                set control { type inet_service }
                  6782
                  6784
                  6792
                  6794
                  6802
                  6804
                  6812
                  6814
                chain sources
                chain destinations
                chain tunnel
                  iifname @containers counter drop comment "container-tunnel"
                  ip6 saddr @peers accept
                  counter drop comment "foreign-tunnel"
                chain host
                  tcp dport @cluster counter drop comment "cluster-port"
                  icmpv6 type 134 counter drop comment "router-advertisement"
                  icmpv6 type 137 counter drop comment "redirect"
                  iifname @closed meta pkttype host counter drop comment "not-exposed"
                  iifname @closed drop
                  jump sources
                  jump destinations
                chain input { type filter hook input priority -10 }
                  udp dport 6784 iif "eth0" ip6 saddr @peers accept
                  udp dport 6784 jump tunnel
                  iifname @containers jump host
                chain forward { type filter hook forward priority -10 }
                  iifname "weave" oifname "weave" accept
                  iifname "wb-7940fa" oifname "wb-7940fa" accept
                  iifname . oifname @inside accept
                  iifname @bridges oifname @containers counter drop comment "between-networks"
                  iifname @docker oifname @bridges counter drop comment "between-networks"
                  iifname @closed counter drop comment "not-exposed"
                  oifname @closed counter drop comment "not-exposed"
                  iifname @containers udp dport 6784 counter drop comment "container-tunnel"
                  ip6 daddr @peers ip6 saddr != @peers udp dport 6784 counter drop comment "foreign-tunnel"
                  iifname @containers ip6 daddr @peers tcp dport @cluster counter drop comment "cluster-port"
                  iifname @containers jump sources
                """.lines().toList());
    }

    @Test
    void withoutNetworksTheTunnelsPortIsClosedToStrangersAllTheSame() {
        Overlay empty = World.emptyOverlay();
        List<String> lines = lines(empty, World.settings(), Set.of());
        assertThat(lines)
                .contains("  udp dport 6784 jump tunnel", "  counter drop comment \"foreign-tunnel\"")
                .noneMatch(line -> line.contains("192.0.2."));
    }

    /** Of Docker in Docker, say. Its containers are no peers. */
    @Test
    void whereAnUnderlayIsABridgeOfContainersTheyAreAskedAboutFirst() {
        assertThat(lines(
                        overlay,
                        RouterSettings.of(World.DEFAULT_SUBNET, IpAddress.parse("192.0.2.1"), "docker0", 1500),
                        Set.of()))
                .contains("  udp dport 6784 jump tunnel")
                .noneMatch(line -> line.startsWith("  udp dport 6784 iif"));
    }

    @Test
    void aPeerThatGoesIsAStranger() {
        assertThat(lines()).contains("  192.0.2.2", "  192.0.2.3");
        overlay.handle(new Input.PeerGone(World.BETA));
        assertThat(lines()).contains("  192.0.2.3").doesNotContain("  192.0.2.2");
    }

    @Test
    void anAddressOfASubnetWithinAnotherBelongsToTheInnerOne() {
        overlay.handle(new Input.ExposeAsked(new Expose(Cidr.parse("10.40.5.1/24"), true)));
        List<String> lines = lines();
        assertThat(lines.indexOf("  ip saddr 10.40.5.0/24 counter drop comment \"forged-source\""))
                .isPositive()
                .isLessThan(lines.indexOf("  iifname \"weave\" ip saddr 10.32.0.0/12 return"));
    }

    @Test
    void bridgesOfDockersOwnNetworksAreAsItsOthers() {
        List<String> lines = lines(overlay, World.settings(), Set.of("br-0123456789ab"));
        assertThat(lines).contains("  br-0123456789ab br-0123456789ab");
        assertThat(lines.stream().filter("  br-0123456789ab"::equals))
                .as("in docker and containers of both tables")
                .hasSize(4);
    }

    @Test
    void theUnderlaysDeviceStaysOpenForPeersUnlessDockerMadeIt() {
        List<String> before = lines();
        RouterSettings settings = World.settings();
        assertThat(lines(overlay, settings, Set.of(settings.underlayDevice()))).isEqualTo(before);
    }

    @Test
    void aHiddenHostIsClosedAgain() {
        List<String> before = lines();
        overlay.handle(new Input.ExposeAsked(new Expose(Cidr.parse("10.32.0.9/12"), true)));
        assertThat(lines()).isNotEqualTo(before);
        overlay.handle(new Input.HideAsked(new Hide(Cidr.parse("10.32.0.9/12"))));
        assertThat(lines()).isEqualTo(before);
    }

    private List<String> lines() {
        return lines(overlay, World.settings(), Set.of());
    }

    private static List<String> lines(Overlay overlay, RouterSettings settings, Set<String> containerBridges) {
        HostDevices devices = new HostDevices(containerBridges, OptionalInt.of(2));
        return FirewallPlan.of(FirewallPlan.protectedBy(overlay, settings, devices)).stream()
                .flatMap(table -> table.lines().stream())
                .toList();
    }
}
