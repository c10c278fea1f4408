package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import java.util.Arrays;

/**
 * What a resolver answered, and for how long that may be kept. Without the OPT record, which is between two neighbours only
 * (RFC 6891 s6.1.1), and without what stands behind that. Immutable.
 *
 * <p>An answer is kept as a whole for as long as its shortest-lived record. One that has nothing of the type asked for lives
 * by its SOA record (RFC 2308 s5), and not at all without one.
 */
public final class UpstreamAnswer {

    /** RFC 8767 s4 leaves the cap open; what changes less often than once a day can be asked once a day. */
    static final int MAX_SECONDS = 86_400;

    /** RFC 2308 s5: one to three hours have been found to work well. */
    static final int MAX_NEGATIVE_SECONDS = 3_600;

    /** SERIAL, REFRESH, RETRY, EXPIRE and MINIMUM, behind two names of at least one octet (RFC 1035 s3.3.13). */
    private static final int SHORTEST_SOA = 22;

    private final byte[] packet;
    private final int[] ttls;
    private final int longestTtl;
    private final int lifetimeSeconds;

    private UpstreamAnswer(byte[] packet, int[] ttls, int longestTtl, int lifetimeSeconds) {
        this.packet = packet;
        this.ttls = ttls;
        this.longestTtl = longestTtl;
        this.lifetimeSeconds = lifetimeSeconds;
    }

    /**
     * Reads an answer that repeats the question.
     *
     * @param type the type asked for
     * @throws MalformedMessageException if it is no message, or its OPT record holds the rest of an error code
     */
    static UpstreamAnswer read(byte[] message, int length, int questionEnd, int type) {
        int answers = u16(message, ANCOUNT);
        int others = answers + u16(message, NSCOUNT);
        int count = others + u16(message, ARCOUNT);
        // The counts may claim more records than the message has room for, each of which takes 11 octets or more.
        int[] ttls = new int[Math.min(count, length / OPT_LENGTH)];
        long shortest = MAX_SECONDS;
        long negative = 0;
        boolean found = false;
        int at = questionEnd;
        int kept = 0;
        for (; kept < count; kept++) {
            int tail = WireName.skip(message, length, at);
            int data = tail + RECORD_TAIL;
            require(data <= length, "a record runs over the end of the message");
            int end = data + u16(message, tail + 8);
            require(end <= length, "a record's data runs over the end of the message");
            int present = u16(message, tail);
            if (kept >= others && present == TYPE_OPT) {
                require(u8(message, tail + 4) == 0, "the error code is an extended one");
                break;
            }
            ttls[kept] = tail + 4;
            shortest = Math.min(shortest, ttl(message, tail + 4));
            found |= kept < answers && (present == type || type == TYPE_ANY);
            if (kept >= answers && kept < others && present == TYPE_SOA) {
                require(end - data >= SHORTEST_SOA, "an SOA record is too short");
                negative = Math.min(MAX_NEGATIVE_SECONDS, ttl(message, end - 4));
            }
            at = end;
        }
        byte[] packet = Arrays.copyOf(message, at);
        put16(packet, ARCOUNT, Math.max(0, kept - others));
        int lifetime = (int) (found ? shortest : Math.min(shortest, negative));
        return new UpstreamAnswer(packet, Arrays.copyOf(ttls, kept), found ? MAX_SECONDS : lifetime, lifetime);
    }

    /** A TTL with its first bit set is a large one (RFC 8767 s4). */
    private static long ttl(byte[] message, int at) {
        return Integer.toUnsignedLong(u16(message, at) << 16 | u16(message, at + 2));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new MalformedMessageException(message);
        }
    }

    /** For how long it may be kept; 0 if not at all. */
    int lifetimeSeconds() {
        return lifetimeSeconds;
    }

    /** The memory it takes. */
    int bytes() {
        return packet.length + Integer.BYTES * ttls.length;
    }

    /** The second and third octet of the header. */
    int flags() {
        return u16(packet, FLAGS);
    }

    int length() {
        return packet.length;
    }

    /** A copy with room behind it, in which what is left of each TTL after some seconds is written. */
    byte[] aged(int seconds, int room) {
        byte[] copy = Arrays.copyOf(packet, packet.length + room);
        for (int at : ttls) {
            put32(copy, at, (int) Math.max(0, Math.min(longestTtl, ttl(packet, at)) - seconds));
        }
        return copy;
    }

    /** A copy with room behind it, in which each TTL is the same. */
    byte[] withTtl(int seconds, int room) {
        byte[] copy = Arrays.copyOf(packet, packet.length + room);
        for (int at : ttls) {
            put32(copy, at, seconds);
        }
        return copy;
    }
}
