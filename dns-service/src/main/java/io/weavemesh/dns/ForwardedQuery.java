package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import io.weavemesh.contract.Check;
import java.util.Arrays;

/**
 * A question on its way to an upstream resolver and back: what is sent, which packets answer it, and what the asker gets.
 * Immutable. Not a cache, and not the sockets.
 *
 * <p>The asker's OPT record is not passed on (RFC 6891 s6.1.1); where there was one, ours goes out with the asker's size, so
 * that what comes back fits.
 */
public final class ForwardedQuery {

    /** What a packet from the upstream resolver is to a question. */
    public enum Match {
        /** Not an answer to it; a forgery, or late. */
        NONE,
        /** The resolver cannot or will not tell; another one may. */
        FAILED,
        /** An answer of which a part is missing. */
        TRUNCATED,
        /** The answer. */
        ANSWER
    }

    private final byte[] head;
    private final boolean edns;
    private final boolean dnssecOk;
    private final Transport transport;
    private final int udpLimit;

    private ForwardedQuery(byte[] head, Query query, Transport transport) {
        this.head = head;
        this.edns = query.edns();
        this.dnssecOk = query.dnssecOk();
        this.transport = transport;
        this.udpLimit = query.udpLimit();
    }

    static ForwardedQuery of(Query query, byte[] packet, Transport transport) {
        return new ForwardedQuery(Arrays.copyOf(packet, query.questionEnd()), query, transport);
    }

    /** How the question came. */
    public Transport transport() {
        return transport;
    }

    /** The packet to send, under an identifier nobody can guess (RFC 5452 s4.3). */
    public byte[] encode(int id) {
        byte[] packet = withOptions(head.length);
        put16(packet, ID, id);
        put16(packet, FLAGS, u16(head, FLAGS) & (RD | AD | CD));
        return packet;
    }

    /**
     * What a packet from the resolver's address is to this question as it was sent under that identifier. The question must
     * be repeated (RFC 5452 s4.2), except that resolvers which refuse need not.
     */
    public Match match(byte[] packet, int length, int id) {
        if (length < HEADER_LENGTH || u16(packet, ID) != id || (u16(packet, FLAGS) & (QR | OPCODE)) != QR) {
            return Match.NONE;
        }
        int rcode = u16(packet, FLAGS) & RCODE;
        boolean failed = rcode != NOERROR && rcode != NXDOMAIN;
        if (u16(packet, QDCOUNT) == 0 && failed) {
            return Match.FAILED;
        }
        if (u16(packet, QDCOUNT) != 1 || !repeatsQuestion(packet, length)) {
            return Match.NONE;
        }
        if (failed) {
            return Match.FAILED;
        }
        return (u16(packet, FLAGS) & TC) != 0 ? Match.TRUNCATED : Match.ANSWER;
    }

    /**
     * What the asker gets for a packet that matched as answer or truncated: under its identifier and spelling, and no larger
     * than it takes.
     */
    public byte[] answer(byte[] packet, int length) {
        Check.that(length >= head.length, "an answer of %d octets does not repeat the question", length);
        if (transport == Transport.UDP && length > udpLimit) {
            byte[] cut = withOptions(head.length);
            put16(cut, FLAGS, u16(packet, FLAGS) | TC);
            return cut;
        }
        byte[] result = Arrays.copyOf(packet, length);
        put16(result, ID, u16(head, ID));
        System.arraycopy(head, HEADER_LENGTH, result, HEADER_LENGTH, head.length - HEADER_LENGTH);
        return result;
    }

    /** What the asker gets when nobody could tell. */
    public byte[] serverFailure() {
        byte[] packet = withOptions(head.length);
        put16(packet, FLAGS, QR | RA | u16(head, FLAGS) & (RD | CD) | SERVFAIL);
        return packet;
    }

    /** Header and question, with an OPT record of ours if there was one. */
    private byte[] withOptions(int end) {
        byte[] packet = Arrays.copyOf(head, edns ? end + OPT_LENGTH : end);
        put16(packet, ANCOUNT, 0);
        put16(packet, NSCOUNT, 0);
        put16(packet, ARCOUNT, edns ? 1 : 0);
        if (edns) {
            put16(packet, end + 1, TYPE_OPT);
            put16(packet, end + 3, udpLimit);
            put16(packet, end + 7, dnssecOk ? DO : 0);
        }
        return packet;
    }

    private boolean repeatsQuestion(byte[] packet, int length) {
        if (length < head.length) {
            return false;
        }
        // Length octets are below 'A', so folding the case of every octet of the name leaves them as they are.
        int name = head.length - QUESTION_TAIL;
        for (int i = HEADER_LENGTH; i < name; i++) {
            if (WireName.lower(packet[i]) != WireName.lower(head[i])) {
                return false;
            }
        }
        return Arrays.equals(packet, name, head.length, head, name, head.length);
    }
}
