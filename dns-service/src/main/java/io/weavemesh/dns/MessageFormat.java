package io.weavemesh.dns;

/**
 * The layout of a DNS message and the numbers in it, spelt as the RFCs spell them. No logic.
 *
 * <pre>
 * Header, RFC 1035 s4.1.1 (AD and CD: RFC 4035 s3)
 *      0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
 *    +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *  0 |                      ID                       |
 *  2 |QR|  OPCODE   |AA|TC|RD|RA| 0|AD|CD|   RCODE   |
 *  4 |                    QDCOUNT                    |
 *  6 |                    ANCOUNT                    |
 *  8 |                    NSCOUNT                    |
 * 10 |                    ARCOUNT                    |
 *    +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * Question, s4.1.2: NAME, TYPE (2), CLASS (2)
 * Record, s4.1.3:   NAME, TYPE (2), CLASS (2), TTL (4), RDLENGTH (2), RDATA
 * OPT, RFC 6891 s6.1: NAME 0, TYPE 41, CLASS = sender's UDP size,
 *                     TTL = EXTENDED-RCODE (1) VERSION (1) DO (1 bit) Z (15 bits), RDATA = options
 * </pre>
 */
final class MessageFormat {

    static final int ID = 0;
    static final int FLAGS = 2;
    static final int QDCOUNT = 4;
    static final int ANCOUNT = 6;
    static final int NSCOUNT = 8;
    static final int ARCOUNT = 10;
    static final int HEADER_LENGTH = 12;

    /** TYPE and CLASS behind a question's name. */
    static final int QUESTION_TAIL = 4;

    /** TYPE, CLASS, TTL and RDLENGTH behind a record's name. */
    static final int RECORD_TAIL = 10;

    /** An OPT record without options. */
    static final int OPT_LENGTH = 1 + RECORD_TAIL;

    static final int QR = 0x8000;
    static final int OPCODE = 0x7800;
    static final int AA = 0x0400;
    static final int TC = 0x0200;
    static final int RD = 0x0100;
    static final int RA = 0x0080;
    static final int AD = 0x0020;
    static final int CD = 0x0010;
    static final int RCODE = 0x000f;

    /** The DO bit in the lower half of an OPT record's TTL field, RFC 3225 s3. */
    static final int DO = 0x8000;

    static final int NOERROR = 0;
    static final int FORMERR = 1;
    static final int SERVFAIL = 2;
    static final int NXDOMAIN = 3;
    static final int NOTIMP = 4;
    static final int REFUSED = 5;

    /** The upper eight bits of RCODE 16, which go into the OPT record; the lower four are zero. RFC 6891 s9. */
    static final int BADVERS_EXTENDED = 1;

    static final int TYPE_A = 1;
    static final int TYPE_NS = 2;
    static final int TYPE_SOA = 6;
    static final int TYPE_PTR = 12;
    static final int TYPE_AAAA = 28;
    static final int TYPE_SRV = 33;
    static final int TYPE_OPT = 41;
    static final int TYPE_IXFR = 251;
    static final int TYPE_AXFR = 252;
    static final int TYPE_ANY = 255;

    static final int CLASS_IN = 1;
    static final int CLASS_ANY = 255;

    /** RFC 1035 s4.2.1: the largest message over UDP without EDNS. */
    static final int UDP_SIZE_WITHOUT_EDNS = 512;

    /** The largest message we send or ask for over UDP: fits any path without fragments (DNS flag day 2020, RFC 9715). */
    static final int UDP_SIZE = 1232;

    /** RFC 1035 s4.2.2: over TCP the length is a 16-bit number. */
    static final int TCP_SIZE = 65_535;

    private MessageFormat() {}

    static int u8(byte[] message, int at) {
        return message[at] & 0xff;
    }

    static int u16(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
    }

    static void put16(byte[] message, int at, int value) {
        message[at] = (byte) (value >>> 8);
        message[at + 1] = (byte) value;
    }

    static void put32(byte[] message, int at, int value) {
        put16(message, at, value >>> 16);
        put16(message, at + 2, value);
    }
}
