package io.weavemesh.dns.edge;

import io.weavemesh.contract.Fqdn;
import io.weavemesh.dns.Asker;
import io.weavemesh.dns.ForwardedQuery;
import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Transport;
import io.weavemesh.dns.Zone;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;

/** Questions as a forwarder gets them. */
final class TestQuestions {

    private TestQuestions() {}

    /** A question such as {@code www.example.com. A} over UDP, under an identifier. */
    static ForwardedQuery query(String text, int id) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : text.substring(0, text.indexOf(' ') - 1).split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, 0, 1, 0, 1});
        byte[] packet = out.toByteArray();
        Responder responder = new Responder(new SplittableRandom(1));
        byte[] into = new byte[Responder.answerCapacity(Transport.UDP)];
        Zone zone = Zone.empty(Fqdn.parse("weave.local"), Duration.ofSeconds(1));
        Responder.Outcome outcome = responder.respond(packet, packet.length, Asker.UNKNOWN, zone, Transport.UDP, into);
        if (outcome != Responder.Outcome.FORWARD) {
            throw new AssertionError(text + " is not forwarded but " + outcome);
        }
        return responder.forwarded(Transport.UDP);
    }
}
