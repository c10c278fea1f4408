package io.weavemesh.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.dns.ForwardedQuery.Match;
import io.weavemesh.dns.Responder.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever a packet holds: no exception but the one for malformed messages, no hang, and no answer that is not one
 * well-formed message within the asker's limit. {@code -Dseed=N} repeats a run, {@code -Dsoak=MINUTES}
 * makes each part last so long.
 */
class FuzzTest {

    private static final int SOAK_MINUTES = Integer.getInteger("soak", 0);

    private static final Duration TIME = SOAK_MINUTES > 0 ? Duration.ofMinutes(SOAK_MINUTES) : Duration.ofSeconds(3);

    /** Questions as clients send them, answers as resolvers send them, and what was found by fuzzing before. */
    private static final List<byte[]> CORPUS = corpus();

    private static final Zone ZONE = Packets.zone(Stream.concat(
                    IntStream.range(0, 100).mapToObj(i -> "big.weave.local 10.32.1." + i),
                    Stream.of(
                            "foo.weave.local 10.32.0.1 c1 80/tcp",
                            "foo.weave.local 10.32.0.2 c2 80/tcp 53/udp unhealthy",
                            "foo.weave.local fd00::2 c2 80/tcp 53/udp",
                            "big.weave.local fd00::3 c3 80/tcp",
                            "a.b.c.weave.local fd00::1"))
            .toArray(String[]::new));

    private static final Asker ASKER = Asker.in(List.of(Cidr.parse("10.32.1.0/25"), Cidr.parse("fd00::/64")));

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void noPacketBreaksTheResponder() {
        System.out.println("FuzzTest responder seed=" + seed);
        Responder responder = new Responder(random);
        byte[] answer = new byte[Responder.answerCapacity(Transport.TCP)];
        byte[] buffer = new byte[4096];
        Query question = new Query();
        Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        long end = System.nanoTime() + TIME.toNanos();
        while (System.nanoTime() < end) {
            byte[] packet = mutated();
            System.arraycopy(packet, 0, buffer, 0, packet.length); // Old octets behind the packet must not matter.
            Transport transport = random.nextBoolean() ? Transport.UDP : Transport.TCP;
            try {
                Asker asker = random.nextBoolean() ? Asker.UNKNOWN : ASKER;
                Outcome outcome = responder.respond(buffer, packet.length, asker, ZONE, transport, answer);
                outcomes.add(outcome);
                question.take(buffer, packet.length);
                ZONE.lookUp(new Query[] {question}, 1);
                assertThat(responder.respond(question, asker, ZONE, transport, answer))
                        .as("looked up before")
                        .isEqualTo(outcome);
                if (outcome == Outcome.ANSWER) {
                    check(packet, Arrays.copyOf(answer, responder.answerLength()), transport);
                } else if (outcome == Outcome.FORWARD) {
                    ForwardedQuery query = responder.forwarded(transport);
                    assertThat(MessageText.of(query.encode(1, random.nextBoolean())))
                            .isNotEmpty();
                    check(packet, query.serverFailure(), transport);
                }
            } catch (RuntimeException | AssertionError e) {
                throw failure(packet, e);
            }
        }
        assertThat(outcomes).as("every outcome is met").containsExactlyInAnyOrder(Outcome.values());
    }

    @Test
    void noPacketBreaksTheMatchingOfAnswers() {
        System.out.println("FuzzTest matching seed=" + seed);
        byte[] question = Packets.question("www.example.com. A +edns=1232");
        Responder responder = new Responder(random);
        byte[] into = new byte[Responder.answerCapacity(Transport.UDP)];
        assertThat(responder.respond(question, question.length, Asker.UNKNOWN, ZONE, Transport.UDP, into))
                .isEqualTo(Outcome.FORWARD);
        ForwardedQuery query = responder.forwarded(Transport.UDP);
        Set<Match> matches = EnumSet.noneOf(Match.class);
        long end = System.nanoTime() + TIME.toNanos();
        while (System.nanoTime() < end) {
            byte[] packet = mutated();
            try {
                Match match = query.match(packet, packet.length, 0xbeef);
                matches.add(match);
                if (match == Match.ANSWER) {
                    UpstreamAnswer answer = query.read(packet, packet.length);
                    assertThat(answer.lifetimeSeconds()).isBetween(0, UpstreamAnswer.MAX_SECONDS);
                    byte[] asked = query.answer(answer, random.nextInt(answer.lifetimeSeconds() + 1));
                    assertThat(asked.length).isLessThanOrEqualTo(1232);
                    assertThat(asked[2] & 0x80).as("QR").isEqualTo(0x80);
                }
            } catch (RuntimeException | AssertionError e) {
                throw failure(packet, e);
            }
        }
        assertThat(matches).as("every kind of match is met").containsExactlyInAnyOrder(Match.values());
    }

    @Test
    void noOctetsBreakTheReadingOfNames() {
        System.out.println("FuzzTest names seed=" + seed);
        WireName name = new WireName();
        long end = System.nanoTime() + TIME.toNanos();
        int read = 0;
        while (System.nanoTime() < end) {
            byte[] packet = new byte[12 + random.nextInt(600)];
            for (int i = 12; i < packet.length; i++) { // Few labels, many pointers, so that loops are met.
                packet[i] = (byte) (random.nextInt(3) == 0 ? 0xc0 | random.nextInt(3) : random.nextInt(32));
            }
            int at = 12 + random.nextInt(packet.length - 11);
            try {
                name.read(packet, packet.length, at);
                assertThat(name.length()).isBetween(1, 255);
                assertThat(name.end()).isEqualTo(WireName.skip(packet, packet.length, at));
                read++;
            } catch (MalformedMessageException e) {
                assertThat(e).hasMessageContaining(" ");
            } catch (RuntimeException | AssertionError e) {
                throw failure(packet, e);
            }
        }
        assertThat(read).isPositive();
    }

    private void check(byte[] packet, byte[] answer, Transport transport) {
        assertThat(MessageText.of(answer)).isNotEmpty();
        assertThat(answer[2] & 0x80).as("QR").isEqualTo(0x80);
        assertThat(Arrays.copyOf(answer, 2)).as("ID").isEqualTo(Arrays.copyOf(packet, 2));
        assertThat(answer.length).isLessThanOrEqualTo(transport == Transport.TCP ? 65_535 : askedFor(packet));
    }

    private static int askedFor(byte[] packet) {
        Query query = new Query();
        try {
            query.read(packet, packet.length);
            return query.udpLimit();
        } catch (MalformedMessageException e) {
            return 512;
        }
    }

    private byte[] mutated() {
        byte[] packet = CORPUS.get(random.nextInt(CORPUS.size())).clone();
        for (int i = random.nextInt(6); i > 0 && packet.length > 0; i--) {
            int at = random.nextInt(packet.length);
            switch (random.nextInt(7)) {
                case 0 -> packet[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> packet[at] = (byte) random.nextInt(256);
                case 2 -> packet[at] = (byte) 0xc0;
                case 3 -> packet = Arrays.copyOf(packet, at);
                case 4 -> packet = Arrays.copyOf(packet, Math.min(4000, packet.length + random.nextInt(40)));
                case 5 -> packet[random.nextInt(Math.min(12, packet.length))] = (byte) random.nextInt(4);
                default -> {
                    int length = random.nextInt(packet.length - at);
                    System.arraycopy(packet, at, packet, random.nextInt(packet.length - length), length);
                }
            }
        }
        return packet;
    }

    private AssertionError failure(byte[] packet, Throwable cause) {
        return new AssertionError("seed=" + seed + " packet=" + HexFormat.of().formatHex(packet), cause);
    }

    private static List<byte[]> corpus() {
        List<byte[]> corpus = new ArrayList<>();
        for (String question : List.of(
                "foo.weave.local. A",
                "foo. A +edns=1232",
                "big.weave.local. A",
                "big.weave.local. A +edns=4096 +do",
                "b.c.weave.local. AAAA +edns=512",
                "weave.local. SOA",
                "weave.local. ANY +cd",
                "1.0.32.10.in-addr.arpa. PTR",
                "_http._tcp.foo.weave.local. SRV",
                "_53._udp.foo.weave.local. SRV +edns=1232",
                "_80._tcp.big.weave.local. ANY",
                "_tcp.foo.weave.local. A",
                "10-32-0-1.foo.weave.local. A",
                "fd00-0-0-0-0-0-0-2.foo.weave.local. ANY",
                "www.example.com. A +edns=1232",
                "version.bind. TXT +class=3",
                "foo.weave.local. A +edns=4096 +version=1")) {
            corpus.add(Packets.question(question));
        }
        corpus.add(Packets.hex(UPSTREAM_ANSWER));
        corpus.add(Packets.hex(UPSTREAM_ANSWER.replace("8180", "8380")));
        corpus.add(Packets.hex(UPSTREAM_ANSWER.replace("8180", "8182")));
        corpus.add(Packets.hex(UPSTREAM_ANSWER.replace("8180", "8181")));
        return List.copyOf(corpus);
    }

    private static final String UPSTREAM_ANSWER = """
            beef 8180 0001 0002 0000 0001
            03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
            c00c 0005 0001 0000003c 0006 03 636e64 c010      ; CNAME cnd.example.com
            c02d 0001 0001 0000003c 0004 c0000201
            00 0029 04d0 00000000 0000
            """;
}
