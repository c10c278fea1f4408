package io.weavemesh.dns.edge;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of {@code struct mmsghdr}, with the packets, addresses and ancillary data they point to, outside the heap. Used
 * over and over by one thread; reading and answering allocate nothing.
 *
 * <pre>
 * recvmmsg(2), sendmmsg(2), recvmsg(2), on LP64:
 *  0 msg_name       8   where the packet is from, or goes to: a struct sockaddr_in or sockaddr_in6
 *  8 msg_namelen    4   (and 4 of padding)
 * 16 msg_iov        8   one struct iovec: address (8), length (8)
 * 24 msg_iovlen     8
 * 32 msg_control    8   at most one struct cmsghdr: length (8), level (4), type (4), data
 * 40 msg_controllen 8
 * 48 msg_flags      4   (and 4 of padding)
 * 56 msg_len        4   the packet's length, set by the kernel (and 4 of padding)
 * </pre>
 */
final class MessageArray {

    private static final int HEADER = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int LENGTH = 56;

    private static final int VECTOR_BYTES = 16;
    private static final int VECTOR_LENGTH = 8;

    /** A sockaddr_in6 has 28 octets. */
    private static final int NAME_BYTES = 32;

    /** A cmsghdr with an in6_pktinfo takes 40 octets, one with the length of a segment 24. */
    private static final int CONTROL_BYTES = 64;

    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    /** A cmsghdr with the length of a segment, a 16-bit number, and padding to 8 octets. */
    private static final int SEGMENT_CONTROL_BYTES = 24;

    /** In a cmsghdr's in_pktinfo: interface (4), our address (4), the packet's destination (4). */
    private static final int IPV4_INTERFACE = 16;

    /** In a cmsghdr's in6_pktinfo: our address (16), interface (4). */
    private static final int IPV6_INTERFACE = 32;

    private static final int LINE = 64;

    private final int capacity;
    private final long stride;
    private final boolean withControl;
    private final MemorySegment headers;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment octets;

    /** Of each answer: octets of its address, its ancillary data and itself. */
    private final int[] nameLengths;

    private final int[] controlLengths;
    private final int[] lengths;

    /** The answers in the order they are sent in. */
    private final int[] order;

    /** Where in the order each header begins, and behind the last one how many answers there are. */
    private final int[] firsts;

    /**
     * So many messages, in memory that lives as long as the arena.
     *
     * @param capacity the most octets a packet may have; of what is received the rest is cut
     * @param withControl whether the kernel says which address of ours a packet came to
     */
    MessageArray(Arena arena, int count, int capacity, boolean withControl) {
        this.capacity = capacity;
        // Not a power of two, or the first octets of all packets would compete for one set of the cache.
        this.stride = (capacity + LINE - 1L) / LINE * LINE + LINE;
        this.withControl = withControl;
        this.headers = arena.allocate((long) count * HEADER, LINE);
        this.vectors = arena.allocate((long) count * VECTOR_BYTES, LINE);
        this.names = arena.allocate((long) count * NAME_BYTES, LINE);
        this.controls = arena.allocate((long) count * CONTROL_BYTES, LINE);
        this.octets = arena.allocate(count * stride, LINE);
        this.nameLengths = new int[count];
        this.controlLengths = new int[count];
        this.lengths = new int[count];
        this.order = new int[count];
        this.firsts = new int[count + 1];
        for (int i = 0; i < count; i++) {
            headers.set(ADDRESS, at(i, NAME), names.asSlice((long) i * NAME_BYTES));
            headers.set(ADDRESS, at(i, VECTOR), vectors.asSlice((long) i * VECTOR_BYTES));
            headers.set(JAVA_LONG, at(i, VECTOR_COUNT), 1);
            headers.set(ADDRESS, at(i, CONTROL), controls.asSlice((long) i * CONTROL_BYTES));
            vectors.set(ADDRESS, (long) i * VECTOR_BYTES, octets.asSlice(i * stride));
            empty(i);
        }
    }

    /** What the system calls take, from a message on. */
    MemorySegment headers(int from) {
        return from == 0 ? headers : headers.asSlice(at(from, 0));
    }

    /** Makes room for a packet; the kernel left in the header how much the last one took. */
    void empty(int message) {
        headers.set(JAVA_INT, at(message, NAME_LENGTH), NAME_BYTES);
        headers.set(JAVA_LONG, at(message, CONTROL_LENGTH), withControl ? CONTROL_BYTES : 0);
        vectors.set(JAVA_LONG, (long) message * VECTOR_BYTES + VECTOR_LENGTH, capacity);
    }

    /** Copies a packet received; returns its length. */
    int read(int message, byte[] into) {
        int length = headers.get(JAVA_INT, at(message, LENGTH));
        MemorySegment.copy(octets, JAVA_BYTE, message * stride, into, 0, length);
        return length;
    }

    /** The socket addresses of all messages; that of one begins at {@link #nameAt}. */
    MemorySegment names() {
        return names;
    }

    static long nameAt(int message) {
        return (long) message * NAME_BYTES;
    }

    /** Makes a message the answer to a packet of another array: from where that came to, to where it came from. */
    void answer(int message, MessageArray other, int packet, byte[] answer, int length) {
        int nameLength = other.headers.get(JAVA_INT, at(packet, NAME_LENGTH));
        MemorySegment.copy(other.names, nameAt(packet), names, nameAt(message), nameLength);
        int controlLength = (int) other.headers.get(JAVA_LONG, at(packet, CONTROL_LENGTH));
        if (controlLength > 0) {
            MemorySegment.copy(other.controls, controlAt(packet), controls, controlAt(message), controlLength);
        }
        fill(message, nameLength, controlLength, answer, length);
    }

    /** The same when that packet is forgotten. */
    void answer(int message, Origin origin, byte[] answer, int length) {
        MemorySegment.copy(origin.name, 0, names, JAVA_BYTE, nameAt(message), origin.name.length);
        MemorySegment.copy(origin.control, 0, controls, JAVA_BYTE, controlAt(message), origin.control.length);
        fill(message, origin.name.length, origin.control.length, answer, length);
    }

    private void fill(int message, int nameLength, int controlLength, byte[] answer, int length) {
        nameLengths[message] = nameLength;
        controlLengths[message] = controlLength;
        lengths[message] = length;
        if (controlLength > 0) { // Our address is kept; which way the answer goes is for the routes to say.
            boolean ipv4 = controls.get(JAVA_INT, controlAt(message) + CMSG_LEVEL) == SocketCalls.SOL_IP;
            controls.set(JAVA_INT, controlAt(message) + (ipv4 ? IPV4_INTERFACE : IPV6_INTERFACE), 0);
        }
        MemorySegment.copy(answer, 0, octets, JAVA_BYTE, message * stride, length);
    }

    /**
     * Makes the headers for answers: one for each, or one for all that go to the same place and are of the same length, which
     * the kernel takes as segments of one (udp(7), UDP_SEGMENT).
     *
     * @return how many headers
     */
    int pack(int count, boolean segmented) {
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        int header = 0;
        int first = 0;
        while (first < count) {
            int end = segmented ? gather(first, count) : first + 1;
            header(header++, first, end);
            first = end;
        }
        firsts[header] = count;
        return header;
    }

    /** Makes the headers anew from one on, one for each answer; they begin at 0. */
    int unpack(int header, int count) {
        int made = 0;
        for (int i = firsts[header]; i < count; i++) {
            header(made++, i, i + 1);
        }
        firsts[made] = count;
        return made;
    }

    /** Moves those that go with the first answer behind it; returns where they end. */
    private int gather(int first, int count) {
        int end = first + 1;
        for (int i = end; i < count; i++) {
            if (isAlike(order[first], order[i])) {
                int alike = order[i];
                order[i] = order[end];
                order[end++] = alike;
            }
        }
        return end;
    }

    private boolean isAlike(int one, int other) {
        return lengths[one] == lengths[other]
                && isSame(names, nameAt(one), nameLengths[one], nameAt(other), nameLengths[other])
                && isSame(controls, controlAt(one), controlLengths[one], controlAt(other), controlLengths[other]);
    }

    private static boolean isSame(MemorySegment segment, long one, int length, long other, int otherLength) {
        boolean same = length == otherLength;
        for (int i = 0; same && i < length; i += Integer.BYTES) {
            same = segment.get(JAVA_INT, one + i) == segment.get(JAVA_INT, other + i);
        }
        return same;
    }

    /** The header of the answers from one place of the order to another; their vectors are there too. */
    private void header(int header, int from, int to) {
        firsts[header] = from;
        int first = order[from];
        for (int i = from; i < to; i++) {
            vectors.set(JAVA_LONG, (long) i * VECTOR_BYTES, octets.address() + order[i] * stride);
            vectors.set(JAVA_LONG, (long) i * VECTOR_BYTES + VECTOR_LENGTH, lengths[order[i]]);
        }
        headers.set(JAVA_LONG, at(header, NAME), names.address() + nameAt(first));
        headers.set(JAVA_INT, at(header, NAME_LENGTH), nameLengths[first]);
        headers.set(JAVA_LONG, at(header, VECTOR), vectors.address() + (long) from * VECTOR_BYTES);
        headers.set(JAVA_LONG, at(header, VECTOR_COUNT), to - from);
        headers.set(JAVA_LONG, at(header, CONTROL), controls.address() + controlAt(first));
        int controlLength = controlLengths[first];
        if (to - from > 1) {
            long segment = controlAt(first) + controlLength;
            controls.set(JAVA_LONG, segment, CMSG_DATA + Short.BYTES);
            controls.set(JAVA_INT, segment + CMSG_LEVEL, SocketCalls.SOL_UDP);
            controls.set(JAVA_INT, segment + CMSG_TYPE, SocketCalls.UDP_SEGMENT);
            controls.set(JAVA_SHORT, segment + CMSG_DATA, (short) lengths[first]);
            controlLength += SEGMENT_CONTROL_BYTES;
        }
        headers.set(JAVA_LONG, at(header, CONTROL_LENGTH), controlLength);
    }

    /** Where a packet came from, and which address of ours it came to, if the kernel said so. */
    static final class Origin {
        private final byte[] name;
        private final byte[] control;

        private Origin(byte[] name, byte[] control) {
            this.name = name;
            this.control = control;
        }
    }

    /** The origin of a packet; a copy that outlives it. */
    Origin origin(int packet) {
        int nameLength = headers.get(JAVA_INT, at(packet, NAME_LENGTH));
        long controlLength = headers.get(JAVA_LONG, at(packet, CONTROL_LENGTH));
        return new Origin(
                names.asSlice(nameAt(packet), nameLength).toArray(JAVA_BYTE),
                controls.asSlice(controlAt(packet), controlLength).toArray(JAVA_BYTE));
    }

    private static long controlAt(int message) {
        return (long) message * CONTROL_BYTES;
    }

    private static long at(int message, int field) {
        return (long) message * HEADER + field;
    }
}
