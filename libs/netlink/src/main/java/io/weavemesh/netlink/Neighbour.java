package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.MacAddress;
import java.util.Optional;

/**
 * An entry of the neighbour table: IP address to MAC address on one device. Not an FDB entry ({@link FdbEntry}).
 *
 * @param linkIndex the device
 * @param address IPv4 or IPv6
 * @param mac absent while unresolved
 * @param state see there
 */
public record Neighbour(int linkIndex, IpAddress address, Optional<MacAddress> mac, State state) {

    /** linux/neighbour.h NUD_*. */
    public enum State {
        NONE(0),
        INCOMPLETE(0x01),
        REACHABLE(0x02),
        STALE(0x04),
        DELAY(0x08),
        PROBE(0x10),
        FAILED(0x20),
        NOARP(0x40),
        PERMANENT(0x80);

        private final int bit;

        State(int bit) {
            this.bit = bit;
        }

        int bit() {
            return bit;
        }

        /** The strongest state of the set; the kernel reports exactly one for ordinary neighbours. */
        static State of(int bits) {
            return bits == 0 ? NONE : values()[32 - Integer.numberOfLeadingZeros(bits & 0xff)];
        }
    }

    /** An entry that neither ages nor is probed. */
    public static Neighbour permanent(int linkIndex, IpAddress address, MacAddress mac) {
        return new Neighbour(linkIndex, address, Optional.of(mac), State.PERMANENT);
    }
}
