package io.weavemesh.contract;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The rule all opaque identifiers obey. */
final class Identifiers {

    /** Docker's own have 64 characters, pool identifiers up to about 100; more is not an identifier but an attack. */
    static final int MAX_LENGTH = 255;

    /** What 64 hexadecimal digits are packed into. */
    private static final int HEX_OCTETS = 32;

    private static final HexFormat HEX = HexFormat.of();

    private Identifiers() {}

    /**
     * The fewest octets that stand for an identifier. Nearly all are 64 hexadecimal digits and become the 32 octets those
     * mean: peers keep two for each name there is, and as text they take twice as much. Of any other the characters are
     * kept; behind a zero, should they be 32.
     */
    static byte[] pack(String value) {
        if (value.length() == 2 * HEX_OCTETS
                && value.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
            return HEX.parseHex(value);
        }
        String text = value.length() == HEX_OCTETS ? '\0' + value : value;
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The inverse of {@link #pack}. */
    static String text(byte[] packed) {
        if (packed.length == HEX_OCTETS) {
            return HEX.formatHex(packed);
        }
        int start = packed[0] == 0 ? 1 : 0;
        return new String(packed, start, packed.length - start, StandardCharsets.US_ASCII);
    }

    static void check(String type, String value) {
        boolean fits = !value.isEmpty() && value.length() <= MAX_LENGTH;
        Check.argument(
                fits && value.chars().allMatch(c -> c > ' ' && c < 0x7f),
                "'%s' is not a %s (expected 1 to %d printable characters without spaces)",
                value.length() > MAX_LENGTH ? value.substring(0, 40) + "…" : value,
                type,
                MAX_LENGTH);
    }
}
