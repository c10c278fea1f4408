package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.Responder.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Questions that came together, are looked up together, and are answered one by one. */
class BatchTest {

    private static final List<String> TWINS =
            ZoneModelTest.collidingNames().stream().map(BatchTest::text).toList();

    private static final Zone ZONE = Packets.zone(
            "foo.weave.local 10.32.0.1",
            "b.a.weave.local 10.32.0.2",
            "six.weave.local fd00::6",
            TWINS.get(0) + " 10.32.1.0",
            TWINS.get(1) + " 10.32.1.1");

    /** In which only one of two names with the same hash is. */
    private static final Zone ONE_TWIN = Packets.zone(TWINS.get(0) + " 10.32.1.0");

    private final Responder responder = new Responder(new SplittableRandom(1));

    @Test
    void eachQuestionGetsWhatItGetsAlone() {
        List<byte[]> packets = List.of(
                Packets.question("foo.weave.local. A"),
                Packets.question("FOO.weave.local. A +edns=1232"),
                Packets.question("nobody.weave.local. A"),
                new byte[3],
                Packets.question("a.weave.local. A"),
                Packets.question("foo. A"),
                Arrays.copyOf(Packets.question("foo.weave.local. A"), 20),
                Packets.question("www.example.com. A"),
                Packets.question("weave.local. SOA"),
                Packets.question("six.weave.local. AAAA"),
                Packets.question("2.0.32.10.in-addr.arpa. PTR"),
                Packets.question("10-32-0-2.b.a.weave.local. A"));
        assertThat(together(ZONE, packets))
                .containsExactlyElementsOf(
                        packets.stream().map(packet -> alone(ZONE, packet)).toList())
                .anyMatch(answer -> answer.contains(" AAAA fd00::6"))
                .anyMatch(answer -> answer.contains(" PTR b.a.weave.local."))
                .contains("DROP", "FORWARD");
    }

    @Test
    void namesWithTheSameHashAreKeptApart() {
        List<byte[]> both = TWINS.stream().map(BatchTest::question).toList();
        List<String> answers = together(ZONE, both);
        assertThat(answers.get(0)).contains(" A 10.32.1.0");
        assertThat(answers.get(1)).contains(" A 10.32.1.1");
        assertThat(together(ONE_TWIN, both).get(1)).contains("NXDOMAIN");
    }

    @Test
    void whatWasFoundForTheLastPacketIsForgottenWithIt() {
        Query question = new Query();
        take(question, question(TWINS.get(0)));
        ZONE.lookUp(new Query[] {question}, 1);
        take(question, Packets.question("foo.weave.local. A"));
        assertThat(answer(ZONE, question)).contains(" A 10.32.0.1");
    }

    private List<String> together(Zone zone, List<byte[]> packets) {
        Query[] questions =
                Stream.generate(Query::new).limit(packets.size() + 1).toArray(Query[]::new);
        for (int i = 0; i < packets.size(); i++) {
            take(questions[i], packets.get(i));
        }
        zone.lookUp(questions, packets.size());
        return Arrays.stream(questions, 0, packets.size())
                .map(question -> answer(zone, question))
                .toList();
    }

    private String alone(Zone zone, byte[] packet) {
        Query question = new Query();
        take(question, packet);
        return answer(zone, question);
    }

    private String answer(Zone zone, Query question) {
        byte[] into = new byte[Responder.answerCapacity(Transport.UDP)];
        Outcome outcome = responder.respond(question, Asker.UNKNOWN, zone, Transport.UDP, into);
        return outcome == Outcome.ANSWER
                ? MessageText.of(Arrays.copyOf(into, responder.answerLength()))
                : outcome.toString();
    }

    private static void take(Query question, byte[] packet) {
        question.take(packet, packet.length);
    }

    private static byte[] question(String name) {
        return Packets.question(name + ". A");
    }

    /** The text of a name, without the last dot. */
    private static String text(byte[] name) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; name[at] != 0; at += name[at] + 1) {
            text.append(at == 0 ? "" : ".").append(new String(name, at + 1, name[at], StandardCharsets.US_ASCII));
        }
        return text.toString();
    }
}
