package io.weavemesh.dns;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpAddress.Family;
import java.util.Arrays;

/**
 * Distinct addresses of one family as answers need them: octets one behind the other, those of the near peer first. Immutable.
 *
 * <p>They are those of containers that are well, or all if none is: health never empties an answer.
 */
final class PackedAddresses {

    static final PackedAddresses NONE = new PackedAddresses(new byte[0], 4, 0);

    private final byte[] octets;
    private final int size;
    private final int near;

    private PackedAddresses(byte[] octets, int size, int near) {
        this.octets = octets;
        this.size = size;
        this.near = near;
    }

    /** Those of some holders, which are in the order {@link Holder#BY_ADDRESS}. */
    static PackedAddresses of(Holder[] holders, Family family) {
        int size = family.bits() / 8;
        boolean anyWell = false;
        int most = 0;
        for (Holder holder : holders) {
            if (holder.row().address().family() == family) {
                anyWell |= holder.row().healthy();
                most++;
            }
        }
        if (most == 0) {
            return NONE;
        }
        byte[] octets = new byte[most * size];
        int near = collect(holders, family, anyWell, true, octets, 0);
        int count = collect(holders, family, anyWell, false, octets, near);
        return new PackedAddresses(count == most ? octets : Arrays.copyOf(octets, count * size), size, near);
    }

    /** One address. */
    static PackedAddresses of(IpAddress address) {
        byte[] octets = address.bytes();
        return new PackedAddresses(octets, octets.length, 0);
    }

    /** Appends those that are near, or those that are not; returns how many there are now. */
    private static int collect(
            Holder[] holders, Family family, boolean onlyWell, boolean wantNear, byte[] into, int before) {
        int count = before;
        int next = 0;
        while (next < holders.length) {
            IpAddress address = holders[next].row().address();
            boolean well = false;
            boolean near = false;
            for (; next < holders.length && holders[next].row().address().equals(address); next++) {
                well |= holders[next].row().healthy();
                near |= holders[next].near();
            }
            if (address.family() == family && near == wantNear && (well || !onlyWell)) {
                byte[] octets = address.bytes();
                System.arraycopy(octets, 0, into, count * octets.length, octets.length);
                count++;
            }
        }
        return count;
    }

    int count() {
        return octets.length / size;
    }

    boolean isEmpty() {
        return octets.length == 0;
    }

    /** The first of them as a number, if they are of IPv4. */
    int bits() {
        return MessageFormat.u16(octets, 0) << 16 | MessageFormat.u16(octets, 2);
    }

    IpAddress get(int index) {
        return IpAddress.ofBytes(Arrays.copyOfRange(octets, index * size, (index + 1) * size));
    }

    /** Octets of one address: 4 or 16. */
    int size() {
        return size;
    }

    /** How many of them, from the first, are the near peer's. */
    int near() {
        return near;
    }

    /** All of them, {@link #size} octets each. */
    byte[] octets() {
        return octets;
    }

    /** Whether the other has the same addresses. */
    boolean isSame(PackedAddresses other) {
        return Arrays.equals(octets, other.octets);
    }
}
