package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Bytes of link messages, little-endian hosts. What is decoded was captured from Linux 6.18, attributes we skip left out. */
class LinkMessagesTest {

    @Test
    void a_bridge_is_created_up_with_its_options_in_the_same_message() {
        BridgeSpec spec = BridgeSpec.named("weave")
                .withMac(MacAddress.parse("02:00:00:00:00:01"))
                .withMtu(1400)
                .withOptions(BridgeOptions.KERNEL_DEFAULT.withMulticastSnooping(false))
                .asUp();
        assertThat(LinkMessages.createBridge(spec).message()).isEqualTo(Hex.bytes("""
                84000000 1000 0506 00000000 00000000   # 132 bytes, RTM_NEWLINK, REQUEST|ACK|EXCL|CREATE
                00 00 0000 00000000 01000000 01000000  # ifinfomsg: AF_UNSPEC, index 0, IFF_UP set, IFF_UP in the mask
                0a00 0300 7765617665 00 0000           # IFLA_IFNAME "weave", zero-terminated, padded to 12
                0a00 0100 020000000001 0000            # IFLA_ADDRESS
                0800 0400 78050000                     # IFLA_MTU 1400
                4400 1200                              # IFLA_LINKINFO, 68 bytes
                  0b00 0100 627269646765 00 00         #   IFLA_INFO_KIND "bridge"
                  3400 0200                            #   IFLA_INFO_DATA
                    0800 0100 dc050000                 #     IFLA_BR_FORWARD_DELAY 1500 ticks
                    0800 0400 30750000                 #     IFLA_BR_AGEING_TIME 30000 ticks
                    0800 0500 00000000                 #     IFLA_BR_STP_STATE
                    0500 1700 00 000000                #     IFLA_BR_MCAST_SNOOPING off
                    0500 2400 00 000000                #     IFLA_BR_NF_CALL_IPTABLES off
                    0500 2500 00 000000                #     IFLA_BR_NF_CALL_IP6TABLES off
                """));
    }

    @Test
    void a_vxlan_has_its_port_in_network_order_and_everything_else_in_host_order() {
        VxlanSpec spec = VxlanSpec.named(
                        "vx", VxlanOptions.programmed(77, 6784).withLocal(IpAddress.parse("198.51.100.9")))
                .withMaster(2);
        assertThat(LinkMessages.createVxlan(spec).message()).isEqualTo(Hex.bytes("""
                74000000 1000 0506 00000000 00000000
                00 00 0000 00000000 00000000 00000000  # ifinfomsg: stays down, no flag in the mask
                0700 0300 7678 00 00                   # IFLA_IFNAME "vx"
                0800 0a00 02000000                     # IFLA_MASTER 2
                4400 1200                              # IFLA_LINKINFO
                  0a00 0100 76786c616e 00 0000         #   IFLA_INFO_KIND "vxlan"
                  3400 0200                            #   IFLA_INFO_DATA
                    0800 0100 4d000000                 #     IFLA_VXLAN_ID 77
                    0800 0400 c6336409                 #     IFLA_VXLAN_LOCAL 198.51.100.9
                    0500 0700 00 000000                #     IFLA_VXLAN_LEARNING off
                    0500 0b00 00 000000                #     IFLA_VXLAN_PROXY off
                    0600 0f00 1a80 0000                #     IFLA_VXLAN_PORT 6784, big-endian
                    0500 1200 01 000000                #     IFLA_VXLAN_UDP_CSUM on
                """));
    }

    @Test
    void the_peer_of_a_veth_is_a_whole_link_message_inside_and_never_up() {
        VethSpec spec = VethSpec.named("v1", "v2")
                .withPeerMac(MacAddress.parse("02:00:00:00:00:07"))
                .withMtu(1400)
                .asUp();
        assertThat(LinkMessages.createVeth(spec, OptionalInt.of(9)).message()).isEqualTo(Hex.bytes("""
                7c000000 1000 0506 00000000 00000000
                00 00 0000 00000000 01000000 01000000  # ifinfomsg: the local end is up
                0700 0300 7631 00 00                   # IFLA_IFNAME "v1"
                0800 0400 78050000                     # IFLA_MTU 1400
                4c00 1200                              # IFLA_LINKINFO
                  0900 0100 76657468 00 000000         #   IFLA_INFO_KIND "veth"
                  3c00 0200                            #   IFLA_INFO_DATA
                    3800 0100                          #     VETH_INFO_PEER
                      00 00 0000 00000000 00000000 00000000  # ifinfomsg without IFF_UP: it would fail with ENOTCONN
                      0700 0300 7632 00 00             #       IFLA_IFNAME "v2"
                      0a00 0100 020000000007 0000      #       IFLA_ADDRESS
                      0800 0400 78050000               #       IFLA_MTU
                      0800 1c00 09000000               #       IFLA_NET_NS_FD 9
                """));
    }

    @Test
    void a_bridge_port_is_set_through_the_bridge_family() {
        byte[] message = LinkMessages.setBridgePort(
                        3, "vx", Map.of(BridgePortFlag.NEIGH_SUPPRESS, true, BridgePortFlag.LEARNING, false))
                .message();
        assertThat(message).isEqualTo(Hex.bytes("""
                34000000 1300 0500 00000000 00000000   # RTM_SETLINK, REQUEST|ACK
                07 00 0000 03000000 00000000 00000000  # ifinfomsg: AF_BRIDGE, index 3
                1400 0c80                              # IFLA_PROTINFO | NLA_F_NESTED
                  0500 0800 00 000000                  #   IFLA_BRPORT_LEARNING off
                  0500 2000 01 000000                  #   IFLA_BRPORT_NEIGH_SUPPRESS on
                """));
    }

    @Test
    void setting_a_link_up_finds_it_by_name() {
        assertThat(LinkMessages.setUp("vx", true).message()).isEqualTo(Hex.bytes("""
                28000000 1000 0500 00000000 00000000
                00 00 0000 00000000 01000000 01000000
                0700 0300 7678 00 00
                """));
    }

    @Test
    void a_name_the_kernel_would_refuse_is_named_before() {
        assertThatThrownBy(() -> BridgeSpec.named("a-name-of-16-byt"))
                .hasMessage("'a-name-of-16-byt' is not an interface name: it has 16 bytes (expected 1 to 15)");
        assertThatThrownBy(() -> LinkMessages.delete("a/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LinkMessages.delete("..")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_vxlan_that_is_a_bridge_port_is_read_with_both_sets_of_options() {
        Link link = LinkDecoder.decode(Hex.reader(VXLAN_PORT));
        assertThat(link)
                .isEqualTo(new Link(
                        3,
                        "vx",
                        "vxlan",
                        Optional.of(MacAddress.parse("8a:1b:d8:99:51:c6")),
                        1500,
                        true,
                        true,
                        OptionalInt.of(2),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.of(VxlanOptions.programmed(77, 6784).withLocal(IpAddress.parse("198.51.100.9"))),
                        Map.of(BridgePortFlag.LEARNING, false, BridgePortFlag.UNICAST_FLOOD, true)));
    }

    static final String VXLAN_PORT = """
            00 00 0100 03000000 43100100 00000000      # ifinfomsg: Ethernet, index 3, UP|BROADCAST|MULTICAST|LOWER_UP
            0700 0300 7678 00 00                       # IFLA_IFNAME "vx"
            0800 0400 dc050000                         # IFLA_MTU 1500
            0800 0a00 02000000                         # IFLA_MASTER 2
            0a00 0100 8a1bd89951c6 0000                # IFLA_ADDRESS
            6400 1200                                  # IFLA_LINKINFO
              0a00 0100 7678 6c61 6e00 0000            #   IFLA_INFO_KIND "vxlan"
              3400 0200                                #   IFLA_INFO_DATA
                0800 0100 4d000000                     #     IFLA_VXLAN_ID 77
                0800 0400 c6336409                     #     IFLA_VXLAN_LOCAL
                0500 0700 00 000000                    #     IFLA_VXLAN_LEARNING
                0500 0b00 00 000000                    #     IFLA_VXLAN_PROXY
                0600 0f00 1a80 0000                    #     IFLA_VXLAN_PORT, big-endian
                0500 1200 01 000000                    #     IFLA_VXLAN_UDP_CSUM
              0b00 0400 627269646765 00 00             #   IFLA_INFO_SLAVE_KIND "bridge"
              1400 0500                                #   IFLA_INFO_SLAVE_DATA
                0500 0800 00 000000                    #     IFLA_BRPORT_LEARNING off
                0500 0900 01 000000                    #     IFLA_BRPORT_UNICAST_FLOOD on
            """;

    @Test
    void a_bridge_is_read_with_its_times() {
        Link link = LinkDecoder.decode(Hex.reader("""
                00 00 0100 02000000 02100000 00000000  # ifinfomsg: index 2, BROADCAST|MULTICAST, down
                0a00 0300 7765617665 00 0000           # IFLA_IFNAME "weave"
                2400 1280                              # IFLA_LINKINFO, here with the nested flag
                  0b00 0100 627269646765 00 00         #   IFLA_INFO_KIND "bridge"
                  1400 0280                            #   IFLA_INFO_DATA
                    0800 0400 e8030000                 #     IFLA_BR_AGEING_TIME 1000 ticks
                    0500 1700 01 000000                #     IFLA_BR_MCAST_SNOOPING
                """));
        assertThat(link.up()).isFalse();
        assertThat(link.mac()).isEmpty();
        assertThat(link.bridge()).contains(BridgeOptions.KERNEL_DEFAULT.withAgeing(Duration.ofSeconds(10)));
    }

    @Test
    void a_link_without_a_name_or_with_a_short_number_is_malformed() {
        assertThatThrownBy(() -> LinkDecoder.decode(Hex.reader("00 00 0100 02000000 00000000 00000000")))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("test: link 2 has no name");
        assertThatThrownBy(() -> LinkDecoder.decode(Hex.reader("""
                        00 00 0100 02000000 00000000 00000000
                        0500 0300 61 000000
                        0600 0400 dc05 0000            # IFLA_MTU with 2 bytes
                        """)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("test, attribute 4: has 2 bytes, expected 4");
    }

    @Test
    void a_port_that_leaves_its_bridge_is_not_a_deleted_link() {
        byte[] body = Hex.bytes("""
                07 00 0100 03000000 43100100 00000000  # ifinfomsg: AF_BRIDGE
                0800 0a00 02000000                     # IFLA_MASTER 2
                """);
        assertThat(EventDecoder.decode(new NetlinkMessage(LinkMessages.RTM_DELLINK, 0, 0, body)))
                .contains(new NetlinkEvent.PortRemoved(3, 2));
        assertThat(EventDecoder.decode(new NetlinkMessage(LinkMessages.RTM_NEWLINK, 0, 0, body)))
                .contains(new NetlinkEvent.PortChanged(3, 2));
    }
}
