package io.weavemesh.contract;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An IPv4 or IPv6 address as a 128-bit number. Not a host name: parsing never asks a resolver.
 *
 * <p>An IPv4 address has {@code high == 0} and its 32 bits in {@code low}. Addresses order by family, then as unsigned
 * numbers.
 *
 * @param family IPv4 or IPv6
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {

    /** The two address families. */
    public enum Family {
        IPV4(32),
        IPV6(128);

        private final int bits;

        Family(int bits) {
            this.bits = bits;
        }

        /** Length of an address in bits: 32 or 128. */
        public int bits() {
            return bits;
        }
    }

    public IpAddress {
        Check.argument(
                family == Family.IPV6 || (high == 0 && low >>> 32 == 0),
                "an IPv4 address has 32 bits, got %x:%x",
                high,
                low);
    }

    /** The IPv4 address with these 32 bits. */
    public static IpAddress ipv4(int bits) {
        return new IpAddress(Family.IPV4, 0, Integer.toUnsignedLong(bits));
    }

    /**
     * Reads {@code 10.32.0.1} (four decimal numbers, no leading zeros) or any literal form of RFC 4291 s2.2.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? parseIpv6(text) : parseIpv4(text);
    }

    /**
     * The address with these 4 or 16 bytes in network order.
     *
     * @throws IllegalArgumentException for any other length
     */
    public static IpAddress ofBytes(byte[] bytes) {
        Check.argument(bytes.length == 4 || bytes.length == 16, "an address has 4 or 16 bytes, got %d", bytes.length);
        long high = 0;
        long low = 0;
        for (byte b : bytes) {
            high = (high << 8) | (low >>> 56);
            low = (low << 8) | (b & 0xff);
        }
        return new IpAddress(bytes.length == 4 ? Family.IPV4 : Family.IPV6, high, low);
    }

    /** The same address as the JDK's type. */
    public static IpAddress of(InetAddress address) {
        return ofBytes(address.getAddress());
    }

    /** The 4 or 16 bytes in network order. */
    public byte[] bytes() {
        byte[] bytes = new byte[family.bits() / 8];
        for (int i = 0; i < bytes.length; i++) {
            int shift = 8 * (bytes.length - 1 - i);
            bytes[i] = (byte) (shift >= 64 ? high >>> (shift - 64) : low >>> shift);
        }
        return bytes;
    }

    /** The same address as the JDK's type. */
    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    public boolean isIpv4() {
        return family == Family.IPV4;
    }

    /** This address plus an offset, wrapping around inside 128 bits (IPv4: refused beyond 32). */
    public IpAddress plus(long offset) {
        if (isIpv4()) {
            return new IpAddress(family, 0, low + offset);
        }
        long sum = low + offset;
        long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        long signExtension = offset < 0 ? -1 : 0;
        return new IpAddress(family, high + signExtension + carry, sum);
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** Dotted decimal, or the canonical form of RFC 5952 s4. */
    @Override
    public String toString() {
        if (isIpv4()) {
            return (low >>> 24) + "." + (low >>> 16 & 0xff) + "." + (low >>> 8 & 0xff) + "." + (low & 0xff);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3)) & 0xffff);
        }
        return canonical(groups);
    }

    /** RFC 5952 s4.2: the longest run of at least two zero groups, the first of equals, becomes "::". */
    private static String canonical(int[] groups) {
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    private static IpAddress parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        Check.argument(parts.length == 4, "'%s' is not an IP address (expected for example 10.32.0.1)", text);
        long bits = 0;
        for (String part : parts) {
            boolean decimal =
                    !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            boolean plain = decimal && (part.length() == 1 || part.charAt(0) != '0') && Integer.parseInt(part) <= 255;
            Check.argument(plain, "'%s' is not an IP address (expected for example 10.32.0.1)", text);
            bits = (bits << 8) | Integer.parseInt(part);
        }
        return new IpAddress(Family.IPV4, 0, bits);
    }

    private static IpAddress parseIpv6(String text) {
        try {
            Check.argument(text.indexOf('%') < 0 && text.indexOf('[') < 0, "'%s' is not an IPv6 address", text);
            byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
            if (bytes.length == 4) { // The JDK folds ::ffff:a.b.c.d into IPv4; the number stays an IPv6 one here.
                return new IpAddress(Family.IPV6, 0, 0xffff_0000_0000L | ofBytes(bytes).low);
            }
            return ofBytes(bytes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IP address (expected for example fd00::1 or 10.32.0.1)", e);
        }
    }
}
