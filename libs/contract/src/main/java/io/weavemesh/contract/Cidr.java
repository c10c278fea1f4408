package io.weavemesh.contract;

/**
 * An address with a prefix length: a subnet when the host bits are zero ({@code 10.32.0.0/12}), an interface address
 * otherwise ({@code 10.32.0.1/12}). Not an arbitrary range.
 *
 * @param address any address; its host bits are kept
 * @param prefix prefix length in bits, 0 to 32 or 0 to 128
 */
public record Cidr(IpAddress address, int prefix) implements Comparable<Cidr> {

    public Cidr {
        Check.argument(
                prefix >= 0 && prefix <= address.family().bits(),
                "prefix length %d of %s is not between 0 and %d",
                prefix,
                address,
                address.family().bits());
    }

    /** An address that is alone, in no subnet: {@code 192.0.2.7/32}. */
    public static Cidr alone(IpAddress address) {
        return new Cidr(address, address.family().bits());
    }

    /**
     * Reads {@code 10.32.0.1/12}.
     *
     * @throws IllegalArgumentException if the text is not an address, a slash and a prefix length
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String length = slash < 0 ? "" : text.substring(slash + 1);
        boolean decimal =
                !length.isEmpty() && length.length() <= 3 && length.chars().allMatch(c -> c >= '0' && c <= '9');
        Check.argument(decimal, "'%s' is not a CIDR (expected for example 10.32.0.0/12)", text);
        try {
            return new Cidr(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(length));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not a CIDR: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a subnet: a CIDR without host bits.
     *
     * @throws IllegalArgumentException if it is none; the text names the subnet that was probably meant
     */
    public static Cidr parseSubnet(String text) {
        Cidr cidr = parse(text);
        Check.argument(
                cidr.isSubnet(), "'%s' is not a subnet: it has host bits set (did you mean %s?)", text, cidr.subnet());
        return cidr;
    }

    /** The subnet this address is in. */
    public Cidr subnet() {
        return new Cidr(first(), prefix);
    }

    public boolean isSubnet() {
        return address.equals(first());
    }

    /** The lowest address, which is the network address of an IPv4 subnet. */
    public IpAddress first() {
        return new IpAddress(address.family(), address.high() & highMask(), address.low() & lowMask());
    }

    /** The highest address, which is the broadcast address of an IPv4 subnet. */
    public IpAddress last() {
        long lowLimit = address.isIpv4() ? 0xffff_ffffL : -1L;
        long highLimit = address.isIpv4() ? 0 : -1L;
        return new IpAddress(
                address.family(), address.high() | (~highMask() & highLimit), address.low() | (~lowMask() & lowLimit));
    }

    public boolean contains(IpAddress other) {
        return other.family() == address.family() && first().compareTo(other) <= 0 && other.compareTo(last()) <= 0;
    }

    public boolean contains(Cidr other) {
        return other.prefix >= prefix && contains(other.address);
    }

    public boolean overlaps(Cidr other) {
        return contains(other.first()) || other.contains(first());
    }

    /** Bits behind the prefix: the subnet has two to the power of this many addresses. */
    public int hostBits() {
        return address.family().bits() - prefix;
    }

    @Override
    public int compareTo(Cidr other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }

    private long highMask() {
        if (address.isIpv4() || prefix == 0) {
            return 0;
        }
        return prefix >= 64 ? -1L : -1L << (64 - prefix);
    }

    private long lowMask() {
        int bitsInLow = address.isIpv4() ? prefix + 32 : prefix - 64;
        if (bitsInLow <= 0) {
            return 0;
        }
        return bitsInLow >= 64 ? -1L : -1L << (64 - bitsInLow);
    }
}
