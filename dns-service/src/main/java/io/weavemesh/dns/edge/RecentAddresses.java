package io.weavemesh.dns.edge;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Makes addresses into objects, and keeps those made last, so that the same askers over and over cost no memory. Addresses are
 * of one family. Belongs to one thread.
 */
final class RecentAddresses {

    /** More than the containers of most hosts; two that share a place are made anew each time. */
    private static final int PLACES = 256;

    private final long offset;
    private final int size;
    private final long[] highs = new long[PLACES];
    private final long[] lows = new long[PLACES];
    private final @Nullable InetAddress[] made = new InetAddress[PLACES];

    /**
     * None yet.
     *
     * @param offset where the octets are in a socket address
     * @param size how many: 4 or 16
     */
    RecentAddresses(long offset, int size) {
        this.offset = offset;
        this.size = size;
    }

    /** The address in the socket address at a place of a segment. */
    InetAddress get(MemorySegment names, long at) {
        long from = at + offset;
        long high = size == 4 ? 0 : names.get(JAVA_LONG_UNALIGNED, from);
        long low = size == 4 ? names.get(JAVA_INT_UNALIGNED, from) : names.get(JAVA_LONG_UNALIGNED, from + 8);
        int place = (int) ((high ^ low) * 0x9e3779b97f4a7c15L >>> 56);
        InetAddress known = made[place];
        if (known != null && highs[place] == high && lows[place] == low) {
            return known;
        }
        InetAddress address = make(names, from);
        made[place] = address;
        highs[place] = high;
        lows[place] = low;
        return address;
    }

    private InetAddress make(MemorySegment names, long from) {
        try {
            // One of IPv4 in a socket of both families becomes what it is.
            return InetAddress.getByAddress(names.asSlice(from, size).toArray(JAVA_BYTE));
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 octets are always an address", e);
        }
    }
}
