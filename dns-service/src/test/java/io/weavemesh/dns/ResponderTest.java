package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weavemesh.contract.Cidr;
import io.weavemesh.dns.Responder.Outcome;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResponderTest {

    private static final Zone ZONE = Packets.zone(
            "foo.weave.local 10.32.0.1",
            "bar.weave.local 10.32.0.2",
            "bar.weave.local 10.40.0.2",
            "both.weave.local 10.32.0.3",
            "both.weave.local fd00::3",
            "six.weave.local fd00::6",
            "www.shop.weave.local 10.32.0.4",
            "weave.local 10.32.0.9 weave:expose");

    private static final String SOA = "weave.local. 1 IN SOA weave.local. nobody.invalid. SERIAL 3600 1200 604800 1\n";

    private final Responder responder = new Responder(new SplittableRandom(1));

    record Case(String sentence, String question, String answer) {
        @Override
        public String toString() {
            return sentence;
        }
    }

    private static Case answer(String sentence, String question, String answer) {
        return new Case(sentence, question, answer);
    }

    private static Case forwarded(String sentence, String question) {
        return new Case(sentence, question, "FORWARD");
    }

    private static Case dropped(String sentence, String question) {
        return new Case(sentence, question, "DROP");
    }

    static Stream<Case> addresses() {
        return Stream.of(
                answer("a known name has its address", "foo.weave.local. A", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. A
                        foo.weave.local. 1 IN A 10.32.0.1
                        """),
                answer("a name with two addresses has both", "bar.weave.local. A", """
                        NOERROR qr aa rd ra
                        ;bar.weave.local. A
                        bar.weave.local. 1 IN A 10.32.0.2
                        bar.weave.local. 1 IN A 10.40.0.2
                        """),
                answer("AAAA has the IPv6 addresses", "both.weave.local. AAAA", """
                        NOERROR qr aa rd ra
                        ;both.weave.local. AAAA
                        both.weave.local. 1 IN AAAA fd00::3
                        """),
                answer("the name is spelt as it was asked", "fOO.Weave.LOCAL. A", """
                        NOERROR qr aa rd ra
                        ;fOO.Weave.LOCAL. A
                        fOO.Weave.LOCAL. 1 IN A 10.32.0.1
                        """),
                answer(
                        "recursion not desired, checking disabled: both are repeated",
                        "foo.weave.local. A +norec +cd",
                        """
                        NOERROR qr aa ra cd
                        ;foo.weave.local. A
                        foo.weave.local. 1 IN A 10.32.0.1
                        """),
                answer("class ANY means IN", "foo.weave.local. A +class=255", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. A
                        foo.weave.local. 1 IN A 10.32.0.1
                        """),
                answer("ANY has one type that exists", "both.weave.local. ANY", """
                        NOERROR qr aa rd ra
                        ;both.weave.local. ANY
                        both.weave.local. 1 IN A 10.32.0.3
                        """),
                answer("ANY has IPv6 where there is no IPv4", "six.weave.local. ANY", """
                        NOERROR qr aa rd ra
                        ;six.weave.local. ANY
                        six.weave.local. 1 IN AAAA fd00::6
                        """),
                answer("a single label is looked up in the domain, and answered as asked", "Foo. A", """
                        NOERROR qr aa rd ra
                        ;Foo. A
                        Foo. 1 IN A 10.32.0.1
                        """),
                answer("the domain itself can have an address", "weave.local. A", """
                        NOERROR qr aa rd ra
                        ;weave.local. A
                        weave.local. 1 IN A 10.32.0.9
                        """));
    }

    static Stream<Case> negatives() {
        return Stream.of(
                answer("a known name without the type asked for is NODATA", "foo.weave.local. AAAA", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. AAAA
                        authority %s""".formatted(
                                SOA)),
                answer("no name has a TXT record", "foo.weave.local. TXT", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. TXT
                        authority %s""".formatted(SOA)),
                answer("DS is ours to deny", "foo.weave.local. DS", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. DS
                        authority %s""".formatted(SOA)),
                answer("an unknown name in the domain is NXDOMAIN", "nobody.weave.local. A", """
                        NXDOMAIN qr aa rd ra
                        ;nobody.weave.local. A
                        authority %s""".formatted(SOA)),
                answer("a name below a known name is NXDOMAIN", "a.foo.weave.local. A", """
                        NXDOMAIN qr aa rd ra
                        ;a.foo.weave.local. A
                        authority %s""".formatted(SOA)),
                answer("a name with names below it exists", "shop.weave.local. A", """
                        NOERROR qr aa rd ra
                        ;shop.weave.local. A
                        authority %s""".formatted(SOA)),
                answer("and has nothing for ANY", "shop.weave.local. ANY", """
                        NOERROR qr aa rd ra
                        ;shop.weave.local. ANY
                        authority %s""".formatted(SOA)),
                answer("an unknown single label is NXDOMAIN, whatever the world says", "com. NS", """
                        NXDOMAIN qr aa rd ra
                        ;com. NS
                        authority %s""".formatted(SOA)),
                answer("the owner of the SOA is spelt as it was asked", "Nobody.WEAVE.local. A", """
                        NXDOMAIN qr aa rd ra
                        ;Nobody.WEAVE.local. A
                        authority WEAVE.local. 1 IN SOA WEAVE.local. nobody.invalid. SERIAL 3600 1200 604800 1
                        """));
    }

    static Stream<Case> apex() {
        return Stream.of(
                answer("the domain has an SOA", "weave.local. SOA", """
                        NOERROR qr aa rd ra
                        ;weave.local. SOA
                        %s""".formatted(SOA)),
                answer("the domain names itself as its server", "weave.local. NS", """
                        NOERROR qr aa rd ra
                        ;weave.local. NS
                        weave.local. 1 IN NS weave.local.
                        """),
                answer("another type at the domain is NODATA", "weave.local. MX", """
                        NOERROR qr aa rd ra
                        ;weave.local. MX
                        authority %s""".formatted(SOA)),
                answer("a name in the domain has no SOA of its own", "foo.weave.local. SOA", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. SOA
                        authority %s""".formatted(SOA)));
    }

    static Stream<Case> reverse() {
        return Stream.of(
                answer("a known IPv4 address has its name", "1.0.32.10.in-addr.arpa. PTR", """
                        NOERROR qr aa rd ra
                        ;1.0.32.10.in-addr.arpa. PTR
                        1.0.32.10.in-addr.arpa. 1 IN PTR foo.weave.local.
                        """),
                answer(
                        "a known IPv6 address has its name",
                        "6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.IP6.arpa. PTR",
                        """
                        NOERROR qr aa rd ra
                        ;6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.IP6.arpa. PTR
                        6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.IP6.arpa. 1 IN PTR six.weave.local.
                        """),
                answer("a known address without the type asked for is NODATA", "1.0.32.10.in-addr.arpa. A", """
                        NOERROR qr aa rd ra
                        ;1.0.32.10.in-addr.arpa. A
                        authority 1.0.32.10.in-addr.arpa. 1 IN SOA 1.0.32.10.in-addr.arpa. nobody.invalid. SERIAL 3600 1200 604800 1
                        """),
                forwarded("an unknown address is asked upstream", "1.1.1.10.in-addr.arpa. PTR"),
                forwarded("so is a part of a known address's name", "32.10.in-addr.arpa. PTR"));
    }

    static Stream<Case> forwards() {
        return Stream.of(
                forwarded("a name elsewhere is asked upstream", "www.example.com. A"),
                forwarded("a name that only ends like the domain is elsewhere", "notweave.local. A"),
                forwarded("a name with the domain in its middle is elsewhere", "weave.local.example.com. A"),
                forwarded("the root is asked upstream", ". NS"));
    }

    static Stream<Case> protocol() {
        return Stream.of(
                answer("EDNS is answered by EDNS", "foo.weave.local. A +edns=4096 +do", """
                        NOERROR qr aa rd ra
                        ;foo.weave.local. A
                        foo.weave.local. 1 IN A 10.32.0.1
                        additional OPT size=1232 version=0 do
                        """),
                answer("another EDNS version is BADVERS", "foo.weave.local. A +edns=4096 +version=1", """
                        BADVERS qr rd ra
                        ;foo.weave.local. A
                        additional OPT size=1232 version=0
                        """),
                answer("another class is REFUSED", "version.bind. TXT +class=3", """
                        REFUSED qr rd ra
                        ;version.bind. TXT
                        """),
                answer("the zone is not transferred", "weave.local. AXFR", """
                        REFUSED qr rd ra
                        ;weave.local. AXFR
                        """),
                answer("NOTIFY is not implemented", "weave.local. SOA +opcode=4", "NOTIMP qr rd ra\n"),
                answer("UPDATE is not implemented", "weave.local. SOA +opcode=5", "NOTIMP qr rd ra\n"),
                dropped("an answer is not answered", "foo.weave.local. A +opcode=16"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"addresses", "negatives", "apex", "reverse", "forwards", "protocol"})
    void aQuestionHasItsAnswer(Case example) {
        assertThat(ask(ZONE, Packets.question(example.question), Transport.UDP)).isEqualTo(example.answer);
        assertThat(ask(ZONE, Packets.question(example.question), Transport.TCP)).isEqualTo(example.answer);
    }

    @Test
    void addressesComeInEveryOrder() {
        Set<String> orders = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byte[] answer = answer(ZONE, Packets.question("bar.weave.local. A"), Transport.UDP);
            orders.add(Arrays.toString(Arrays.copyOfRange(answer, answer.length - 4, answer.length)));
        }
        assertThat(orders).hasSize(2);
    }

    @Test
    void twoHundredAddressesAreCutToTheAskersSizeAndWholeOverTcp() {
        Zone zone = Packets.zone(IntStream.range(0, 200)
                .mapToObj(i -> "big.weave.local 10.32.1." + i + " c" + i)
                .toArray(String[]::new));
        byte[] plain = answer(zone, Packets.question("big.weave.local. A"), Transport.UDP);
        assertThat(plain.length).isBetween(512 - 16, 512);
        assertThat(MessageText.of(plain)).startsWith("NOERROR qr aa tc rd ra\n");
        byte[] tiny = answer(zone, Packets.question("big.weave.local. A +edns=100"), Transport.UDP);
        assertThat(tiny.length).as("an EDNS size below 512 means 512").isBetween(512 - 16, 512);
        byte[] medium = answer(zone, Packets.question("big.weave.local. A +edns=700"), Transport.UDP);
        assertThat(medium.length).isBetween(700 - 16, 700);
        byte[] huge = answer(zone, Packets.question("big.weave.local. A +edns=65535"), Transport.UDP);
        assertThat(huge.length).as("our own limit").isBetween(1232 - 16, 1232);
        String whole = ask(zone, Packets.question("big.weave.local. A"), Transport.TCP);
        assertThat(whole).startsWith("NOERROR qr aa rd ra\n");
        assertThat(whole.lines().filter(line -> line.contains(" IN A ")))
                .hasSize(200)
                .doesNotHaveDuplicates();
    }

    @Test
    void moreAddressesThanATcpMessageHoldsAreCut() {
        Zone zone = Packets.zone(IntStream.range(0, 5000)
                .mapToObj(i -> "big.weave.local 10.32." + i / 250 + "." + i % 250 + " c" + i)
                .toArray(String[]::new));
        byte[] answer = answer(zone, Packets.question("big.weave.local. A +edns=1232"), Transport.TCP);
        assertThat(answer.length).isBetween(65_535 - 16, 65_535);
        assertThat(MessageText.of(answer)).startsWith("NOERROR qr aa tc rd ra\n");
    }

    @Test
    void theLongestNameHasRoomForItsSoa() {
        String label = "x".repeat(63) + ".";
        String name = label + label + label + "y".repeat(255 - 3 * 64 - 1 - 14) + ".weave.local.";
        byte[] answer = answer(ZONE, Packets.question(name + " A +edns=512"), Transport.UDP);
        assertThat(answer.length).isLessThanOrEqualTo(512);
        assertThat(MessageText.of(answer)).startsWith("NXDOMAIN").contains("authority " + SOA);
    }

    @Test
    void aQuestionAnsweredFromTheZoneAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] known = Packets.question("bar.weave.local. A +edns=1232");
        byte[] unknown = Packets.question("nobody.weave.local. A");
        byte[] single = Packets.question("foo. A");
        Asker asker = Asker.in(List.of(Cidr.parse("10.40.0.0/16"), Cidr.parse("fd00::/64")));
        Query[] batch = {new Query(), new Query()};
        byte[] into = new byte[Responder.answerCapacity(Transport.UDP)];
        int questions = 20_000;
        long least = Long.MAX_VALUE;
        // The first ones load classes; what a compiled one does not allocate, an interpreted one may.
        for (int attempt = 0; attempt < 300 && least >= questions / 10; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < questions; i++) {
                responder.respond(known, known.length, asker, ZONE, Transport.UDP, into);
                responder.respond(unknown, unknown.length, Asker.UNKNOWN, ZONE, Transport.UDP, into);
                responder.respond(single, single.length, Asker.UNKNOWN, ZONE, Transport.UDP, into);
                batch[0].take(known, known.length);
                batch[1].take(unknown, unknown.length);
                ZONE.lookUp(batch, 2);
                responder.respond(batch[0], asker, ZONE, Transport.UDP, into);
                responder.respond(batch[1], asker, ZONE, Transport.UDP, into);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(questions / 10);
    }

    @Test
    void aPacketWithoutAWholeHeaderIsDropped() {
        assertThat(ask(ZONE, new byte[11], Transport.UDP)).isEqualTo("DROP");
        assertThat(ask(ZONE, new byte[0], Transport.UDP)).isEqualTo("DROP");
    }

    @Test
    void aContainersIdentifierIsNotThePreferredNameOfItsAddress() {
        Zone zone = Packets.zone(
                "3f9a1c77be02.weave.local 10.32.0.1 3f9a1c77be02aaaa",
                "web.weave.local 10.32.0.1 3f9a1c77be02aaaa",
                "www.weave.local 10.32.0.1 3f9a1c77be02aaaa");
        assertThat(ask(zone, Packets.question("1.0.32.10.in-addr.arpa. PTR"), Transport.UDP))
                .contains(" PTR web.weave.local.");
    }

    private String ask(Zone zone, byte[] question, Transport transport) {
        byte[] answer = new byte[Responder.answerCapacity(transport)];
        Outcome outcome = responder.respond(question, question.length, Asker.UNKNOWN, zone, transport, answer);
        return outcome == Outcome.ANSWER
                ? MessageText.of(Arrays.copyOf(answer, responder.answerLength()))
                : outcome.toString();
    }

    private byte[] answer(Zone zone, byte[] question, Transport transport) {
        byte[] answer = new byte[Responder.answerCapacity(transport)];
        assertThat(responder.respond(question, question.length, Asker.UNKNOWN, zone, transport, answer))
                .isEqualTo(Outcome.ANSWER);
        return Arrays.copyOf(answer, responder.answerLength());
    }
}
