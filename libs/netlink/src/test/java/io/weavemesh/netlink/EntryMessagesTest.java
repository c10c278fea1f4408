package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Bytes of neighbour, FDB, address and route messages, little-endian hosts. What is decoded was captured from Linux 6.18. */
class EntryMessagesTest {

    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:07");

    // ---- Neighbours

    @Test
    void a_neighbour_is_replaced_as_ip_neigh_replace_does_it() {
        Neighbour neighbour = Neighbour.permanent(2, IpAddress.parse("10.32.0.7"), MAC);
        assertThat(NeighbourMessages.replace(neighbour).message()).isEqualTo(Hex.bytes("""
                30000000 1c00 0505 00000000 00000000   # RTM_NEWNEIGH, REQUEST|ACK|REPLACE|CREATE
                02 000000 02000000 8000 00 00          # ndmsg: AF_INET, index 2, NUD_PERMANENT
                0800 0100 0a200007                     # NDA_DST
                0a00 0200 020000000007 0000            # NDA_LLADDR
                """));
    }

    static final String NEIGHBOUR = """
            02 000000 02000000 8000 00 01              # ndmsg: AF_INET, index 2, NUD_PERMANENT, RTN_UNICAST
            0800 0100 0a200007                         # NDA_DST
            0a00 0200 020000000007 0000                # NDA_LLADDR
            0800 0400 00000000                         # NDA_PROBES
            1400 0300 98000000 98000000 98000000 00000000  # NDA_CACHEINFO
            """;

    @Test
    void a_neighbour_is_read() {
        assertThat(NeighbourMessages.decodeNeighbour(Hex.reader(NEIGHBOUR)))
                .contains(Neighbour.permanent(2, IpAddress.parse("10.32.0.7"), MAC));
    }

    @Test
    void an_unresolved_neighbour_has_no_mac() {
        assertThat(NeighbourMessages.decodeNeighbour(Hex.reader("""
                        0a 000000 02000000 2000 00 01  # ndmsg: AF_INET6, NUD_FAILED
                        1400 0100 fd000000000000000000000000000009
                        """)))
                .contains(new Neighbour(2, IpAddress.parse("fd00::9"), Optional.empty(), Neighbour.State.FAILED));
    }

    @Test
    void an_address_of_the_wrong_length_for_its_family_is_malformed() {
        assertThatThrownBy(() -> NeighbourMessages.decodeNeighbour(Hex.reader("""
                        0a 000000 02000000 2000 00 01  # AF_INET6 …
                        0800 0100 0a200007             # … with 4 bytes
                        """)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("test, attribute 1: has 4 bytes, expected 16 for family 10");
    }

    // ---- FDB

    @Test
    void a_flood_entry_is_appended_never_replaced() {
        FdbEntry entry = FdbEntry.flood(3, IpAddress.parse("198.51.100.2"));
        assertThat(NeighbourMessages.append(entry).message()).isEqualTo(Hex.bytes("""
                30000000 1c00 050c 00000000 00000000   # RTM_NEWNEIGH, REQUEST|ACK|CREATE|APPEND
                07 000000 03000000 c000 02 00          # ndmsg: AF_BRIDGE, index 3, PERMANENT|NOARP, NTF_SELF
                0a00 0200 000000000000 0000            # NDA_LLADDR 0: everything not known
                0800 0100 c6336402                     # NDA_DST
                """));
    }

    @Test
    void an_entry_behind_a_port_is_static_in_the_bridges_table_since_permanent_would_mean_the_bridge_itself() {
        assertThat(NeighbourMessages.replace(FdbEntry.behindPort(3, MAC)).message())
                .isEqualTo(Hex.bytes("""
                28000000 1c00 0505 00000000 00000000
                07 000000 03000000 4200 04 00          # ndmsg: REACHABLE|NOARP, NTF_MASTER
                0a00 0200 020000000007 0000
                """));
    }

    @Test
    void the_port_of_an_entry_is_big_endian_and_its_vni_is_not() {
        FdbEntry entry = FdbEntry.remote(3, MAC, IpAddress.parse("198.51.100.2"))
                .withPort(6784)
                .withVni(77);
        assertThat(NeighbourMessages.remove(entry).message()).isEqualTo(Hex.bytes("""
                40000000 1d00 0500 00000000 00000000   # RTM_DELNEIGH
                07 000000 03000000 c000 02 00
                0a00 0200 020000000007 0000
                0800 0100 c6336402
                0600 0600 1a80 0000                    # NDA_PORT 6784
                0800 0700 4d000000                     # NDA_VNI 77
                """));
    }

    static final String FDB_SELF = """
            07 000000 03000000 c000 02 01              # ndmsg: AF_BRIDGE, index 3, PERMANENT|NOARP, NTF_SELF
            0a00 0200 000000000000 0000                # NDA_LLADDR
            0800 0100 c6336401                         # NDA_DST
            1400 0300 00000000 20000000 00000000 98000000  # NDA_CACHEINFO
            """;

    static final String FDB_MASTER = """
            07 000000 03000000 4000 00 00              # ndmsg: NOARP, no flag
            0a00 0200 020000000007 0000                # NDA_LLADDR
            0800 0900 02000000                         # NDA_MASTER
            0800 0f00 00000000                         # NDA_FLAGS_EXT
            """;

    @Test
    void entries_of_a_vxlan_and_of_its_bridge_are_told_apart() {
        assertThat(NeighbourMessages.decodeFdb(Hex.reader(FDB_SELF)))
                .contains(FdbEntry.flood(3, IpAddress.parse("198.51.100.1")));
        assertThat(NeighbourMessages.decodeFdb(Hex.reader(FDB_MASTER))).contains(FdbEntry.behindPort(3, MAC));
    }

    @Test
    void an_fdb_event_is_not_a_neighbour_event() {
        assertThat(EventDecoder.decode(new NetlinkMessage(NeighbourMessages.RTM_DELNEIGH, 0, 0, Hex.bytes(FDB_MASTER))))
                .contains(new NetlinkEvent.FdbRemoved(FdbEntry.behindPort(3, MAC)));
        assertThat(EventDecoder.decode(new NetlinkMessage(NeighbourMessages.RTM_NEWNEIGH, 0, 0, Hex.bytes(NEIGHBOUR))))
                .contains(new NetlinkEvent.NeighbourChanged(Neighbour.permanent(2, IpAddress.parse("10.32.0.7"), MAC)));
    }

    // ---- Addresses

    @Test
    void an_address_is_added_as_ip_addr_add_does_it() {
        InterfaceAddress address = InterfaceAddress.of(2, Cidr.parse("10.32.0.2/12"));
        assertThat(AddressMessages.add(address).message()).isEqualTo(Hex.bytes("""
                28000000 1400 0506 00000000 00000000   # RTM_NEWADDR, REQUEST|ACK|EXCL|CREATE
                02 0c 00 00 02000000                   # ifaddrmsg: AF_INET, /12, no flags, global, index 2
                0800 0200 0a200002                     # IFA_LOCAL
                0800 0100 0a200002                     # IFA_ADDRESS
                """));
    }

    static final String ADDRESS = """
            02 0c 80 00 02000000                       # ifaddrmsg: AF_INET, /12, PERMANENT, global, index 2
            0800 0100 0a200001                         # IFA_ADDRESS
            0800 0200 0a200001                         # IFA_LOCAL
            0a00 0300 7765617665 00 0000               # IFA_LABEL
            0800 0800 80000000                         # IFA_FLAGS
            1400 0600 ffffffff ffffffff 975d0700 975d0700  # IFA_CACHEINFO
            """;

    @Test
    void an_address_is_read() {
        assertThat(AddressMessages.decode(Hex.reader(ADDRESS)))
                .contains(InterfaceAddress.of(2, Cidr.parse("10.32.0.1/12")));
    }

    // ---- Routes

    @Test
    void a_route_is_added_as_ip_route_add_does_it() {
        Route route = Route.via(Cidr.parse("203.0.113.0/24"), IpAddress.parse("10.32.0.9"))
                .withMtu(1300);
        assertThat(RouteMessages.add(route).message()).isEqualTo(Hex.bytes("""
                40000000 1800 0506 00000000 00000000   # RTM_NEWROUTE, REQUEST|ACK|EXCL|CREATE
                02 18 00 00 fe 03 00 01 00000000       # rtmsg: AF_INET, /24, main, boot, universe, unicast
                0800 0100 cb007100                     # RTA_DST
                0800 0f00 fe000000                     # RTA_TABLE
                0800 0500 0a200009                     # RTA_GATEWAY
                0c00 0800                              # RTA_METRICS
                  0800 0200 14050000                   #   RTAX_MTU 1300
                """));
    }

    @Test
    void a_lookup_asks_for_the_table_that_answered() {
        assertThat(RouteMessages.lookup(IpAddress.parse("192.0.2.77")).message())
                .isEqualTo(Hex.bytes("""
                24000000 1a00 0100 00000000 00000000   # RTM_GETROUTE, REQUEST, no ACK: the route is the answer
                02 20 00 00 00 00 00 00 00100000       # rtmsg: AF_INET, /32, RTM_F_LOOKUP_TABLE
                0800 0100 c000024d                     # RTA_DST
                """));
    }

    static final String ROUTE = """
            02 18 00 00 fe 03 00 01 00000000           # rtmsg: AF_INET, /24, main, boot, universe, unicast
            0800 0f00 fe000000                         # RTA_TABLE
            0800 0100 c0000200                         # RTA_DST
            0c00 0800                                  # RTA_METRICS
              0800 0200 14050000                       #   RTAX_MTU 1300
            0800 0500 0a200009                         # RTA_GATEWAY
            0800 0400 02000000                         # RTA_OIF 2
            """;

    @Test
    void a_route_is_read() {
        Route route = RouteMessages.decode(Hex.reader(ROUTE)).orElseThrow();
        assertThat(route.destination()).isEqualTo(Cidr.parse("192.0.2.0/24"));
        assertThat(route.gateway()).contains(IpAddress.parse("10.32.0.9"));
        assertThat(route.outInterface()).isEqualTo(OptionalInt.of(2));
        assertThat(route.mtu()).isEqualTo(OptionalInt.of(1300));
    }

    static final String MULTIPATH = """
            02 00 00 00 fe 04 00 01 00000000           # rtmsg: default route, static
            2000 0900                                  # RTA_MULTIPATH
              1000 00 00 02000000                      #   rtnexthop: 16 bytes, index 2
                0800 0500 0a200009                     #     RTA_GATEWAY
              0c00 00 00 03000000                      #   rtnexthop: 12 bytes …
                0400 1900                              #     … with an empty attribute
            """;

    @Test
    void of_a_multipath_route_the_first_hop_is_shown() {
        Route route = RouteMessages.decode(Hex.reader(MULTIPATH)).orElseThrow();
        assertThat(route.isDefault()).isTrue();
        assertThat(route.gateway()).contains(IpAddress.parse("10.32.0.9"));
        assertThat(route.outInterface()).isEqualTo(OptionalInt.of(2));
    }

    static final String VIA_IPV6 = """
            02 18 00 00 fe 04 00 01 00000000
            0800 0100 c0000200
            1600 1200 0a00 fd000000000000000000000000000009 0000  # RTA_VIA: AF_INET6, address
            """;

    @Test
    void an_ipv4_route_through_an_ipv6_gateway_is_read_and_written() {
        Route route = RouteMessages.decode(Hex.reader(VIA_IPV6)).orElseThrow();
        assertThat(route.gateway()).contains(IpAddress.parse("fd00::9"));
        byte[] written = RouteMessages.add(route).message();
        byte[] via = Hex.bytes("1600 1200 0a00 fd000000000000000000000000000009 0000");
        assertThat(written).endsWith(via);
    }

    @Test
    void a_cached_copy_is_no_route_but_it_is_the_answer_to_a_lookup() {
        String copy = ROUTE.replace("fe 03 00 01 00000000", "fe 03 00 01 00020000"); // RTM_F_CLONED
        assertThat(RouteMessages.decode(Hex.reader(copy))).isEmpty();
        assertThat(RouteMessages.decodeLookup(Hex.reader(copy))).isPresent();
    }

    @Test
    void routes_of_other_families_are_left_out() {
        assertThat(RouteMessages.decode(Hex.reader("1c 14 00 00 fe 03 00 01 00000000")))
                .isEmpty(); // AF_MPLS
    }
}
