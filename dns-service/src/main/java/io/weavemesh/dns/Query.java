package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import org.jspecify.annotations.Nullable;

/**
 * A packet and what it asks. Read into the same object over and over, so that reading allocates nothing; it belongs to one
 * thread, and holds until the next read.
 */
public final class Query {

    /** What a packet is. */
    enum Kind {
        QUESTION,
        /** An answer, or shorter than a header. */
        NO_QUERY,
        /** A query for something else than an answer, such as an update (RFC 1035 s4.1.1, OPCODE). */
        OTHER_OPERATION,
        MALFORMED
    }

    private final WireName name = new WireName();
    private byte[] packet = new byte[0];
    private Kind kind = Kind.NO_QUERY;

    /** What there is at the name, if it was looked up before the question is answered. */
    private @Nullable NameNode found;

    private int flags;
    private int type;
    private int questionClass;
    private int questionEnd;
    private boolean edns;
    private int ednsVersion;
    private int ednsSize;
    private boolean dnssecOk;

    /** Reads the packet in the first bytes of an array, whatever it is. They must stay as they are until it is answered. */
    public void take(byte[] newPacket, int length) {
        packet = newPacket;
        found = null;
        if (length < HEADER_LENGTH || (u16(packet, FLAGS) & QR) != 0) {
            kind = Kind.NO_QUERY;
        } else if ((u16(packet, FLAGS) & OPCODE) != 0) {
            kind = Kind.OTHER_OPERATION;
        } else {
            try {
                read(packet, length);
                kind = Kind.QUESTION;
            } catch (MalformedMessageException e) {
                kind = Kind.MALFORMED;
            }
        }
    }

    /**
     * Reads a packet that has at least a whole header.
     *
     * @throws MalformedMessageException if it is not a message with exactly one question (RFC 9619 s4) and at most one
     *     OPT record, to be answered by FORMERR
     */
    void read(byte[] message, int length) {
        flags = u16(message, FLAGS);
        edns = false;
        ednsVersion = 0;
        ednsSize = UDP_SIZE_WITHOUT_EDNS;
        dnssecOk = false;
        require(u16(message, QDCOUNT) == 1, "there is not exactly one question");
        name.read(message, length, HEADER_LENGTH);
        questionEnd = name.end() + QUESTION_TAIL;
        require(questionEnd <= length, "the question runs over the end of the message");
        type = u16(message, name.end());
        questionClass = u16(message, name.end() + 2);
        int records = u16(message, ANCOUNT) + u16(message, NSCOUNT);
        int additional = u16(message, ARCOUNT);
        int at = questionEnd;
        for (int i = 0; i < records + additional; i++) {
            int tail = WireName.skip(message, length, at);
            int data = tail + RECORD_TAIL;
            require(data <= length, "a record runs over the end of the message");
            int end = data + u16(message, tail + 8);
            require(end <= length, "a record's data runs over the end of the message");
            if (i >= records && u16(message, tail) == TYPE_OPT) {
                require(!edns, "there is more than one OPT record"); // RFC 6891 s6.1.1
                require(tail == at + 1, "the OPT record's name is not the root"); // RFC 6891 s6.1.2
                readOptions(message, tail, data, end);
            }
            at = end;
        }
    }

    private void readOptions(byte[] message, int tail, int data, int end) {
        edns = true;
        ednsSize = Math.max(UDP_SIZE_WITHOUT_EDNS, u16(message, tail + 2)); // RFC 6891 s6.2.3
        ednsVersion = u8(message, tail + 5);
        dnssecOk = (u16(message, tail + 6) & DO) != 0;
        int at = data;
        while (at < end) { // RFC 6891 s6.1.2: OPTION-CODE (2), OPTION-LENGTH (2), OPTION-DATA
            require(at + 4 <= end, "an EDNS option runs over the end of its record");
            at += 4 + u16(message, at + 2);
            require(at <= end, "an EDNS option's data runs over the end of its record");
        }
    }

    /** The array the packet is in. */
    byte[] packet() {
        return packet;
    }

    Kind kind() {
        return kind;
    }

    /** Keeps what there is at the name, so that it need not be looked up when the question is answered. */
    void keep(NameNode node) {
        found = node;
    }

    /** What there is at the name: as it is kept, or in the zone. */
    NameNode node(Zone zone) {
        NameNode node = found;
        return node == null ? zone.find(name) : node;
    }

    /** The name asked for, in lower case. */
    WireName name() {
        return name;
    }

    /** The second and third octet of the header. */
    int flags() {
        return flags;
    }

    int type() {
        return type;
    }

    int questionClass() {
        return questionClass;
    }

    /** Where the question ends; it begins at the header's end. */
    int questionEnd() {
        return questionEnd;
    }

    /** Whether there is an OPT record. */
    boolean edns() {
        return edns;
    }

    int ednsVersion() {
        return ednsVersion;
    }

    boolean dnssecOk() {
        return dnssecOk;
    }

    /** The largest answer over UDP: what the asker takes, but no more than we send. */
    int udpLimit() {
        return Math.min(ednsSize, UDP_SIZE);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new MalformedMessageException(message);
        }
    }
}
