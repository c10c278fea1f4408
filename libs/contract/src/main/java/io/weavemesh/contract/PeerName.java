package io.weavemesh.contract;

/**
 * The identity of a peer, which is a host of the overlay: 48 bits in the form of a MAC address. Not its host name or
 * address, which may change.
 *
 * @param bits the name in the lower 48 bits
 */
public record PeerName(long bits) implements Comparable<PeerName> {

    public PeerName {
        Check.argument(bits >>> 48 == 0 && bits != 0, "a peer name has 48 bits and is not zero, got %x", bits);
    }

    /**
     * Reads {@code 2e:11:0a:9f:44:01}.
     *
     * @throws IllegalArgumentException if the text is not six pairs of hexadecimal digits with colons, or all zero
     */
    public static PeerName parse(String text) {
        Check.argument(
                text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"),
                "'%s' is not a peer name (expected for example 2e:11:0a:9f:44:01)",
                text);
        return new PeerName(MacAddress.parse(text).bits());
    }

    @Override
    public int compareTo(PeerName other) {
        return Long.compare(bits, other.bits);
    }

    @Override
    public String toString() {
        return new MacAddress(bits).toString();
    }
}
