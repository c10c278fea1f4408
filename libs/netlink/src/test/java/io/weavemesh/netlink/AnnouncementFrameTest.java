package io.weavemesh.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import org.junit.jupiter.api.Test;

/** Bytes of the two frames. */
class AnnouncementFrameTest {

    private static final MacAddress MAC = MacAddress.parse("06:a1:b2:c3:d4:e5");

    @Test
    void an_ipv4_address_is_announced_by_arp() {
        assertThat(AnnouncementFrame.of(IpAddress.parse("10.2.1.5"), MAC)).isEqualTo(Hex.bytes("""
                ffffffffffff 06a1b2c3d4e5 0806             # to everybody, ETH_P_ARP
                0001 0800 06 04 0001                       # Ethernet, IPv4, lengths of addresses, ARPOP_REQUEST
                06a1b2c3d4e5 0a020105                      # sender
                000000000000 0a020105                      # target: the same address (RFC 5227 s3)
                """));
    }

    /** The checksum was computed by other means, and tcpdump finds it right. */
    @Test
    void an_ipv6_address_is_announced_by_an_unsolicited_advertisement() {
        assertThat(AnnouncementFrame.of(IpAddress.parse("fd00:2:1::5"), MAC)).isEqualTo(Hex.bytes("""
                333300000001 06a1b2c3d4e5 86dd             # to all nodes, ETH_P_IPV6
                60000000 0020 3a ff                        # version 6, 32 bytes of ICMPv6, hop limit 255
                fd000002000100000000000000000005           # from the address itself
                ff020000000000000000000000000001           # to ff02::1
                88 00 ce43 20000000                        # advertisement, checksum, override
                fd000002000100000000000000000005           # target
                02 01 06a1b2c3d4e5                         # option: target link-layer address, 8 bytes
                """));
    }

    @Test
    void a_group_has_no_address_of_its_own() {
        assertThatThrownBy(() -> AnnouncementFrame.of(IpAddress.parse("10.2.1.5"), new MacAddress(0x0100_5e00_0001L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("announce 10.2.1.5: 01:00:5e:00:00:01 is a group's MAC address");
    }
}
