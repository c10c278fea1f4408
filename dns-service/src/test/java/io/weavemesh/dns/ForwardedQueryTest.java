package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.ForwardedQuery.Match;
import io.weavemesh.dns.Responder.Outcome;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ForwardedQueryTest {

    private static final int ID = 0x1234;
    private static final String ANSWERED = """
            1234 8180 0001 0001 0000 0000
            03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
            c00c 0001 0001 0000003c 0004 c0000201
            """;

    @Test
    void theQuestionGoesOutUnderAnotherIdentifierAndWithoutTheAskersOptions() {
        assertThat(hex(query("WWW.example.com. A +edns=4096 +do +cd", Transport.UDP)
                        .encode(ID)))
                .isEqualTo(hex(Packets.hex("""
                        1234 0110 0001 0000 0000 0001
                        03 575757 07 6578616d706c65 03 636f6d 00 0001 0001
                        00 0029 04d0 00 00 8000 0000    ; no more than we take ourselves
                        """)));
        assertThat(MessageText.of(query("www.example.com. A", Transport.UDP).encode(ID)))
                .isEqualTo("NOERROR rd\n;www.example.com. A\n");
    }

    @Test
    void theAnswerComesBackUnderTheAskersIdentifierAndSpelling() {
        byte[] answer = Packets.hex(ANSWERED);
        ForwardedQuery query = query("wWw.EXAMPLE.com. A", Transport.UDP);
        assertThat(query.match(answer, answer.length, ID)).isEqualTo(Match.ANSWER);
        byte[] result = query.answer(answer, answer.length);
        assertThat(hex(result)).startsWith("beef");
        assertThat(MessageText.of(result)).isEqualTo("""
                NOERROR qr rd ra
                ;wWw.EXAMPLE.com. A
                wWw.EXAMPLE.com. 60 IN A 192.0.2.1
                """);
    }

    @Test
    void whatDoesNotAnswerTheQuestionIsNoMatch() {
        assertThat(match(ANSWERED.replace("1234", "1235")))
                .as("another identifier")
                .isEqualTo(Match.NONE);
        assertThat(match(ANSWERED.replace("777777", "777778")))
                .as("another name")
                .isEqualTo(Match.NONE);
        assertThat(match(ANSWERED.replace("00 0001 0001", "00 001c 0001")))
                .as("another type")
                .isEqualTo(Match.NONE);
        assertThat(match(ANSWERED.replace("8180", "0180"))).as("a question").isEqualTo(Match.NONE);
        assertThat(match("1234 8180 0000 0000 0000 0000")).as("no question").isEqualTo(Match.NONE);
        assertThat(match("1234 81")).as("a piece").isEqualTo(Match.NONE);
    }

    @Test
    void whatCannotAnswerIsAFailureButNoSuchNameIsAnAnswer() {
        assertThat(match(ANSWERED.replace("8180", "8182"))).isEqualTo(Match.FAILED);
        assertThat(match(ANSWERED.replace("8180", "8185"))).isEqualTo(Match.FAILED);
        assertThat(match("1234 8181 0000 0000 0000 0000"))
                .as("FORMERR without question")
                .isEqualTo(Match.FAILED);
        assertThat(match(ANSWERED.replace("8180", "8183"))).isEqualTo(Match.ANSWER);
        assertThat(match(ANSWERED.replace("8180", "8380"))).isEqualTo(Match.TRUNCATED);
    }

    @Test
    void anAnswerLargerThanTheAskerTakesIsCutOverUdpOnly() {
        byte[] answer = Arrays.copyOf(Packets.hex(ANSWERED), 600);
        byte[] cut = query("www.example.com. A", Transport.UDP).answer(answer, answer.length);
        assertThat(MessageText.of(cut)).isEqualTo("NOERROR qr tc rd ra\n;www.example.com. A\n");
        assertThat(query("www.example.com. A +edns=600", Transport.UDP).answer(answer, answer.length))
                .hasSize(600);
        assertThat(query("www.example.com. A", Transport.TCP).answer(answer, answer.length))
                .hasSize(600);
    }

    @Test
    void whenNobodyKnowsTheAskerLearnsThat() {
        assertThat(MessageText.of(
                        query("www.example.com. A +edns=1232", Transport.UDP).serverFailure()))
                .isEqualTo("""
                SERVFAIL qr rd ra
                ;www.example.com. A
                additional OPT size=1232 version=0
                """);
    }

    private static Match match(String packet) {
        byte[] octets = Packets.hex(packet);
        return query("www.example.com. A", Transport.UDP).match(octets, octets.length, ID);
    }

    private static ForwardedQuery query(String question, Transport transport) {
        byte[] packet = Packets.question(question);
        Responder responder = new Responder(new SplittableRandom(1));
        byte[] into = new byte[Responder.answerCapacity(transport)];
        assertThat(responder.respond(packet, packet.length, Asker.UNKNOWN, Packets.zone(), transport, into))
                .isEqualTo(Outcome.FORWARD);
        return responder.forwarded(packet, transport);
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }
}
