package io.weavemesh.dns;

import static io.weavemesh.dns.Exchange.answered;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** SRV records from exposed ports, and the names that come with them. */
class ServicesTest {

    private static final Zone ZONE = Packets.zone(
            "web.weave.local 10.32.0.4 web1 80/tcp 8080/tcp 53/udp",
            "web.weave.local 10.32.0.5 web2 80/tcp 8080/tcp 53/udp",
            "web.weave.local fd00::4 web1 80/tcp 8080/tcp 53/udp",
            "mixed.weave.local 10.32.0.6 old 80/tcp",
            "mixed.weave.local 10.32.0.7 new 80/tcp 443/tcp",
            "mixed.weave.local fd00::7 new 80/tcp 443/tcp",
            "silent.weave.local 10.32.0.8",
            "weave.local 10.32.0.9 weave:expose 22/tcp");

    private static final String SOA = "weave.local. 1 IN SOA weave.local. nobody.invalid. SERIAL 3600 1200 604800 1\n";

    static Stream<Exchange> services() {
        return Stream.of(
                answered(
                        "a service has its port and its host, and the host's addresses",
                        "_http._tcp.web.weave.local. SRV",
                        """
                        NOERROR qr aa rd ra
                        ;_http._tcp.web.weave.local. SRV
                        _http._tcp.web.weave.local. 1 IN SRV 0 0 80 web.weave.local.
                        additional web.weave.local. 1 IN A 10.32.0.4
                        additional web.weave.local. 1 IN A 10.32.0.5
                        additional web.weave.local. 1 IN AAAA fd00::4
                        """),
                answered("a port without a name has its number", "_8080._tcp.web.weave.local. SRV +edns=1232", """
                        NOERROR qr aa rd ra
                        ;_8080._tcp.web.weave.local. SRV
                        _8080._tcp.web.weave.local. 1 IN SRV 0 0 8080 web.weave.local.
                        additional OPT size=1232 version=0
                        additional web.weave.local. 1 IN A 10.32.0.4
                        additional web.weave.local. 1 IN A 10.32.0.5
                        additional web.weave.local. 1 IN AAAA fd00::4
                        """),
                answered("the question's spelling is kept", "_DOMAIN._Udp.Web.weave.local. SRV", """
                        NOERROR qr aa rd ra
                        ;_DOMAIN._Udp.Web.weave.local. SRV
                        _DOMAIN._Udp.Web.weave.local. 1 IN SRV 0 0 53 web.weave.local.
                        additional web.weave.local. 1 IN A 10.32.0.4
                        additional web.weave.local. 1 IN A 10.32.0.5
                        additional web.weave.local. 1 IN AAAA fd00::4
                        """),
                answered("ANY has the service", "_22._tcp.weave.local. ANY", """
                        NOERROR qr aa rd ra
                        ;_22._tcp.weave.local. ANY
                        _22._tcp.weave.local. 1 IN SRV 0 0 22 weave.local.
                        additional weave.local. 1 IN A 10.32.0.9
                        """),
                answered(
                        "where only some holders serve a port, each of them is a host",
                        "_https._tcp.mixed.weave.local. SRV",
                        """
                        NOERROR qr aa rd ra
                        ;_https._tcp.mixed.weave.local. SRV
                        _https._tcp.mixed.weave.local. 1 IN SRV 0 0 443 10-32-0-7.mixed.weave.local.
                        _https._tcp.mixed.weave.local. 1 IN SRV 0 0 443 fd00-0-0-0-0-0-0-7.mixed.weave.local.
                        additional 10-32-0-7.mixed.weave.local. 1 IN A 10.32.0.7
                        additional fd00-0-0-0-0-0-0-7.mixed.weave.local. 1 IN AAAA fd00::7
                        """),
                answered("such a host has its address", "10-32-0-7.mixed.weave.local. A", """
                        NOERROR qr aa rd ra
                        ;10-32-0-7.mixed.weave.local. A
                        10-32-0-7.mixed.weave.local. 1 IN A 10.32.0.7
                        """),
                answered("and its IPv6 address", "FD00-0-0-0-0-0-0-7.mixed.weave.local. AAAA", """
                        NOERROR qr aa rd ra
                        ;FD00-0-0-0-0-0-0-7.mixed.weave.local. AAAA
                        FD00-0-0-0-0-0-0-7.mixed.weave.local. 1 IN AAAA fd00::7
                        """));
    }

    static Stream<Exchange> negatives() {
        return Stream.of(
                answered("a service has no address", "_http._tcp.web.weave.local. A", """
                        NOERROR qr aa rd ra
                        ;_http._tcp.web.weave.local. A
                        authority %s""".formatted(SOA)),
                answered("the name above services exists", "_tcp.web.weave.local. SRV", """
                        NOERROR qr aa rd ra
                        ;_tcp.web.weave.local. SRV
                        authority %s""".formatted(SOA)),
                answered("but only above services there are", "_sctp.web.weave.local. SRV", """
                        NXDOMAIN qr aa rd ra
                        ;_sctp.web.weave.local. SRV
                        authority %s""".formatted(SOA)),
                answered("a port that is not exposed is no name", "_https._tcp.web.weave.local. SRV", """
                        NXDOMAIN qr aa rd ra
                        ;_https._tcp.web.weave.local. SRV
                        authority %s""".formatted(
                                SOA)),
                answered(
                        "nor is one exposed by another transport", "_80._udp.web.weave.local. SRV", """
                        NXDOMAIN qr aa rd ra
                        ;_80._udp.web.weave.local. SRV
                        authority %s""".formatted(SOA)),
                answered("a host without ports has no services", "_http._tcp.silent.weave.local. SRV", """
                        NXDOMAIN qr aa rd ra
                        ;_http._tcp.silent.weave.local. SRV
                        authority %s""".formatted(
                                SOA)),
                answered("a host itself has no SRV record", "web.weave.local. SRV", """
                        NOERROR qr aa rd ra
                        ;web.weave.local. SRV
                        authority %s""".formatted(SOA)),
                answered("a host's address has no other type", "10-32-0-7.mixed.weave.local. AAAA", """
                        NOERROR qr aa rd ra
                        ;10-32-0-7.mixed.weave.local. AAAA
                        authority %s""".formatted(SOA)),
                answered("an address of another host is no name", "10-32-0-7.web.weave.local. A", """
                        NXDOMAIN qr aa rd ra
                        ;10-32-0-7.web.weave.local. A
                        authority %s""".formatted(SOA)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"services", "negatives"})
    void aQuestionHasItsAnswer(Exchange example) {
        assertThat(Exchange.text(ZONE, example.question(), Transport.UDP)).isEqualTo(example.answer());
        assertThat(Exchange.text(ZONE, example.question(), Transport.TCP)).isEqualTo(example.answer());
    }

    @ParameterizedTest(name = "{0} is no name of a service")
    @CsvSource({
        "_._tcp.web", "__tcp.web", "_080._tcp.web", "_0._tcp.web", "_65536._tcp.web", "_99999999999._tcp.web",
                "_nonsense._tcp.web",
        "_http.web", "_http._icmp.web", "http._tcp.web", "_a._http._tcp.web", "10-32-0-04.web", "10-32-0.web",
                "10-32-0-256.web",
        "fd00--7.mixed", "fd00-0-0-0-0-0-0-07.mixed", "a-10-32-0-7.mixed", "10-32-0-7.10-32-0-7.mixed", "---.web",
                "-------.web"
    })
    void whatOnlyLooksLikeAServiceIsNoName(String name) {
        assertThat(Exchange.text(ZONE, name + ".weave.local. SRV", Transport.UDP))
                .startsWith("NXDOMAIN qr aa rd ra\n");
    }

    /** RFC 2782: the target is written in full; the owner of its addresses points to it. */
    @Test
    void aServiceHasTheseOctets() {
        Zone zone = Packets.zone("web.weave.local 10.32.0.4 web1 80/tcp");
        byte[] answer = Exchange.answer(zone, Asker.UNKNOWN, "_http._tcp.web.weave.local. SRV", Transport.UDP);
        assertThat(HexFormat.of().formatHex(answer)).isEqualTo(HexFormat.of().formatHex(Packets.hex("""
                beef 8580 0001 0001 0000 0001
                05 5f68747470 04 5f746370 03 776562 05 7765617665 05 6c6f63616c 00 0021 0001
                c00c 0021 0001 00000001 0017
                0000 0000 0050               ; priority, weight, port
                03 776562 05 7765617665 05 6c6f63616c 00
                c03e 0001 0001 00000001 0004 0a200004
                """)));
    }

    @Test
    void addressesThatDoNotFitAreLeftOutWithoutTruncation() {
        Zone zone = Packets.zone(IntStream.range(0, 200)
                .mapToObj(i -> "big.weave.local 10.32.1." + i + " c" + i + " 80/tcp")
                .toArray(String[]::new));
        assertThat(Exchange.text(zone, "_http._tcp.big.weave.local. SRV +edns=1232", Transport.UDP))
                .isEqualTo("""
                NOERROR qr aa rd ra
                ;_http._tcp.big.weave.local. SRV
                _http._tcp.big.weave.local. 1 IN SRV 0 0 80 big.weave.local.
                additional OPT size=1232 version=0
                """);
        assertThat(Exchange.text(zone, "_http._tcp.big.weave.local. SRV", Transport.TCP)
                        .lines())
                .hasSize(3 + 200);
    }

    @Test
    void moreServicesThanFitAreTruncatedAndNoPointerIsBeyondItsReach() {
        Zone zone = Packets.zone(Stream.concat(
                        Stream.of("big.weave.local 10.32.99.99 other"),
                        IntStream.range(0, 2000)
                                .mapToObj(
                                        i -> "big.weave.local 10.32." + i / 250 + "." + i % 250 + " c" + i + " 80/tcp"))
                .toArray(String[]::new));
        byte[] small = Exchange.answer(zone, Asker.UNKNOWN, "_http._tcp.big.weave.local. SRV", Transport.UDP);
        assertThat(small.length).isLessThanOrEqualTo(512);
        assertThat(MessageText.of(small)).startsWith("NOERROR qr aa tc rd ra\n");
        byte[] large = Exchange.answer(zone, Asker.UNKNOWN, "_http._tcp.big.weave.local. SRV", Transport.TCP);
        assertThat(MessageText.of(large)).startsWith("NOERROR qr aa tc rd ra\n");
        String whole = MessageText.of(Exchange.answer(
                Packets.zone(Stream.concat(
                                Stream.of("big.weave.local 10.32.99.99 other"),
                                IntStream.range(0, 800)
                                        .mapToObj(i -> "big.weave.local 10.32." + i / 250 + "." + i % 250 + " c" + i
                                                + " 80/tcp"))
                        .toArray(String[]::new)),
                Asker.UNKNOWN,
                "_http._tcp.big.weave.local. SRV",
                Transport.TCP));
        assertThat(whole).startsWith("NOERROR qr aa rd ra\n");
        assertThat(whole.lines().filter(line -> line.contains(" SRV 0 0 80 ")))
                .hasSize(800)
                .doesNotHaveDuplicates();
        assertThat(whole.lines().filter(line -> line.startsWith("additional ")))
                .isNotEmpty()
                .allMatch(
                        line -> line.matches("additional (10-32-\\d+-\\d+)\\.big\\.weave\\.local\\. 1 IN A 10[0-9.]+"))
                .allMatch(line -> line.split(" ", -1)[1].startsWith(line.split(" ", -1)[5].replace('.', '-') + "."));
    }

    @Test
    void theLongestHostHasNoRoomForItsServiceInASmallAnswer() {
        String label = "x".repeat(63) + ".";
        String host = label + label + label + "y".repeat(38) + ".weave.local"; // With _http._tcp. 255 octets.
        Zone zone = Packets.zone(host + " 10.32.0.4 c1 80/tcp");
        assertThat(Exchange.text(zone, "_http._tcp." + host + ". SRV +edns=512", Transport.UDP))
                .isEqualTo("""
                NOERROR qr aa tc rd ra
                ;_http._tcp.%s. SRV
                additional OPT size=1232 version=0
                """.formatted(host));
        assertThat(Exchange.text(zone, "_http._tcp." + host + ". SRV", Transport.TCP))
                .contains(" IN SRV 0 0 80 " + host + ".\n", "additional " + host + ". 1 IN A 10.32.0.4\n");
    }

    @Test
    void aServiceOfAnUnhealthyHolderIsThereAsLongAsNobodyElseServesIt() {
        Zone zone = Packets.zone(
                "web.weave.local 10.32.0.4 web1 80/tcp unhealthy",
                "web.weave.local 10.32.0.5 web2 80/tcp",
                "web.weave.local 10.32.0.6 web3 8080/tcp unhealthy");
        assertThat(Exchange.data(zone, Asker.UNKNOWN, "_80._tcp.web.weave.local. SRV", Transport.UDP))
                .containsExactly("0 0 80 web.weave.local.");
        assertThat(Exchange.data(zone, Asker.UNKNOWN, "_8080._tcp.web.weave.local. SRV", Transport.UDP))
                .containsExactly("0 0 8080 10-32-0-6.web.weave.local.");
    }
}
