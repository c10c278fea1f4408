package io.weavemesh.router;

/**
 * How large packets may be on the overlay, in bytes.
 *
 * @param fresh the MTU of an interface that is made now
 * @param largest the largest MTU of an interface there is, or would be if one were made
 * @param overhead what a tunnel adds to a packet
 * @param outgrown interfaces whose MTU is larger than that of a new one in their network
 */
public record OverlayMtus(int fresh, int largest, int overhead, int outgrown) {

    /** The largest packet the underlay is asked to carry, in bytes of IP. */
    public int largestTunnelPacket() {
        return largest + overhead;
    }
}
