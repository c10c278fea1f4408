package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A question on its way to an upstream resolver and back: what is sent, which packets answer it, and what the asker gets.
 * Immutable. Not a cache, and not the sockets.
 *
 * <p>The asker's OPT record and its options stay here (RFC 6891 s6.1.1). Ours goes out with every question, so that what comes
 * back is the same whoever asks, and each asker gets as much of it as it takes.
 *
 * <p>The letters' case is not used to tell answers from forgeries (the "0x20" proposal): home routers that do not keep it are
 * still about, and resolvers of hosts are near.
 */
public final class ForwardedQuery {

    /** What a packet from the upstream resolver is to a question. */
    public enum Match {
        /** Not an answer to it; a forgery, or late. */
        NONE,
        /** The resolver may not understand OPT records (RFC 6891 s7). */
        NOT_UNDERSTOOD,
        /** The resolver cannot or will not tell; another one may. */
        FAILED,
        /** An answer of which a part is missing. */
        TRUNCATED,
        /** The answer. */
        ANSWER
    }

    private final byte[] head;
    private final String key;
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
        this.key = key(head, query.dnssecOk());
    }

    static ForwardedQuery of(Query query, Transport transport) {
        return new ForwardedQuery(Arrays.copyOf(query.packet(), query.questionEnd()), query, transport);
    }

    /** Question and flags as they are sent, the name in lower case. */
    private static String key(byte[] head, boolean dnssecOk) {
        byte[] key = Arrays.copyOfRange(head, HEADER_LENGTH - 1, head.length);
        key[0] = (byte) ((u16(head, FLAGS) & (RD | AD | CD)) >>> 3 | (dnssecOk ? 1 : 0));
        for (int i = 1; i < key.length - QUESTION_TAIL; i++) {
            key[i] = WireName.lower(key[i]);
        }
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    /** Equal for questions that have the same answer. */
    String key() {
        return key;
    }

    /** How the question came. */
    public Transport transport() {
        return transport;
    }

    /**
     * The packet to send.
     *
     * @param id an identifier nobody can guess (RFC 5452 s4.3)
     * @param options whether with an OPT record of ours
     */
    public byte[] encode(int id, boolean options) {
        byte[] packet = Arrays.copyOf(head, options ? head.length + OPT_LENGTH : head.length);
        put16(packet, ID, id);
        put16(packet, FLAGS, u16(head, FLAGS) & (RD | AD | CD));
        return alone(packet, options);
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
        boolean repeated = u16(packet, QDCOUNT) == 1 && repeatsQuestion(packet, length);
        if (!repeated && !(failed && u16(packet, QDCOUNT) == 0)) {
            return Match.NONE;
        }
        if (failed) {
            return rcode == FORMERR || rcode == NOTIMP ? Match.NOT_UNDERSTOOD : Match.FAILED;
        }
        if ((u16(packet, FLAGS) & TC) != 0) {
            return Match.TRUNCATED;
        }
        try {
            read(packet, length);
            return Match.ANSWER;
        } catch (MalformedMessageException e) {
            return Match.FAILED;
        }
    }

    /**
     * Reads a packet that matched as the answer.
     *
     * @throws MalformedMessageException if it did not
     */
    public UpstreamAnswer read(byte[] packet, int length) {
        return UpstreamAnswer.read(packet, length, head.length, u16(head, head.length - QUESTION_TAIL));
    }

    /** What the asker gets of an answer that is some seconds old. */
    byte[] answer(UpstreamAnswer answer, int ageSeconds) {
        return fits(answer) ? finished(answer.aged(ageSeconds, room()), answer) : truncated();
    }

    /** What the asker gets of an answer that is older than it should be (RFC 8767 s4). */
    byte[] staleAnswer(UpstreamAnswer answer, int ttlSeconds) {
        return fits(answer) ? finished(answer.withTtl(ttlSeconds, room()), answer) : truncated();
    }

    /** What the asker gets when nobody could tell. */
    byte[] serverFailure() {
        return headOnly(SERVFAIL);
    }

    /** Tells the asker to come back by TCP. */
    byte[] truncated() {
        return headOnly(TC);
    }

    private int room() {
        return edns ? OPT_LENGTH : 0;
    }

    private boolean fits(UpstreamAnswer answer) {
        return answer.length() + room() <= (transport == Transport.UDP ? udpLimit : TCP_SIZE);
    }

    /** Under the asker's identifier and spelling. That a resolver was the authority is not true of us. */
    private byte[] finished(byte[] packet, UpstreamAnswer answer) {
        System.arraycopy(head, HEADER_LENGTH, packet, HEADER_LENGTH, head.length - HEADER_LENGTH);
        put16(packet, ID, u16(head, ID));
        put16(packet, FLAGS, answer.flags() & (AD | RCODE) | responseFlags());
        if (edns) {
            put16(packet, ARCOUNT, u16(packet, ARCOUNT) + 1);
            options(packet, answer.length());
        }
        return packet;
    }

    private byte[] headOnly(int flags) {
        byte[] packet = Arrays.copyOf(head, head.length + room());
        put16(packet, FLAGS, responseFlags() | flags);
        return alone(packet, edns);
    }

    private int responseFlags() {
        return QR | RA | u16(head, FLAGS) & (RD | CD);
    }

    /** Makes a packet of a question and nothing else, except perhaps an OPT record. */
    private byte[] alone(byte[] packet, boolean options) {
        put16(packet, ANCOUNT, 0);
        put16(packet, NSCOUNT, 0);
        put16(packet, ARCOUNT, options ? 1 : 0);
        if (options) {
            options(packet, head.length);
        }
        return packet;
    }

    private void options(byte[] packet, int at) {
        put16(packet, at + 1, TYPE_OPT);
        put16(packet, at + 3, UDP_SIZE);
        put16(packet, at + 7, dnssecOk ? DO : 0);
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
