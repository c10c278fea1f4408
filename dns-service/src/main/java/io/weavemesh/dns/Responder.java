package io.weavemesh.dns;

import static io.weavemesh.dns.MessageFormat.*;

import io.weavemesh.contract.Check;
import java.util.random.RandomGenerator;

/**
 * Decides what a packet gets: an answer from the zone, nothing, or a place among the questions for the host's resolvers.
 *
 * <p>Nothing here is allocated per question, so one responder belongs to one thread, and what it says of a question holds
 * until the next. The packet and the answer are arrays of the caller.
 */
public final class Responder {

    /** What to do with a packet. */
    public enum Outcome {
        /** Send the answer. */
        ANSWER,
        /** Ask an upstream resolver; see {@link Responder#forwarded}. */
        FORWARD,
        /** Send nothing: it is no question. */
        DROP
    }

    /** For packets that come by themselves. */
    private final Query own = new Query();

    /** What is being answered. */
    private Query query = own;

    private final byte[] qualified = new byte[2 * WireName.MAX_LENGTH];
    private final Answer answer;
    private final DerivedNames derived;
    private int answerLength;

    /** A responder that shuffles addresses by this source. */
    public Responder(RandomGenerator random) {
        this.answer = new Answer(random);
        this.derived = new DerivedNames(answer);
    }

    /** The room an answer may need. */
    public static int answerCapacity(Transport transport) {
        return transport == Transport.UDP ? UDP_SIZE : TCP_SIZE;
    }

    /**
     * Handles the packet in the first bytes of an array.
     *
     * @param asker whom it came from
     * @param into where the answer goes, at least {@link #answerCapacity} long
     */
    public Outcome respond(byte[] packet, int length, Asker asker, Zone zone, Transport transport, byte[] into) {
        own.take(packet, length);
        return respond(own, asker, zone, transport, into);
    }

    /** The same for a packet that was read before. If it was {@linkplain Zone#lookUp looked up}, then in this zone. */
    public Outcome respond(Query question, Asker asker, Zone zone, Transport transport, byte[] into) {
        Check.argument(into.length >= answerCapacity(transport), "%d octets are too few for an answer", into.length);
        query = question;
        return switch (question.kind()) {
            case QUESTION -> answer(asker, zone, transport, into);
            case NO_QUERY -> Outcome.DROP; // Answering an answer could go on for ever.
            case OTHER_OPERATION -> headerOnly(into, NOTIMP);
            case MALFORMED -> headerOnly(into, FORMERR);
        };
    }

    private Outcome answer(Asker asker, Zone zone, Transport transport, byte[] into) {
        int limit = transport == Transport.UDP ? query.udpLimit() : TCP_SIZE;
        if (query.ednsVersion() != 0) {
            answer.begin(query, into, limit, NOERROR);
            return ended(BADVERS_EXTENDED);
        }
        if (query.questionClass() != CLASS_IN && query.questionClass() != CLASS_ANY
                || query.type() == TYPE_AXFR
                || query.type() == TYPE_IXFR) {
            answer.begin(query, into, limit, REFUSED);
            return ended(0);
        }
        return answerFrom(zone, asker, into, limit);
    }

    /** How long the answer is, after {@link Outcome#ANSWER}. */
    public int answerLength() {
        return answerLength;
    }

    /** The question to pass on, after {@link Outcome#FORWARD}; a copy that outlives the packet. */
    public ForwardedQuery forwarded(Transport transport) {
        return ForwardedQuery.of(query, transport);
    }

    private Outcome answerFrom(Zone zone, Asker asker, byte[] into, int limit) {
        WireName name = query.name();
        byte[] domain = zone.domainKey();
        NameNode node = query.node(zone);
        boolean within = WireName.isWithin(name.bytes(), name.length(), domain);
        boolean single = name.labels() == 1 && !within;
        if (single) {
            node = findQualified(zone, name);
        }
        if (node.isAbsent() && !within && !single) {
            return Outcome.FORWARD;
        }
        answer.begin(query, into, limit, AA);
        if (node.isAbsent() && within && derived.answer(query, zone, asker)) {
            return ended(0);
        }
        int zoneName = zoneName(node, single, domain);
        boolean answered = !node.isAbsent() && (records(node, zone, asker) || apex(node, zone, zoneName));
        if (node.isAbsent()) {
            answer.rcode(NXDOMAIN);
        }
        if (!answered) {
            answer.startOfAuthority(NSCOUNT, zoneName, domain, zone.serial(), zone.ttlSeconds());
        }
        return ended(0);
    }

    /** Looks {@code foo} up as {@code foo.<domain>}: single labels are ours, since only we know what they mean here. */
    private NameNode findQualified(Zone zone, WireName name) {
        byte[] domain = zone.domainKey();
        int label = name.length() - 1;
        if (label + domain.length > WireName.MAX_LENGTH) {
            return NameNode.ABSENT;
        }
        System.arraycopy(name.bytes(), 0, qualified, 0, label);
        System.arraycopy(domain, 0, qualified, label, domain.length);
        return zone.find(qualified, label + domain.length);
    }

    /** Where an SOA's owner is in the message. A known reverse name is a zone of its own: we know only it. */
    private int zoneName(NameNode node, boolean single, byte[] domain) {
        if (node.isReverse()) {
            return Answer.pointerToZone(query, node.key());
        }
        return single ? Answer.NO_POINTER : Answer.pointerToZone(query, domain);
    }

    /** Answers with the records of the type asked for. ANY gets the first type there is (RFC 8482 s4.1). */
    private boolean records(NameNode node, Zone zone, Asker asker) {
        boolean any = query.type() == TYPE_ANY;
        if (node.hasOneIpv4() && (any || query.type() == TYPE_A)) {
            answer.address(node.onlyIpv4(), zone.ttlSeconds());
            return true;
        }
        if (!node.hasOneIpv4() && !node.ipv4().isEmpty() && (any || query.type() == TYPE_A)) {
            answer.addresses(TYPE_A, node.ipv4(), asker, zone.ttlSeconds());
            return true;
        }
        if (!node.ipv6().isEmpty() && (any || query.type() == TYPE_AAAA)) {
            answer.addresses(TYPE_AAAA, node.ipv6(), asker, zone.ttlSeconds());
            return true;
        }
        if (node.pointer().length > 0 && (any || query.type() == TYPE_PTR)) {
            answer.pointer(node.pointer(), zone.ttlSeconds());
            return true;
        }
        return false;
    }

    /** Answers with the records every zone has at its top. */
    private boolean apex(NameNode node, Zone zone, int zoneName) {
        if (!node.isReverse() && !node.isAt(zone.domainKey(), zone.domainKey().length)) {
            return false;
        }
        if (query.type() == TYPE_SOA || query.type() == TYPE_ANY) {
            answer.startOfAuthority(ANCOUNT, zoneName, zone.domainKey(), zone.serial(), zone.ttlSeconds());
            return true;
        }
        if (query.type() == TYPE_NS) {
            answer.nameServer(zoneName, zone.ttlSeconds());
            return true;
        }
        return false;
    }

    private Outcome headerOnly(byte[] into, int rcode) {
        answer.begin(query.packet(), into, rcode);
        answerLength = answer.end();
        return Outcome.ANSWER;
    }

    private Outcome ended(int extendedRcode) {
        answerLength = answer.end(query, extendedRcode);
        return Outcome.ANSWER;
    }
}
