package io.weavemesh.contract;

import java.util.HexFormat;

/**
 * An IEEE 802 48-bit hardware address.
 *
 * @param bits the address in the lower 48 bits
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {

    public MacAddress {
        Check.argument(bits >>> 48 == 0, "a MAC address has 48 bits, got %x", bits);
    }

    /**
     * Reads {@code 02:42:0a:20:00:01}.
     *
     * @throws IllegalArgumentException if the text is not six pairs of hexadecimal digits with colons
     */
    public static MacAddress parse(String text) {
        Check.argument(
                text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"),
                "'%s' is not a MAC address (expected for example 02:42:0a:20:00:01)",
                text);
        return new MacAddress(HexFormat.fromHexDigitsToLong(text.replace(":", "")));
    }

    /**
     * The address with these six bytes.
     *
     * @throws IllegalArgumentException for any other length
     */
    public static MacAddress ofBytes(byte[] bytes) {
        Check.argument(bytes.length == 6, "a MAC address has 6 bytes, got %d", bytes.length);
        long bits = 0;
        for (byte b : bytes) {
            bits = (bits << 8) | (b & 0xff);
        }
        return new MacAddress(bits);
    }

    /** The six bytes in transmission order. */
    public byte[] bytes() {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (bits >>> (40 - 8 * i));
        }
        return bytes;
    }

    /** Whether the group bit is set, so that it can only be a destination. */
    public boolean isMulticast() {
        return (bits >>> 40 & 1) != 0;
    }

    @Override
    public int compareTo(MacAddress other) {
        return Long.compare(bits, other.bits);
    }

    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").formatHex(bytes());
    }
}
