package io.weavemesh.dns;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import java.util.Arrays;
import java.util.Comparator;

/**
 * What there is at one name: its distinct addresses, packed as answers need them. Immutable.
 *
 * <p>At the reverse name of an address, such as {@code 1.0.32.10.in-addr.arpa.}, it is one pointer instead. A name without
 * records but with names below it is an empty non-terminal: it exists (RFC 8020 s2).
 */
final class NameNode implements NameTable.Slot {

    private static final byte[] NOTHING = new byte[0];

    /** What is found at a name that does not exist. */
    static final NameNode ABSENT = new NameNode(NOTHING, 0, false, new Holder[0], 0, NOTHING, NOTHING, NOTHING);

    private static final Comparator<NameRow> PREFERRED_NAME =
            Comparator.comparing(NameNode::isIdentifier).thenComparing(NameRow::name);

    private final byte[] key;
    private final int hash;
    private final boolean reverse;
    private final Holder[] holders;
    private final int below;
    private final byte[] ipv4;
    private final byte[] ipv6;
    private final byte[] pointer;

    private NameNode(
            byte[] key,
            int hash,
            boolean reverse,
            Holder[] holders,
            int below,
            byte[] ipv4,
            byte[] ipv6,
            byte[] pointer) {
        this.key = key;
        this.hash = hash;
        this.reverse = reverse;
        this.holders = holders;
        this.below = below;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.pointer = pointer;
    }

    /** A name without anything yet. */
    static NameNode ofName(byte[] key) {
        int hash = NameTable.hash(key, key.length);
        return new NameNode(key, hash, false, ABSENT.holders, 0, NOTHING, NOTHING, NOTHING);
    }

    /** The reverse name of an address without anything yet. */
    static NameNode ofReverse(byte[] key) {
        int hash = NameTable.hash(key, key.length);
        return new NameNode(key, hash, true, ABSENT.holders, 0, NOTHING, NOTHING, NOTHING);
    }

    /** With this holder, or with it in the place of the one it replaces. */
    NameNode plus(Holder holder) {
        int index = indexOf(holder);
        Holder[] changed = Arrays.copyOf(holders, index < 0 ? holders.length + 1 : holders.length);
        changed[index < 0 ? holders.length : index] = holder;
        IpAddress address = holder.row().address();
        if (reverse || holds(address)) {
            return with(changed, ipv4, ipv6);
        }
        byte[] octets = address.bytes();
        return address.isIpv4() ? with(changed, joined(ipv4, octets), ipv6) : with(changed, ipv4, joined(ipv6, octets));
    }

    /** Without this holder. */
    NameNode minus(Holder holder) {
        int index = indexOf(holder);
        if (index < 0) {
            return this;
        }
        Holder[] changed = new Holder[holders.length - 1];
        System.arraycopy(holders, 0, changed, 0, index);
        System.arraycopy(holders, index + 1, changed, index, changed.length - index);
        IpAddress address = holder.row().address();
        NameNode node = with(changed, ipv4, ipv6);
        if (reverse || node.holds(address)) {
            return node;
        }
        byte[] octets = address.bytes();
        return address.isIpv4() ? with(changed, cut(ipv4, octets), ipv6) : with(changed, ipv4, cut(ipv6, octets));
    }

    /** With so many names with records below it. */
    NameNode withBelow(int newBelow) {
        return new NameNode(key, hash, reverse, holders, newBelow, ipv4, ipv6, pointer);
    }

    private NameNode with(Holder[] changed, byte[] newIpv4, byte[] newIpv6) {
        return new NameNode(key, hash, reverse, changed, below, newIpv4, newIpv6, reverse ? pointer(changed) : NOTHING);
    }

    private boolean holds(IpAddress address) {
        for (Holder holder : holders) {
            if (holder.row().address().equals(address)) {
                return true;
            }
        }
        return false;
    }

    private int indexOf(Holder holder) {
        for (int i = 0; i < holders.length; i++) {
            if (holder.replaces(holders[i])) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] joined(byte[] packed, byte[] octets) {
        byte[] result = Arrays.copyOf(packed, packed.length + octets.length);
        System.arraycopy(octets, 0, result, packed.length, octets.length);
        return result;
    }

    private static byte[] cut(byte[] packed, byte[] octets) {
        int at = 0;
        while (!Arrays.equals(packed, at, at + octets.length, octets, 0, octets.length)) {
            at += octets.length;
        }
        byte[] result = new byte[packed.length - octets.length];
        System.arraycopy(packed, 0, result, 0, at);
        System.arraycopy(packed, at + octets.length, result, at, result.length - at);
        return result;
    }

    /** Of several names the first in order, as the forerunner did, but a container's identifier only if there is no other. */
    private static byte[] pointer(Holder[] holders) {
        return Arrays.stream(holders)
                .map(Holder::row)
                .min(PREFERRED_NAME)
                .map(row -> WireName.of(row.name()))
                .orElse(NOTHING);
    }

    /** Docker gives every container the start of its identifier as an alias; people want to see another name. */
    private static boolean isIdentifier(NameRow row) {
        String name = row.name().value();
        return row.container().value().startsWith(name.substring(0, name.indexOf('.')));
    }

    /** Whether there is no such name. */
    boolean isAbsent() {
        return holders.length == 0 && below == 0;
    }

    boolean isReverse() {
        return reverse;
    }

    byte[] key() {
        return key;
    }

    int hash() {
        return hash;
    }

    boolean isAt(byte[] name, int length) {
        return Arrays.equals(key, 0, key.length, name, 0, length);
    }

    int holderCount() {
        return holders.length;
    }

    boolean hasRecords() {
        return holders.length > 0;
    }

    int below() {
        return below;
    }

    /** Distinct IPv4 addresses, four octets each; empty if there are none. */
    byte[] ipv4() {
        return ipv4;
    }

    /** Distinct IPv6 addresses, sixteen octets each; empty if there are none. */
    byte[] ipv6() {
        return ipv6;
    }

    /** The name an address has; empty unless this is a reverse name. */
    byte[] pointer() {
        return pointer;
    }
}
