package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** For how long an answer may be kept. */
class UpstreamAnswerTest {

    private static final String QUESTION = "03 777777 07 6578616d706c65 03 636f6d 00 0001 0001 "; // www.example.com A
    private static final String A = "c00c 0001 0001 TTL 0004 c0000201 ";
    private static final String CNAME = "c00c 0005 0001 TTL 0002 c010 ";
    private static final String NS = "c010 0002 0001 TTL 0002 c00c ";
    private static final String SOA = "c010 0006 0001 TTL 0016 00 00 00000001 00000e10 00000258 00093a80 MINIMUM ";
    private static final String OPT = "00 0029 04d0 00000000 0000 ";

    @ParameterizedTest(name = "{0}: {3} s")
    @CsvSource(
            delimiter = '|',
            value = {
                "an address                        | 8180 0001 0001 0000 0000 | A 60                     | 60",
                "two, of which one changes sooner  | 8180 0001 0002 0000 0000 | A 60; A 20               | 20",
                "records beside it count           | 8180 0001 0001 0001 0000 | A 60; NS 10              | 10",
                "the OPT record does not           | 8180 0001 0001 0000 0001 | A 60; OPT                | 60",
                "no more than a day                | 8180 0001 0001 0000 0000 | A 604800                 | 86400",
                "a TTL with its first bit set      | 8180 0001 0001 0000 0000 | A 4294967295             | 86400",
                "a TTL of nothing is not kept      | 8180 0001 0001 0000 0000 | A 0                      | 0",
                "no such name, by the SOA's TTL    | 8183 0001 0000 0001 0000 | SOA 50/300               | 50",
                "no such name, by its MINIMUM      | 8183 0001 0000 0001 0000 | SOA 600/40               | 40",
                "no such name, an hour at most     | 8183 0001 0000 0001 0000 | SOA 86400/86400          | 3600",
                "no such name and no SOA           | 8183 0001 0000 0000 0000 |                          | 0",
                "no such type                      | 8180 0001 0000 0001 0000 | SOA 600/40               | 40",
                "a referral is no answer           | 8180 0001 0000 0001 0000 | NS 600                   | 0",
                "an alias of what has no such type | 8180 0001 0001 0001 0000 | CNAME 600; SOA 600/40    | 40",
                "an alias alone leads nowhere      | 8180 0001 0001 0000 0000 | CNAME 600                | 0",
            })
    void anAnswerIsKeptFor(String what, String header, String records, int seconds) {
        UpstreamAnswer answer = read(header, records == null ? "" : records);
        assertThat(answer.lifetimeSeconds()).as(what).isEqualTo(seconds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8180 0001 0001 0000 0000",
                "8180 0001 0001 0000 0002",
                "8180 0001 ffff ffff ffff",
            })
    void whatClaimsMoreRecordsThanItHasIsRefused(String header) {
        assertThatThrownBy(() -> read(header, "")).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void aNegativeAnswerTellsTheTimeItIsKeptFor() {
        ForwardedQuery query = ForwardedQueryTest.query("www.example.com. A", Transport.UDP);
        UpstreamAnswer answer = read("8183 0001 0000 0001 0000", "SOA 600/40");
        assertThat(MessageText.of(query.answer(answer, 15))).contains("authority example.com. 25 IN SOA");
    }

    /** {@code A 60; SOA 600/40; OPT}. */
    private static UpstreamAnswer read(String header, String records) {
        StringBuilder hex = new StringBuilder("1234 " + header + QUESTION);
        for (String record : records.isEmpty() ? new String[0] : records.split("; ", -1)) {
            String[] words = (record + " 0/0").split("[ /]", -1);
            String layout = switch (words[0]) {
                case "A" -> A;
                case "CNAME" -> CNAME;
                case "NS" -> NS;
                case "SOA" -> SOA;
                default -> OPT;
            };
            hex.append(layout.replace("TTL", number(words[1])).replace("MINIMUM", number(words[2])));
        }
        byte[] packet = Packets.hex(hex.toString());
        int questionEnd = 12 + Packets.hex(QUESTION).length;
        return UpstreamAnswer.read(packet, packet.length, questionEnd, 1);
    }

    private static String number(String text) {
        return "%08x".formatted(Long.parseLong(text));
    }
}
