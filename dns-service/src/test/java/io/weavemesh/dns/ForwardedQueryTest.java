package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.dns.ForwardedQuery.Match;
import io.weavemesh.dns.Responder.Outcome;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ForwardedQueryTest {

    private static final int ID = 0x1234;
    private static final Responder RESPONDER = new Responder(new SplittableRandom(1));
    private static final Zone ZONE = Packets.zone();
    private static final byte[] ROOM = new byte[Responder.answerCapacity(Transport.TCP)];
    private static final String ANSWERED = """
            1234 8180 0001 0001 0000 0000
            03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
            c00c 0001 0001 0000003c 0004 c0000201
            """;

    @Test
    void theQuestionGoesOutUnderAnotherIdentifierAndWithoutTheAskersOptions() {
        assertThat(hex(query("WWW.example.com. A +edns=4096 +do +cd", Transport.UDP)
                        .encode(ID, true)))
                .isEqualTo(hex(Packets.hex("""
                        1234 0110 0001 0000 0000 0001
                        03 575757 07 6578616d706c65 03 636f6d 00 0001 0001
                        00 0029 04d0 00 00 8000 0000    ; no more than we take ourselves
                        """)));
        assertThat(MessageText.of(query("www.example.com. A", Transport.UDP).encode(ID, true)))
                .isEqualTo("NOERROR rd\n;www.example.com. A\nadditional OPT size=1232 version=0\n");
        assertThat(MessageText.of(
                        query("www.example.com. A +edns=4096", Transport.UDP).encode(ID, false)))
                .as("to a resolver that does not know of options")
                .isEqualTo("NOERROR rd\n;www.example.com. A\n");
    }

    @Test
    void questionsWithTheSameAnswerHaveTheSameKey() {
        String key = query("www.example.com. A", Transport.UDP).key();
        assertThat(query("WWW.Example.COM. A +edns=1232", Transport.TCP).key()).isEqualTo(key);
        assertThat(Stream.of("ww.example.com. A", "www.example.com. AAAA", "www.example.com. A +edns=1232 +do")
                        .map(question -> query(question, Transport.UDP).key()))
                .doesNotContain(key);
        assertThat(Stream.of("+do +edns=512", "+cd", "+norec", "+do +edns=512 +cd")
                        .map(flags -> query("www.example.com. A " + flags, Transport.UDP)
                                .key()))
                .doesNotContain(key)
                .doesNotHaveDuplicates();
    }

    @Test
    void theAnswerComesBackUnderTheAskersIdentifierAndSpelling() {
        byte[] answer = Packets.hex(ANSWERED.replace("8180", "8580")); // Of an authority, which we are not.
        ForwardedQuery query = query("wWw.EXAMPLE.com. A", Transport.UDP);
        assertThat(query.match(answer, answer.length, ID)).isEqualTo(Match.ANSWER);
        byte[] result = query.answer(query.read(answer, answer.length), 20);
        assertThat(hex(result)).startsWith("beef");
        assertThat(MessageText.of(result)).isEqualTo("""
                NOERROR qr rd ra
                ;wWw.EXAMPLE.com. A
                wWw.EXAMPLE.com. 40 IN A 192.0.2.1
                """);
        assertThat(MessageText.of(query.staleAnswer(query.read(answer, answer.length), 30)))
                .contains("wWw.EXAMPLE.com. 30 IN A 192.0.2.1");
    }

    @Test
    void eachAskerHasOptionsOfOursIfItHadOptionsAndNeverThoseOfTheResolver() {
        byte[] answer = Packets.hex(ANSWERED.replace("0000 0000\n", "0000 0002\n") + """
                c00c 0010 0001 0000003c 0002 0178                ; TXT x
                00 0029 1000 00 00 8000 0006 000a 0002 abcd       ; a cookie
                """);
        ForwardedQuery with = query("www.example.com. A +edns=4096", Transport.UDP);
        assertThat(MessageText.of(with.answer(with.read(answer, answer.length), 0)))
                .isEqualTo("""
                NOERROR qr rd ra
                ;www.example.com. A
                www.example.com. 60 IN A 192.0.2.1
                additional OPT size=1232 version=0
                additional www.example.com. 60 IN TXT 0178
                """);
        ForwardedQuery without = query("www.example.com. A", Transport.UDP);
        assertThat(MessageText.of(without.answer(without.read(answer, answer.length), 0)))
                .doesNotContain("OPT");
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
        assertThat(match("1234 8185 0000 0000 0000 0000"))
                .as("without question")
                .isEqualTo(Match.FAILED);
        assertThat(match("1234 8181 0000 0000 0000 0000"))
                .as("FORMERR without question")
                .isEqualTo(Match.NOT_UNDERSTOOD);
        assertThat(match(ANSWERED.replace("8180", "8184"))).isEqualTo(Match.NOT_UNDERSTOOD);
        assertThat(match(ANSWERED.replace("0001 0001 0000 0000", "0001 0002 0000 0000")))
                .as("an answer that cannot be read")
                .isEqualTo(Match.FAILED);
        assertThat(match(ANSWERED.replace("0001 0001 0000 0000", "0001 0001 0000 0001")
                        + "00 0029 0200 01 00 0000 0000"))
                .as("BADVERS, of which only the OPT record tells")
                .isEqualTo(Match.FAILED);
        assertThat(match(ANSWERED.replace("8180", "8183"))).isEqualTo(Match.ANSWER);
        assertThat(match(ANSWERED.replace("8180", "8380"))).isEqualTo(Match.TRUNCATED);
    }

    @Test
    void anAnswerLargerThanTheAskerTakesIsCutOverUdpOnly() {
        String record = "c00c 0001 0001 0000003c 0004 c0000201\n"; // 16 octets
        byte[] answer = Packets.hex(ANSWERED.replace("0001 0001 0000 0000", "0001 0023 0000 0000") + record.repeat(34));
        ForwardedQuery small = query("www.example.com. A", Transport.UDP);
        assertThat(MessageText.of(small.answer(small.read(answer, answer.length), 0)))
                .isEqualTo("NOERROR qr tc rd ra\n;www.example.com. A\n");
        ForwardedQuery large = query("www.example.com. A +edns=" + (answer.length + 11), Transport.UDP);
        assertThat(large.answer(large.read(answer, answer.length), 0)).hasSize(answer.length + 11);
        ForwardedQuery tooSmall = query("www.example.com. A +edns=" + (answer.length + 10), Transport.UDP);
        assertThat(MessageText.of(tooSmall.answer(tooSmall.read(answer, answer.length), 0)))
                .startsWith("NOERROR qr tc rd ra");
        ForwardedQuery tcp = query("www.example.com. A", Transport.TCP);
        assertThat(tcp.answer(tcp.read(answer, answer.length), 0)).hasSize(answer.length);
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

    static ForwardedQuery query(String question, Transport transport) {
        byte[] packet = Packets.question(question);
        assertThat(RESPONDER.respond(packet, packet.length, Asker.UNKNOWN, ZONE, transport, ROOM))
                .isEqualTo(Outcome.FORWARD);
        return RESPONDER.forwarded(transport);
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }
}
