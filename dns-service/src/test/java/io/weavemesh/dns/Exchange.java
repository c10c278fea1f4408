package io.weavemesh.dns;

import io.weavemesh.dns.Responder.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** A question and its answer in zone-file text, and how one comes from the other. */
record Exchange(String sentence, String question, String answer) {

    private static final Responder RESPONDER = new Responder(new SplittableRandom(1));

    /** A question that is answered. */
    static Exchange answered(String sentence, String question, String answer) {
        return new Exchange(sentence, question, answer);
    }

    /** What a packet of this text gets. */
    static byte[] answer(Zone zone, Asker asker, String question, Transport transport) {
        byte[] packet = Packets.question(question);
        byte[] answer = new byte[Responder.answerCapacity(transport)];
        Outcome outcome = RESPONDER.respond(packet, packet.length, asker, zone, transport, answer);
        if (outcome != Outcome.ANSWER) {
            throw new AssertionError(question + " gets " + outcome);
        }
        return Arrays.copyOf(answer, RESPONDER.answerLength());
    }

    static String text(Zone zone, String question, Transport transport) {
        return MessageText.of(answer(zone, Asker.UNKNOWN, question, transport));
    }

    /** The data of the answer section's records, in their order. */
    static List<String> data(Zone zone, Asker asker, String question, Transport transport) {
        String text = MessageText.inOrder(answer(zone, asker, question, transport));
        return text.lines()
                .skip(2)
                .filter(line -> !line.startsWith("authority ") && !line.startsWith("additional "))
                .map(line -> Arrays.stream(line.split(" ", -1)).skip(4).collect(Collectors.joining(" ")))
                .toList();
    }

    @Override
    public String toString() {
        return sentence;
    }
}
