package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import io.weavemesh.contract.IpAddress;
import java.util.Arrays;
import java.util.List;
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

    /** RFC 1035 s4.1.4. */
    private static final int POINTER = 0xc000;

    /** A pointer has 14 bits; over TCP, a message may be longer. */
    private static final int MAX_POINTED = 0x3fff;

    private static final int POINTER_TO_QUESTION = POINTER | HEADER_LENGTH;

    /** Priority, weight and port, before the name. */
    private static final int SRV_HEAD = 6;

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
    void begin(Query question, byte[] answer, int answerLimit, int flags) {
        byte[] query = question.packet();
        begin(query, answer, flags);
        put16(answer, QDCOUNT, 1);
        System.arraycopy(query, HEADER_LENGTH, answer, HEADER_LENGTH, question.questionEnd() - HEADER_LENGTH);
        length = question.questionEnd();
        limit = question.edns() ? answerLimit - OPT_LENGTH : answerLimit;
    }

    /** Gives the answer this RCODE, in place of NOERROR. */
    void rcode(int rcode) {
        put16(message, FLAGS, u16(message, FLAGS) | rcode);
    }

    /** Adds the only IPv4 address of the name asked for, or says by TC that there is no room. */
    void address(int ipv4, int ttlSeconds) {
        if (2 + RECORD_TAIL + Integer.BYTES > room()) {
            truncated();
            return;
        }
        record(POINTER_TO_QUESTION, TYPE_A, ttlSeconds, Integer.BYTES);
        put32(message, length, ipv4);
        length += Integer.BYTES;
        count(ANCOUNT, 1);
    }

    /**
     * Adds the addresses of the name asked for: those the asker reaches first, and of them those of the near peer, otherwise
     * in random order. As many as there is room for; if some are left out, says so by TC.
     */
    void addresses(int type, PackedAddresses addresses, Asker asker, int ttlSeconds) {
        int fitting = Math.min(addresses.count(), room() / (2 + RECORD_TAIL + addresses.size()));
        records(ANCOUNT, POINTER_TO_QUESTION, type, addresses, asker, fitting, ttlSeconds);
        if (fitting < addresses.count()) {
            truncated();
        }
    }

    /**
     * Adds the addresses of another name to the additional section, or none if there is no room for all (RFC 2181 s9).
     *
     * @param owner where the name is in the message, as {@link #service} says
     */
    void furtherAddresses(int owner, int type, PackedAddresses addresses, Asker asker, int ttlSeconds) {
        boolean fits = addresses.count() * (2 + RECORD_TAIL + addresses.size()) <= room();
        if (fits && owner != LEFT_OUT && owner <= MAX_POINTED) {
            records(ARCOUNT, POINTER | owner, type, addresses, asker, addresses.count(), ttlSeconds);
        }
    }

    /** Addresses in the order they would be added in. */
    List<IpAddress> inOrder(PackedAddresses addresses, Asker asker) {
        arrange(addresses, asker, addresses.count());
        return Arrays.stream(order, 0, addresses.count())
                .mapToObj(addresses::get)
                .toList();
    }

    private void records(
            int section, int owner, int type, PackedAddresses addresses, Asker asker, int fitting, int ttlSeconds) {
        int size = addresses.size();
        arrange(addresses, asker, fitting);
        for (int i = 0; i < fitting; i++) {
            record(owner, type, ttlSeconds, size);
            System.arraycopy(addresses.octets(), order[i] * size, message, length, size);
            length += size;
        }
        count(section, fitting);
    }

    /**
     * Adds a service at a port of a host, or says by TC that there was no room. Priority and weight are 0: there is nothing
     * to choose by. The host's name is not compressed (RFC 2782).
     *
     * @param label what to put before the host's name; empty for the host itself
     * @return where the whole name is in the message, or {@link #LEFT_OUT}
     */
    int service(int port, byte[] label, byte[] host, int ttlSeconds) {
        int labelLength = label.length == 0 ? 0 : 1 + label.length;
        int dataLength = SRV_HEAD + labelLength + host.length;
        if (2 + RECORD_TAIL + dataLength > room() || labelLength + host.length > WireName.MAX_LENGTH) {
            truncated();
            return LEFT_OUT;
        }
        record(POINTER_TO_QUESTION, TYPE_SRV, ttlSeconds, dataLength);
        put32(message, length, 0);
        put16(message, length + 4, port);
        length += SRV_HEAD;
        int target = length;
        if (labelLength > 0) {
            message[length++] = (byte) label.length;
            bytes(label);
        }
        bytes(host);
        count(ANCOUNT, 1);
        return target;
    }

    private int room() {
        return limit - length;
    }

    private void truncated() {
        put16(message, FLAGS, u16(message, FLAGS) | TC);
    }

    private void count(int section, int more) {
        put16(message, section, u16(message, section) + more);
    }

    /** Adds the name an address has. */
    void pointer(byte[] target, int ttlSeconds) {
        record(POINTER_TO_QUESTION, TYPE_PTR, ttlSeconds, target.length);
        bytes(target);
        count(ANCOUNT, 1);
    }

    /** Adds the zone's NS record to the answer section. As in RFC 6303 s3 the zone itself is named. */
    void nameServer(int zoneName, int ttlSeconds) {
        record(zoneName, TYPE_NS, ttlSeconds, 2);
        put16(message, length, zoneName);
        length += 2;
        count(ANCOUNT, 1);
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
            owner = POINTER | length;
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
        count(section, 1);
    }

    /** Where a name is for which there was no room. */
    static final int LEFT_OUT = 0;

    /** The zone's name is not in the message yet. */
    static final int NO_POINTER = 0;

    /** A pointer to the end of the question's name, from where the zone's name begins. */
    static int pointerToZone(Query question, byte[] domain) {
        return POINTER | HEADER_LENGTH + question.name().length() - domain.length;
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
            count(ARCOUNT, 1);
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

    /** Puts the numbers of those to be written in order: the best reached first, each kind in random order. */
    private void arrange(PackedAddresses addresses, Asker asker, int chosen) {
        int count = addresses.count();
        if (order.length < count) {
            order = new int[Math.max(count, 2 * order.length)];
        }
        int placed = 0;
        for (int rank = 0; placed < chosen; rank++) {
            int first = placed;
            for (int i = 0; i < count; i++) {
                if (rank(addresses, asker, i) == rank) {
                    order[placed++] = i;
                }
            }
            shuffle(first, placed, chosen);
        }
    }

    /** 0 is best. Without anything to tell them apart, all are. */
    private static int rank(PackedAddresses addresses, Asker asker, int index) {
        int size = addresses.size();
        int distance = asker.isKnown() && !asker.reaches(addresses.octets(), index * size, size) ? 2 : 0;
        return distance + (addresses.near() > 0 && index >= addresses.near() ? 1 : 0);
    }

    /** The steps of a Fisher-Yates shuffle that choose what is written. */
    private void shuffle(int first, int end, int chosen) {
        for (int i = first; i < Math.min(end - 1, chosen); i++) {
            int other = i + random.nextInt(end - i);
            int swap = order[i];
            order[i] = order[other];
            order[other] = swap;
        }
    }
}
