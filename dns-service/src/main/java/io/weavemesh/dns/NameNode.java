package io.weavemesh.dns;

import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpAddress.Family;
import java.util.Arrays;
import java.util.Optional;

/**
 * What there is at one name: its addresses, and who holds them. Immutable.
 *
 * <p>Nearly all names have one IPv4 address. That is kept in the node itself, since a question about one of many names takes as
 * long as it takes to fetch what is looked at from memory; an array within an object would be two places more.
 *
 * <p>At the reverse name of an address, such as {@code 1.0.32.10.in-addr.arpa.}, it is one pointer instead. A name without
 * records but with names below it is an empty non-terminal: it exists (RFC 8020 s2).
 */
final class NameNode {

    private static final byte[] NOTHING = new byte[0];
    private static final Holder[] NOBODY = {};

    /** What is found at a name that does not exist. */
    static final NameNode ABSENT =
            new NameNode(NOTHING, 0, false, NOBODY, 0, PackedAddresses.NONE, PackedAddresses.NONE, NOTHING);

    private final byte[] key;
    private final int hash;
    private final boolean reverse;
    private final Holder[] holders;
    private final int below;
    private final PackedAddresses ipv4;
    private final PackedAddresses ipv6;
    private final byte[] pointer;
    private final boolean oneIpv4;
    private final int onlyIpv4;

    /** Whether there is no such name: kept, so that a question need not look at the holders. */
    private final boolean absent;

    private NameNode(
            byte[] key,
            int hash,
            boolean reverse,
            Holder[] holders,
            int below,
            PackedAddresses ipv4,
            PackedAddresses ipv6,
            byte[] pointer) {
        this.key = key;
        this.hash = hash;
        this.reverse = reverse;
        this.holders = holders;
        this.below = below;
        this.oneIpv4 = ipv4.count() == 1;
        this.onlyIpv4 = oneIpv4 ? ipv4.bits() : 0;
        this.ipv4 = oneIpv4 ? PackedAddresses.NONE : ipv4;
        this.ipv6 = ipv6;
        this.pointer = pointer;
        this.absent = holders.length == 0 && below == 0;
    }

    /** A name without anything yet. */
    static NameNode ofName(byte[] key) {
        return empty(key, false);
    }

    /** The reverse name of an address without anything yet. */
    static NameNode ofReverse(byte[] key) {
        return empty(key, true);
    }

    private static NameNode empty(byte[] key, boolean reverse) {
        int hash = NameTable.hash(key, key.length);
        return new NameNode(key, hash, reverse, NOBODY, 0, PackedAddresses.NONE, PackedAddresses.NONE, NOTHING);
    }

    /** With this holder, or with it in the place of the one that said the same. */
    NameNode plus(Holder holder) {
        int index = indexOf(holder);
        if (index >= 0) {
            Holder[] changed = holders.clone();
            changed[index] = holder;
            return with(changed);
        }
        int at = -index - 1;
        Holder[] changed = new Holder[holders.length + 1];
        System.arraycopy(holders, 0, changed, 0, at);
        changed[at] = holder;
        System.arraycopy(holders, at, changed, at + 1, holders.length - at);
        return with(changed);
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
        return with(changed);
    }

    /** The holder here that says the same as this one, maybe with other details. */
    Optional<Holder> same(Holder holder) {
        int index = indexOf(holder);
        return index < 0 ? Optional.empty() : Optional.of(holders[index]);
    }

    /** With so many names with records below it. */
    NameNode withBelow(int newBelow) {
        return new NameNode(key, hash, reverse, holders, newBelow, ipv4(), ipv6, pointer);
    }

    private NameNode with(Holder[] changed) {
        if (reverse) {
            return new NameNode(key, hash, true, changed, below, ipv4, ipv6, pointer(changed));
        }
        PackedAddresses newIpv4 = PackedAddresses.of(changed, Family.IPV4);
        PackedAddresses newIpv6 = PackedAddresses.of(changed, Family.IPV6);
        return new NameNode(key, hash, false, changed, below, newIpv4, newIpv6, NOTHING);
    }

    private byte[] pointer(Holder[] changed) {
        if (changed.length == 0) {
            return NOTHING;
        }
        boolean same = holders.length > 0
                && holders[0].row().name().equals(changed[0].row().name());
        return same ? pointer : WireName.of(changed[0].row().name());
    }

    private int indexOf(Holder holder) {
        return Arrays.binarySearch(holders, holder, reverse ? Holder.BY_NAME : Holder.BY_ADDRESS);
    }

    /** Whether there is no such name. */
    boolean isAbsent() {
        return absent;
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

    /** Whether its IPv4 addresses are just one. */
    boolean hasOneIpv4() {
        return oneIpv4;
    }

    /** That one, if there is just one. */
    int onlyIpv4() {
        return onlyIpv4;
    }

    /** Its IPv4 addresses; if there is just one, made anew at each call. */
    PackedAddresses ipv4() {
        return oneIpv4 ? PackedAddresses.of(holders, Family.IPV4) : ipv4;
    }

    PackedAddresses ipv6() {
        return ipv6;
    }

    /** The name an address has; empty unless this is a reverse name. */
    byte[] pointer() {
        return pointer;
    }

    /** Whether the name has this address, given or held back. */
    boolean holds(IpAddress address) {
        return Arrays.stream(holders).anyMatch(holder -> holder.row().address().equals(address));
    }

    /** Whether anybody serves any port over a transport here. */
    boolean servesBy(ExposedPort.Transport transport) {
        return Arrays.stream(holders)
                .flatMap(holder -> holder.row().ports().stream())
                .anyMatch(port -> port.transport() == transport);
    }

    /** Those of its addresses at which a port is served. */
    Served serving(ExposedPort port) {
        Holder[] serving = Arrays.stream(holders)
                .filter(holder -> holder.row().ports().contains(port))
                .toArray(Holder[]::new);
        PackedAddresses servingIpv4 = PackedAddresses.of(serving, Family.IPV4);
        PackedAddresses servingIpv6 = PackedAddresses.of(serving, Family.IPV6);
        return new Served(servingIpv4, servingIpv6, servingIpv4.isSame(ipv4()) && servingIpv6.isSame(ipv6));
    }

    /**
     * Where a port is served.
     *
     * @param everywhere whether those are just the addresses the name has
     */
    record Served(PackedAddresses ipv4, PackedAddresses ipv6, boolean everywhere) {
        boolean isEmpty() {
            return ipv4.isEmpty() && ipv6.isEmpty();
        }
    }
}
