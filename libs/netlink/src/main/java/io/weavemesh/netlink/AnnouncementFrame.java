package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.nio.ByteBuffer;

/**
 * The Ethernet frame that tells everybody on a segment which MAC address an IP address has: whoever has the IP address in its
 * cache takes over the new MAC address, nobody answers. Pure; not a question, and not sent by this class
 * ({@link PacketSocket}).
 *
 * <pre>
 *   IPv4   ARP announcement: a request whose sender and target protocol address are both the address (RFC 5227 s3)
 *
 *     ff:ff:ff:ff:ff:ff  MAC  ETH_P_ARP
 *     ARPHRD_ETHER  ETH_P_IP  6  4  ARPOP_REQUEST
 *     MAC  address  00:00:00:00:00:00  address
 *
 *   IPv6   unsolicited neighbour advertisement, which overrides, to all nodes (RFC 4861 s7.2.6, s4.4)
 *
 *     33:33:00:00:00:01  MAC  ETH_P_IPV6
 *     version 6  payload length 32  IPPROTO_ICMPV6  hop limit 255  from the address  to ff02::1
 *     type 136  code 0  checksum  O  the address
 *     option 2 (target link-layer address)  1 (times 8 bytes)  MAC
 * </pre>
 */
public final class AnnouncementFrame {

    private static final int ETH_BYTES = 14;
    private static final short ETH_P_ARP = 0x0806;
    private static final short ETH_P_IPV6 = (short) 0x86dd;

    private static final MacAddress EVERYBODY = new MacAddress(0xffff_ffff_ffffL);
    private static final int ARP_BYTES = 28;
    private static final short ARPHRD_ETHER = 1;
    private static final short ETH_P_IP = 0x0800;
    private static final short ARPOP_REQUEST = 1;

    /** RFC 2464 s7: ff02::1 on Ethernet. */
    private static final MacAddress ALL_NODES_MAC = new MacAddress(0x3333_0000_0001L);

    private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");
    private static final int IPV6_BYTES = 40;
    private static final int IPV6_VERSION = 0x6000_0000;
    private static final byte IPPROTO_ICMPV6 = 58;

    /** RFC 4861 s7.1.2: anything less came from another link and is not believed. */
    private static final byte HOP_LIMIT = (byte) 255;

    private static final int ADVERTISEMENT_BYTES = 32;
    private static final short ADVERTISEMENT = (short) (136 << 8);
    private static final int OVERRIDE = 0x2000_0000;
    private static final short TARGET_LINK_LAYER_ADDRESS = 2 << 8 | 1;

    private AnnouncementFrame() {}

    /**
     * The frame, without padding and check sequence, which are the device's business: 42 bytes for IPv4, 86 for IPv6.
     *
     * @throws IllegalArgumentException if the MAC address is one of a group, which no interface has (RFC 1812 s3.3.2)
     */
    public static byte[] of(IpAddress address, MacAddress mac) {
        if (mac.isMulticast()) {
            throw new IllegalArgumentException(
                    "announce " + address + ": " + mac + " is a group's MAC address (expected one of an interface)");
        }
        return address.isIpv4() ? arp(address, mac) : advertisement(address, mac);
    }

    private static byte[] arp(IpAddress address, MacAddress mac) {
        return frame(EVERYBODY, mac, ETH_P_ARP, ARP_BYTES)
                .putShort(ARPHRD_ETHER)
                .putShort(ETH_P_IP)
                .put((byte) 6)
                .put((byte) 4)
                .putShort(ARPOP_REQUEST)
                .put(mac.bytes())
                .put(address.bytes())
                .put(new byte[6])
                .put(address.bytes())
                .array();
    }

    private static byte[] advertisement(IpAddress address, MacAddress mac) {
        byte[] bytes = frame(ALL_NODES_MAC, mac, ETH_P_IPV6, IPV6_BYTES + ADVERTISEMENT_BYTES)
                .putInt(IPV6_VERSION)
                .putShort((short) ADVERTISEMENT_BYTES)
                .put(IPPROTO_ICMPV6)
                .put(HOP_LIMIT)
                .put(address.bytes())
                .put(ALL_NODES.bytes())
                .putShort(ADVERTISEMENT)
                .putShort((short) 0)
                .putInt(OVERRIDE)
                .put(address.bytes())
                .putShort(TARGET_LINK_LAYER_ADDRESS)
                .put(mac.bytes())
                .array();
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        frame.putShort(ETH_BYTES + IPV6_BYTES + 2, checksum(frame));
        return bytes;
    }

    private static ByteBuffer frame(MacAddress to, MacAddress from, short type, int bytes) {
        return ByteBuffer.allocate(ETH_BYTES + bytes)
                .put(to.bytes())
                .put(from.bytes())
                .putShort(type);
    }

    /** RFC 4443 s2.3, RFC 8200 s8.1: over both addresses, the length, the protocol, and the message with a zero here. */
    private static short checksum(ByteBuffer frame) {
        int sum = ADVERTISEMENT_BYTES + IPPROTO_ICMPV6;
        for (int at = ETH_BYTES + 8; at < frame.capacity(); at += 2) {
            sum += frame.getShort(at) & 0xffff;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (short) ~sum;
    }
}
