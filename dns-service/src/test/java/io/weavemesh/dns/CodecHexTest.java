package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.dns.Responder.Outcome;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Octet for octet what goes over the wire, in and out. */
class CodecHexTest {

    private static final String QUESTION = """
            f1a7           ; ID
            0120           ; RD, AD, as dig asks
            0001 0000 0000 0001
            03 466f6f      ; Foo
            05 7765617665  ; weave
            05 6c6f63616c  ; local
            00
            0001 0001      ; A IN
            00 0029        ; root, OPT
            04d0           ; 1232 octets
            00 00 8000     ; extended RCODE, version, DO
            000c           ; data
            000a 0008      ; COOKIE
            0102030405060708
            """;

    @Test
    void aQuestionIsReadFromItsOctets() {
        byte[] packet = Packets.hex(QUESTION);
        Query query = new Query();
        query.read(packet, packet.length);
        assertThat(Arrays.copyOf(query.name().bytes(), query.name().length()))
                .isEqualTo(WireName.of(io.weavemesh.contract.Fqdn.parse("foo.weave.local")));
        assertThat(query.name().labels()).isEqualTo(3);
        assertThat(query.type()).isEqualTo(MessageFormat.TYPE_A);
        assertThat(query.questionClass()).isEqualTo(MessageFormat.CLASS_IN);
        assertThat(query.questionEnd()).isEqualTo(33);
        assertThat(query.edns()).isTrue();
        assertThat(query.ednsVersion()).isZero();
        assertThat(query.udpLimit()).isEqualTo(1232);
        assertThat(query.dnssecOk()).isTrue();
    }

    @Test
    void anAnswerHasTheseOctets() {
        assertThat(answer(QUESTION)).isEqualTo(octets("""
                        f1a7
                        8580           ; QR, AA, RD, RA
                        0001 0001 0000 0001
                        03 466f6f 05 7765617665 05 6c6f63616c 00 0001 0001
                        c00c           ; the name asked for
                        0001 0001      ; A IN
                        00000001       ; TTL
                        0004 0a200001  ; 10.32.0.1
                        00 0029 04d0 00 00 8000 0000
                        """));
    }

    @Test
    void aNegativeAnswerHasTheseOctets() {
        assertThat(answer("""
                        0001 0100 0001 0000 0000 0000
                        01 78 05 7765617665 05 6c6f63616c 00 001c 0001
                        """)).isEqualTo(octets("""
                        0001
                        8583           ; QR, AA, RD, RA, NXDOMAIN
                        0001 0000 0001 0000
                        01 78 05 7765617665 05 6c6f63616c 00 001c 0001
                        c00e           ; weave.local, from the question's second label
                        0006 0001 00000001
                        0026           ; data: 2 + 16 + 5 * 4
                        c00e           ; MNAME
                        06 6e6f626f6479 07 696e76616c6964 00
                        00000002       ; SERIAL
                        00000e10 000004b0 00093a80
                        00000001       ; MINIMUM
                        """));
    }

    @Test
    void namesAreExpandedFromPointersThatLeadBack() {
        byte[] message = Packets.hex("""
                0000 0000 0000 0000 0000 0000
                05 4c6f63616c 00   ; 12: Local
                03 466f6f c00c     ; 19: Foo -> 12
                c013               ; 25: -> 19
                """);
        WireName name = new WireName();
        name.read(message, message.length, 25);
        assertThat(Arrays.copyOf(name.bytes(), name.length())).isEqualTo(Packets.hex("03 666f6f 05 6c6f63616c 00"));
        assertThat(name.labels()).isEqualTo(2);
        assertThat(name.end()).isEqualTo(27);
        assertThat(WireName.skip(message, message.length, 19)).isEqualTo(25);
    }

    static Stream<Arguments> brokenNames() {
        return Stream.of(
                Arguments.of("a pointer to itself", "c00c"),
                Arguments.of("a pointer forward", "c00e 00"),
                Arguments.of("a pointer into the header", "c000"),
                Arguments.of("a pointer behind a label, back to it", "01 61 c00c"),
                Arguments.of("half a pointer", "01 61 c0"),
                Arguments.of("a label that is cut off", "05 6161"),
                Arguments.of("a label of the kind 01", "41 61 00"),
                Arguments.of("a label of the kind 10", "81 61 00"),
                Arguments.of("no end", "01 61"),
                Arguments.of("256 octets", ("3f" + "61".repeat(63)).repeat(4) + "00"));
    }

    @ParameterizedTest(name = "{0} is no name")
    @MethodSource("brokenNames")
    void brokenNamesAreRefused(String sentence, String octets) {
        byte[] message = Packets.hex("0000 0000 0000 0000 0000 0000" + octets);
        assertThatThrownBy(() -> new WireName().read(message, message.length, 12))
                .isInstanceOf(MalformedMessageException.class);
    }

    static Stream<Arguments> formatErrors() {
        String name = "01 61 00 0001 0001 ";
        return Stream.of(
                Arguments.of("no question", "0001 0100 0000 0000 0000 0000"),
                Arguments.of("two questions", "0001 0100 0002 0000 0000 0000" + name + name),
                Arguments.of("a question that is cut off", "0001 0100 0001 0000 0000 0000 01 61 00 0001 00"),
                Arguments.of("a record that is not there", "0001 0100 0001 0000 0000 0001" + name),
                Arguments.of(
                        "two OPT records",
                        "0001 0100 0001 0000 0000 0002" + name + "00 0029 04d0 00000000 0000".repeat(2)),
                Arguments.of(
                        "an OPT record with a name",
                        "0001 0100 0001 0000 0000 0001" + name + "01 61 00 0029 04d0 00000000 0000"),
                Arguments.of(
                        "OPT data that is cut off",
                        "0001 0100 0001 0000 0000 0001" + name + "00 0029 04d0 00000000 0004 0000"),
                Arguments.of(
                        "an option longer than its record",
                        "0001 0100 0001 0000 0000 0001" + name + "00 0029 04d0 00000000 0004 000a 0008"));
    }

    @ParameterizedTest(name = "{0} is FORMERR")
    @MethodSource("formatErrors")
    void whatIsNoMessageGetsAFormatError(String sentence, String packet) {
        assertThat(answer(packet)).isEqualTo(octets("0001 8181 0000 0000 0000 0000"));
    }

    private static String answer(String annotated) {
        byte[] packet = Packets.hex(annotated);
        byte[] answer = new byte[Responder.answerCapacity(Transport.UDP)];
        Responder responder = new Responder(new SplittableRandom(1));
        Zone zone = Packets.zone("foo.weave.local 10.32.0.1");
        assertThat(responder.respond(packet, packet.length, Asker.UNKNOWN, zone, Transport.UDP, answer))
                .isEqualTo(Outcome.ANSWER);
        return HexFormat.of().formatHex(answer, 0, responder.answerLength());
    }

    private static String octets(String annotated) {
        return HexFormat.of().formatHex(Packets.hex(annotated));
    }
}
