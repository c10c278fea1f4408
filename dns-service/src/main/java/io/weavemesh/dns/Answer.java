package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import java.util.random.RandomGenerator;

/**
 * Writes an answer into an array, never beyond a limit. Used over and over, so that writing allocates nothing; it belongs
 * to one thread.
 *
 * <p>Names are compressed against the question (RFC 1035 s4.1.4): the owner of an answer is the question's name itself, and
 * the zone is its end.
 */
final class Answer {

    /** RFC 6303 s3 uses this for zones nobody should write to about. */
    private static final byte[] NOBODY = {6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l', 'i', 'd', 0};

    private static final int POINTER_TO_QUESTION = 0xc000 | HEADER_LENGTH;

    /** REFRESH, RETRY and EXPIRE of the SOA, in seconds; as nobody transfers the zone, nobody reads them. */
    private static final int[] UNUSED_TIMERS = {3600, 1200, 604_800};

    private final RandomGenerator random;
    private int[] order = new int[16];
    private byte[] message = new byte[0];
    private int limit;
    private int length;

    Answer(RandomGenerator random) {
        this.random = random;
    }

    /** Begins an answer to a packet of which only the header could be read: no question is repeated. */
    void begin(byte[] query, byte[] answer, int flags) {
        message = answer;
        limit = UDP_SIZE_WITHOUT_EDNS;
        length = HEADER_LENGTH;
        put16(answer, ID, u16(query, ID));
        put16(answer, FLAGS, QR | RA | u16(query, FLAGS) & (OPCODE | RD | CD) | flags);
        put16(answer, QDCOUNT, 0);
        put16(answer, ANCOUNT, 0);
        put16(answer, NSCOUNT, 0);
        put16(answer, ARCOUNT, 0);
    }

    /** Begins an answer to a question, which is repeated in the spelling it came in (RFC 4343 s4.1). */
    void begin(byte[] query, Query question, byte[] answer, int answerLimit, int flags) {
        begin(query, answer, flags);
        put16(answer, QDCOUNT, 1);
        System.arraycopy(query, HEADER_LENGTH, answer, HEADER_LENGTH, question.questionEnd() - HEADER_LENGTH);
        length = question.questionEnd();
        limit = question.edns() ? answerLimit - OPT_LENGTH : answerLimit;
    }

    /** Adds addresses in random order, as many as there is room for; if some are left out, says so by TC. */
    void addresses(int type, byte[] packed, int size, int ttlSeconds) {
        int count = packed.length / size;
        int fitting = Math.min(count, (limit - length) / (2 + RECORD_TAIL + size));
        shuffle(count, fitting);
        for (int i = 0; i < fitting; i++) {
            record(POINTER_TO_QUESTION, type, ttlSeconds, size);
            System.arraycopy(packed, order[i] * size, message, length, size);
            length += size;
        }
        put16(message, ANCOUNT, u16(message, ANCOUNT) + fitting);
        if (fitting < count) {
            put16(message, FLAGS, u16(message, FLAGS) | TC);
        }
    }

    /** Adds the name an address has. */
    void pointer(byte[] target, int ttlSeconds) {
        record(POINTER_TO_QUESTION, TYPE_PTR, ttlSeconds, target.length);
        bytes(target);
        put16(message, ANCOUNT, u16(message, ANCOUNT) + 1);
    }

    /** Adds the zone's NS record to the answer section. As in RFC 6303 s3 the zone itself is named. */
    void nameServer(int zoneName, int ttlSeconds) {
        record(zoneName, TYPE_NS, ttlSeconds, 2);
        put16(message, length, zoneName);
        length += 2;
        put16(message, ANCOUNT, u16(message, ANCOUNT) + 1);
    }

    /**
     * Adds the zone's SOA record to a section. Its MINIMUM, like its TTL, is how long a negative answer may be kept
     * (RFC 2308 s5).
     *
     * @param section offset of the section's count in the header
     * @param zoneName a pointer to the zone's name in the message, or none if it has to be written
     */
    void startOfAuthority(int section, int zoneName, byte[] domain, int serial, int ttlSeconds) {
        int owner = zoneName;
        if (owner == NO_POINTER) {
            owner = 0xc000 | length;
            bytes(domain);
            recordTail(TYPE_SOA, ttlSeconds, 2 + NOBODY.length + 20);
        } else {
            record(owner, TYPE_SOA, ttlSeconds, 2 + NOBODY.length + 20);
        }
        put16(message, length, owner);
        length += 2;
        bytes(NOBODY);
        put32(message, length, serial);
        put32(message, length + 4, UNUSED_TIMERS[0]);
        put32(message, length + 8, UNUSED_TIMERS[1]);
        put32(message, length + 12, UNUSED_TIMERS[2]);
        put32(message, length + 16, ttlSeconds);
        length += 20;
        put16(message, section, u16(message, section) + 1);
    }

    /** The zone's name is not in the message yet. */
    static final int NO_POINTER = 0;

    /** A pointer to the end of the question's name, from where the zone's name begins. */
    static int pointerToZone(Query question, byte[] domain) {
        return 0xc000 | HEADER_LENGTH + question.name().length() - domain.length;
    }

    /** Ends the answer, with an OPT record if the question had one (RFC 6891 s6.1.1). */
    int end(Query question, int extendedRcode) {
        if (question.edns()) {
            message[length++] = 0;
            put16(message, length, TYPE_OPT);
            put16(message, length + 2, UDP_SIZE);
            message[length + 4] = (byte) extendedRcode;
            message[length + 5] = 0;
            put16(message, length + 6, question.dnssecOk() ? DO : 0); // RFC 3225 s3: copied.
            put16(message, length + 8, 0);
            length += RECORD_TAIL;
            put16(message, ARCOUNT, 1);
        }
        return length;
    }

    /** Ends an answer that has a header only. */
    int end() {
        return length;
    }

    private void record(int owner, int type, int ttlSeconds, int dataLength) {
        put16(message, length, owner);
        length += 2;
        recordTail(type, ttlSeconds, dataLength);
    }

    private void recordTail(int type, int ttlSeconds, int dataLength) {
        put16(message, length, type);
        put16(message, length + 2, CLASS_IN);
        put32(message, length + 4, ttlSeconds);
        put16(message, length + 8, dataLength);
        length += RECORD_TAIL;
    }

    private void bytes(byte[] source) {
        System.arraycopy(source, 0, message, length, source.length);
        length += source.length;
    }

    /** The first steps of a Fisher-Yates shuffle: those that choose what is written. */
    private void shuffle(int count, int chosen) {
        if (order.length < count) {
            order = new int[Math.max(count, 2 * order.length)];
        }
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        for (int i = 0; i < chosen && count > 1; i++) {
            int other = i + random.nextInt(count - i);
            int swap = order[i];
            order[i] = order[other];
            order[other] = swap;
        }
    }
}
