package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real kernel in a throw-away namespace; what we did is compared with what {@code ip} and {@code bridge} print. */
@RequiresRoot
class NetlinkKernelTest {

    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:07");
    private static final IpAddress REMOTE_1 = IpAddress.parse("198.51.100.1");
    private static final IpAddress REMOTE_2 = IpAddress.parse("198.51.100.2");

    private final Namespace namespace = Namespace.create("test");
    private final Namespace container = Namespace.create("peer");
    private final Netlink netlink = Netlink.openIn(namespace.path());

    @BeforeEach
    void bridge_weave_exists() {
        netlink.createBridge(BridgeSpec.named("weave")
                .withMac(MacAddress.parse("02:00:00:00:00:01"))
                .withMtu(1400)
                .withOptions(BridgeOptions.KERNEL_DEFAULT.withMulticastSnooping(false))
                .asUp());
    }

    @AfterEach
    void remove_namespaces() {
        netlink.close();
        container.close();
        namespace.close();
    }

    @Test
    void a_bridge_is_what_ip_says_it_is() {
        assertThat(namespace.sh("ip -d link show weave"))
                .contains("<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1400", "link/ether 02:00:00:00:00:01")
                .contains("mcast_snooping 0", "ageing_time 30000", "nf_call_iptables 0");
        BridgeOptions other =
                BridgeOptions.KERNEL_DEFAULT.withNetfilter(true, false).withAgeing(Duration.ofSeconds(10));
        netlink.setBridge("weave", other);
        assertThat(namespace.sh("ip -d link show weave"))
                .contains("mcast_snooping 1", "ageing_time 1000", "nf_call_iptables 1");
        assertThat(link("weave").bridge()).contains(other);
    }

    @Test
    void a_vxlan_port_is_what_ip_says_it_is() {
        VxlanOptions options = VxlanOptions.programmed(77, 6784).withLocal(IpAddress.parse("198.51.100.9"));
        netlink.createVxlan(VxlanSpec.named("vx", options)
                .withMaster(index("weave"))
                .withMtu(1400)
                .asUp());
        netlink.setBridgePort(
                "vx",
                Map.of(
                        BridgePortFlag.LEARNING, false,
                        BridgePortFlag.NEIGH_SUPPRESS, true,
                        BridgePortFlag.UNICAST_FLOOD, false,
                        BridgePortFlag.ISOLATED, true));
        assertThat(namespace.sh("ip -d link show vx"))
                .contains("mtu 1400", "master weave", ",UP,")
                .contains("vxlan id 77 local 198.51.100.9", "dstport 6784 nolearning", " udpcsum ")
                .contains("learning off flood off", "neigh_suppress on", "isolated on");
        Link link = link("vx");
        assertThat(link.vxlan()).contains(options);
        assertThat(link.port())
                .containsEntry(BridgePortFlag.LEARNING, false)
                .containsEntry(BridgePortFlag.NEIGH_SUPPRESS, true)
                .containsEntry(BridgePortFlag.UNICAST_FLOOD, false)
                .containsEntry(BridgePortFlag.ISOLATED, true)
                .containsEntry(BridgePortFlag.BROADCAST_FLOOD, true);
    }

    @Test
    void an_ipv6_underlay_and_an_external_vxlan_work_too() {
        VxlanOptions ipv6 = VxlanOptions.programmed(78, 6785).withLocal(IpAddress.parse("2001:db8::9"));
        netlink.createVxlan(VxlanSpec.named("vx6", ipv6));
        VxlanOptions external = new VxlanOptions(
                0, 6786, Optional.empty(), Optional.empty(), OptionalInt.empty(), false, false, true, true);
        netlink.createVxlan(VxlanSpec.named("vxe", external));
        assertThat(namespace.sh("ip -d link show vx6")).contains("vxlan id 78 local 2001:db8::9");
        assertThat(namespace.sh("ip -d link show vxe")).contains("vxlan external");
        assertThat(link("vx6").vxlan()).contains(ipv6);
        assertThat(link("vxe").vxlan()).contains(external);
    }

    @Test
    void a_veth_peer_is_born_in_another_namespace() {
        netlink.createVeth(VethSpec.named("v1", "eth0")
                .withPeerMac(MAC)
                .withMtu(1400)
                .withMaster(index("weave"))
                .withPeerNamespace(container.path())
                .asUp());
        try (Netlink inside = Netlink.openIn(container.path())) {
            inside.setUp("eth0");
            inside.addAddress(
                    InterfaceAddress.of(inside.link("eth0").orElseThrow().index(), Cidr.parse("10.32.0.7/12")));
        }
        assertThat(container.sh("ip addr show eth0"))
                .contains("mtu 1400", "link/ether 02:00:00:00:00:07", "inet 10.32.0.7/12", "state UP");
        assertThat(link("v1").isVeth()).isTrue();
        assertThat(link("v1").carrier()).isTrue();
        assertThat(link("v1").lowerNamespace()).isPresent();
        assertThat(link("v1").master()).isEqualTo(OptionalInt.of(index("weave")));
    }

    @Test
    void links_are_renamed_moved_changed_and_deleted() {
        netlink.createVeth(VethSpec.named("v1", "v2"));
        netlink.rename("v1", "left");
        netlink.setMac("left", MAC);
        netlink.setMtu("left", 1300);
        netlink.setMaster("left", "weave");
        netlink.setUp("left");
        assertThat(namespace.sh("ip link show left"))
                .contains("left@v2", "master weave", "mtu 1300", "02:00:00:00:00:07", ",UP");
        netlink.clearMaster("left");
        netlink.setDown("left");
        assertThat(namespace.sh("ip link show left")).doesNotContain("master", ",UP");
        netlink.moveTo("v2", container.path());
        assertThat(container.sh("ip link show v2")).contains("v2@if");
        netlink.deleteLink("left");
        assertThat(netlink.link("left")).isEmpty();
        assertThat(container.succeeds("ip link show v2")).isFalse();
    }

    @Test
    void addresses_of_both_families_come_and_go() {
        InterfaceAddress ipv4 = InterfaceAddress.of(index("weave"), Cidr.parse("10.32.0.1/12"));
        InterfaceAddress ipv6 =
                InterfaceAddress.of(index("weave"), Cidr.parse("fd00::1/64")).withoutDuplicateDetection();
        netlink.addAddress(ipv4);
        netlink.addAddress(ipv6);
        assertThat(namespace.sh("ip addr show weave"))
                .contains("inet 10.32.0.1/12", "inet6 fd00::1/64 scope global nodad");
        assertThat(netlink.addresses()).contains(ipv4, ipv6);
        assertThatThrownBy(() -> netlink.addAddress(ipv4)).hasMessageContaining("EEXIST");
        netlink.removeAddress(ipv4);
        netlink.removeAddress(ipv6);
        assertThat(netlink.addresses()).doesNotContain(ipv4, ipv6);
        NetlinkException gone = catchThrowableOfType(NetlinkException.class, () -> netlink.removeAddress(ipv4));
        assertThat(gone.notFound()).isTrue();
    }

    @Test
    void routes_come_and_go_and_a_lookup_names_interface_source_and_mtu() {
        createVxlan(); // A bridge without a port has no carrier, and ip marks its routes.
        netlink.addAddress(InterfaceAddress.of(index("weave"), Cidr.parse("10.32.0.1/12")));
        Route direct = Route.direct(Cidr.parse("192.0.2.0/24"), index("weave")).withMetric(50);
        Route via = Route.via(Cidr.parse("203.0.113.0/24"), IpAddress.parse("10.32.0.9"))
                .withMtu(1300)
                .from(IpAddress.parse("10.32.0.1"));
        netlink.addRoute(direct);
        netlink.addRoute(via);
        assertThat(namespace.sh("ip route"))
                .contains("192.0.2.0/24 dev weave scope link metric 50")
                .contains("203.0.113.0/24 via 10.32.0.9 dev weave src 10.32.0.1 mtu 1300");
        assertThat(netlink.routes()).contains(direct);
        Route found = netlink.routeTo(IpAddress.parse("203.0.113.5")).orElseThrow();
        assertThat(found.outInterface()).isEqualTo(OptionalInt.of(index("weave")));
        assertThat(found.preferredSource()).contains(IpAddress.parse("10.32.0.1"));
        assertThat(found.gateway()).contains(IpAddress.parse("10.32.0.9"));
        assertThat(found.mtu()).isEqualTo(OptionalInt.of(1300));
        netlink.removeRoute(direct);
        netlink.removeRoute(via);
        assertThat(namespace.sh("ip route")).doesNotContain("192.0.2.0", "203.0.113.0");
        NetlinkException gone = catchThrowableOfType(NetlinkException.class, () -> netlink.removeRoute(via));
        assertThat(gone.notFound()).isTrue();
    }

    @Test
    void there_is_no_way_to_unreachable_addresses() {
        namespace.sh("ip link set lo up; ip route add blackhole 192.0.2.0/24; ip route add unreachable 198.18.0.0/15");
        namespace.sh("ip -6 route add unreachable 2001:db8:1::/48");
        assertThat(netlink.routeTo(IpAddress.parse("8.8.8.8"))).isEmpty();
        assertThat(netlink.routeTo(IpAddress.parse("192.0.2.1"))).isEmpty();
        assertThat(netlink.routeTo(IpAddress.parse("198.18.0.1"))).isEmpty();
        assertThat(netlink.routeTo(IpAddress.parse("2001:db8::1"))).isEmpty();
        assertThat(netlink.routeTo(IpAddress.parse("2001:db8:1::1"))).isEmpty();
        assertThat(netlink.routeTo(IpAddress.parse("127.0.0.1")).orElseThrow().type())
                .isEqualTo(Route.LOCAL);
    }

    @Test
    void neighbours_are_what_ip_neigh_prints() {
        Neighbour ipv4 = Neighbour.permanent(index("weave"), IpAddress.parse("10.32.0.7"), MAC);
        Neighbour ipv6 = Neighbour.permanent(index("weave"), IpAddress.parse("fd00::7"), MAC);
        netlink.replaceNeighbour(ipv4);
        netlink.replaceNeighbour(ipv4);
        netlink.replaceNeighbour(ipv6);
        assertThat(namespace.sh("ip neigh show dev weave nud permanent"))
                .contains("10.32.0.7 lladdr 02:00:00:00:00:07 PERMANENT")
                .contains("fd00::7 lladdr 02:00:00:00:00:07 PERMANENT");
        assertThat(netlink.neighbours()).contains(ipv4, ipv6);
        netlink.removeNeighbour(ipv4);
        assertThat(netlink.neighbours()).contains(ipv6).doesNotContain(ipv4);
        NetlinkException gone = catchThrowableOfType(NetlinkException.class, () -> netlink.removeNeighbour(ipv4));
        assertThat(gone.notFound()).isTrue();
    }

    @Test
    void fdb_entries_are_what_bridge_fdb_prints_and_appending_keeps_the_others() {
        int vxlan = createVxlan();
        netlink.appendFdb(FdbEntry.flood(vxlan, REMOTE_1));
        netlink.appendFdb(FdbEntry.flood(vxlan, REMOTE_2));
        netlink.appendFdb(FdbEntry.flood(vxlan, REMOTE_2));
        netlink.replaceFdb(FdbEntry.remote(vxlan, MAC, REMOTE_1).withPort(7000).withVni(9));
        netlink.replaceFdb(FdbEntry.remote(vxlan, MAC, REMOTE_2));
        netlink.replaceFdb(FdbEntry.behindPort(vxlan, MAC));
        assertThat(namespace.sh("bridge fdb show dev vx").lines().map(String::strip))
                .contains(
                        "00:00:00:00:00:00 dst 198.51.100.1 self permanent",
                        "00:00:00:00:00:00 dst 198.51.100.2 self permanent",
                        "02:00:00:00:00:07 dst 198.51.100.2 self permanent",
                        "02:00:00:00:00:07 master weave static")
                .doesNotContain("02:00:00:00:00:07 dst 198.51.100.1 self permanent");
        assertThat(netlink.fdb())
                .containsOnlyOnce(
                        FdbEntry.flood(vxlan, REMOTE_1),
                        FdbEntry.flood(vxlan, REMOTE_2),
                        FdbEntry.remote(vxlan, MAC, REMOTE_2),
                        FdbEntry.behindPort(vxlan, MAC));
        netlink.removeFdb(FdbEntry.flood(vxlan, REMOTE_1));
        assertThat(netlink.fdb())
                .contains(FdbEntry.flood(vxlan, REMOTE_2))
                .doesNotContain(FdbEntry.flood(vxlan, REMOTE_1));
        netlink.replaceFdb(FdbEntry.remote(vxlan, MAC, REMOTE_1).withPort(7000).withVni(9));
        assertThat(namespace.sh("bridge fdb show dev vx")).contains("dst 198.51.100.1 port 7000 vni 9 self permanent");
        assertThat(netlink.fdb())
                .contains(FdbEntry.remote(vxlan, MAC, REMOTE_1).withPort(7000).withVni(9));
    }

    @Test
    void a_large_batch_is_applied_and_each_error_belongs_to_its_change() {
        int vxlan = createVxlan();
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            changes.add(new Change.ReplaceFdb(FdbEntry.remote(vxlan, new MacAddress(0x0200_0000_1000L + i), REMOTE_1)));
        }
        Change wrong =
                new Change.RemoveNeighbour(Neighbour.permanent(index("weave"), IpAddress.parse("10.32.0.99"), MAC));
        Change missing = new Change.DeleteLink("nothing");
        changes.add(500, wrong);
        changes.add(missing);
        changes.add(new Change.AddAddress(InterfaceAddress.of(index("weave"), Cidr.parse("10.32.0.1/12"))));
        changes.add(new Change.AddRoute(Route.direct(Cidr.parse("192.0.2.0/24"), index("weave"))));
        List<FailedChange> failed = netlink.apply(changes);
        assertThat(failed).extracting(FailedChange::change).containsExactly(wrong, missing);
        assertThat(failed).allMatch(failure -> failure.error().notFound());
        assertThat(netlink.fdb().stream().filter(e -> e.remote().equals(Optional.of(REMOTE_1))))
                .hasSize(1000);
        assertThat(namespace
                        .sh("bridge fdb show dev vx | grep -c 'dst 198.51.100.1 self permanent'")
                        .strip())
                .isEqualTo("1000");
        assertThat(namespace.sh("ip route")).contains("192.0.2.0/24 dev weave scope link");
    }

    @Test
    void errors_carry_the_kernels_own_words() {
        createVxlan();
        assertThatThrownBy(() -> netlink.createVxlan(VxlanSpec.named("vx2", VxlanOptions.programmed(77, 6784))))
                .isInstanceOf(NetlinkException.class)
                .hasMessage(
                        "create vxlan vx2 (VNI 77): EEXIST (17): A VXLAN device with the specified VNI already exists");
        assertThatThrownBy(() -> netlink.setMtu("weave", 7))
                .hasMessageStartingWith("set link weave mtu 7: EINVAL (22): ");
        assertThatThrownBy(() -> netlink.setMaster("vx", "nothing"))
                .hasMessage("set link vx master nothing: ENODEV (19): there is no link nothing");
        assertThatThrownBy(() -> Netlink.openIn(Path.of("/run/netns/nothing")))
                .hasMessage("open network namespace /run/netns/nothing: ENOENT (2): no such entry");
        assertThatThrownBy(() -> Netlink.openIn(Path.of("/proc/self/ns/uts")))
                .hasMessageStartingWith("enter network namespace /proc/self/ns/uts: EINVAL (22)");
    }

    @Test
    void entering_a_namespace_leaves_the_calling_thread_where_it_was() {
        assertThat(netlink.link("weave")).isPresent();
        try (Netlink here = Netlink.open()) {
            assertThat(here.link("weave").map(Link::index)).isNotEqualTo(Optional.of(index("weave")));
        }
        Thread.Builder.OfVirtual virtual = Thread.ofVirtual();
        List<Link> seen = new ArrayList<>();
        Thread thread = virtual.start(() -> {
            try (Netlink other = Netlink.openIn(namespace.path())) {
                seen.addAll(other.links());
            }
        });
        assertThat(joined(thread)).isTrue();
        assertThat(seen).extracting(Link::name).contains("lo", "weave");
    }

    private static boolean joined(Thread thread) {
        try {
            return thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            return false;
        }
    }

    private int createVxlan() {
        netlink.createVxlan(VxlanSpec.named("vx", VxlanOptions.programmed(77, 6784))
                .withMaster(index("weave"))
                .asUp());
        return index("vx");
    }

    private Link link(String name) {
        return netlink.link(name).orElseThrow();
    }

    private int index(String name) {
        return link(name).index();
    }
}
