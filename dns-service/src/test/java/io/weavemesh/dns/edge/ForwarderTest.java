package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of questions that are not ours, as seen by dig, with resolvers the test makes. */
class ForwarderTest {

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void stop() {
        TestPeer.await(vertx.close());
    }

    private TestPeer peer(String resolvConf) throws IOException {
        return peer(resolvConf, 2_000);
    }

    private TestPeer peer(String resolvConf, int fallbackMillis) throws IOException {
        Path file = Files.writeString(directory.resolve("resolv.conf"), resolvConf);
        ListenAddress listen = new ListenAddress.OfInterface("lo", 0);
        return new TestPeer(vertx, 1, new ConcurrentHashMap<>()).start(TestPeer.settings(listen, file, fallbackMillis));
    }

    @Test
    void otherNamesAreAskedOfTheHostsResolvers() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            TestPeer peer = peer(upstream.line());
            assertThat(peer.dig().shortly("WWW.example.com")).containsExactly("192.0.2.99");
            assertThat(peer.dig().shortly("tcp.example.com +tcp")).containsExactly("192.0.2.99");
            assertThat(peer.dig().shortly("-x 192.0.2.1 A")).containsExactly("192.0.2.99");
            assertThat(peer.dig().ask("nobody.weave.local")).contains("NXDOMAIN");
            assertThat(peer.dig().ask("nobody")).contains("NXDOMAIN");
            assertThat(upstream.questions).as("our own domain is not asked").hasSize(3);
            assertThat(peer.status().upstream()).hasSize(1);
        }
    }

    @Test
    void everyQuestionHasAPortAndAnIdentifierOfItsOwn() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            Dig dig = peer(upstream.line()).dig();
            for (int i = 0; i < 8; i++) {
                assertThat(dig.shortly("n" + i + ".example.com +qid=7")).containsExactly("192.0.2.99");
            }
            assertThat(upstream.sourcePorts).hasSizeGreaterThan(4);
            assertThat(upstream.questions.stream()
                            .map(question -> question[0] << 8 | question[1] & 0xff)
                            .distinct())
                    .hasSizeGreaterThan(4);
        }
    }

    @Test
    void forgedAnswersAreNotBelieved() throws IOException {
        try (TestUpstream forger = new TestUpstream(answer -> {
            answer[0] ^= 1;
            return answer;
        })) {
            assertThat(peer(forger.line(), 300).dig().ask("www.example.com")).contains("SERVFAIL");
        }
        try (TestUpstream forger = new TestUpstream(answer -> {
            answer[13] ^= 1;
            return answer;
        })) {
            assertThat(peer(forger.line(), 300).dig().ask("www.example.com")).contains("SERVFAIL");
        }
    }

    private static byte[] cut(byte[] answer) {
        answer[2] |= 2;
        answer[7] = 0;
        return Arrays.copyOf(answer, answer.length - 16);
    }

    @Test
    void anAnswerThatWasCutIsFetchedWholeByTcp() throws IOException {
        try (TestUpstream upstream = new TestUpstream(ForwarderTest::cut)) {
            Dig dig = peer(upstream.line()).dig();
            assertThat(dig.shortly("www.example.com +ignore")).containsExactly("192.0.2.99");
            assertThat(dig.shortly("tcp.example.com +tcp")).containsExactly("192.0.2.99");
        }
    }

    @Test
    void anAnswerThatCannotBeHadWholeSaysSo() throws IOException {
        try (TestUpstream upstream = new TestUpstream(ForwarderTest::cut)) {
            upstream.refuseTcp();
            Dig dig = peer(upstream.line()).dig();
            assertThat(dig.ask("www.example.com +ignore")).contains("NOERROR", "qr tc rd ra", "ANSWER: 0");
            assertThat(dig.ask("www.example.com +tcp")).contains("SERVFAIL");
        }
    }

    @Test
    void anAnswerIsRememberedAndItsTimeRunsDown() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            Dig dig = peer(upstream.line()).dig();
            assertThat(dig.ask("www.example.com")).contains("\t60\tIN\tA\t192.0.2.99");
            TestPeer.until("a second passes", () -> dig.ask("WWW.example.com").contains("WWW.example.com.\t59\tIN\tA"));
            assertThat(dig.shortly("www.example.com +tcp")).containsExactly("192.0.2.99");
            assertThat(upstream.questions).hasSize(1);
            assertThat(dig.shortly("www.example.com AAAA")).containsExactly("192.0.2.99");
            assertThat(dig.shortly("www.example.com +dnssec")).containsExactly("192.0.2.99");
            assertThat(upstream.questions).as("these are other questions").hasSize(3);
        }
    }

    @Test
    void manyWhoAskTheSameAtOnceMakeOneQuestion() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        try (TestUpstream upstream = new TestUpstream((question, answer) -> {
            asked.countDown();
            return awaited(mayAnswer) ? answer : new byte[0];
        })) {
            Forwarder forwarder = forwarder(upstream.line());
            List<String> answers = new CopyOnWriteArrayList<>();
            CountDownLatch answered = new CountDownLatch(20);
            for (int i = 0; i < 20; i++) {
                forwarder.forward(TestQuestions.query("www.example.com. A", i), answer -> {
                    answers.add(HexFormat.of().formatHex(answer));
                    answered.countDown();
                });
            }
            assertThat(awaited(asked)).isTrue();
            mayAnswer.countDown();
            assertThat(awaited(answered)).isTrue();
            assertThat(upstream.questions).hasSize(1);
            assertThat(answers.stream().map(answer -> answer.substring(0, 4)))
                    .as("each under its own identifier")
                    .doesNotHaveDuplicates();
            forwarder.close();
        }
    }

    @Test
    void whenTheResolversAreGoneOldAnswersGoOn() throws IOException {
        TestPeer peer;
        try (TestUpstream upstream = new TestUpstream(answer -> {
            answer[answer.length - 7] = 1; // A TTL of a second.
            return answer;
        })) {
            peer = peer(upstream.line());
            assertThat(peer.dig().ask("www.example.com")).contains("\t1\tIN\tA\t192.0.2.99");
        }
        TestPeer.until(
                "the answer is too old", () -> peer.dig().ask("www.example.com").contains("\t30\tIN\tA\t192.0.2.99"));
        assertThat(peer.dig().ask("other.example.com")).contains("SERVFAIL");
    }

    @Test
    void aSilentResolverDoesNotKeepAnOldAnswerBack() throws IOException {
        AtomicBoolean silent = new AtomicBoolean();
        try (TestUpstream upstream = new TestUpstream(answer -> {
            answer[answer.length - 7] = 1;
            return silent.get() ? new byte[0] : answer;
        })) {
            TestPeer peer = peer(upstream.line(), 10_000);
            assertThat(peer.dig().ask("www.example.com")).contains("\t1\tIN\tA\t192.0.2.99");
            silent.set(true);
            TestPeer.until(
                    "the answer is too old",
                    () -> peer.dig().ask("www.example.com").contains("\t30\tIN\tA\t192.0.2.99"));
        }
    }

    @Test
    void theOptionsOfClientsStayHere() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            peer(upstream.line()).dig().ask("www.example.com +subnet=192.0.2.0/24 +cookie +bufsize=4096");
            byte[] question = upstream.questions.getFirst();
            assertThat(HexFormat.of().formatHex(question))
                    .as("an OPT record of 1232 octets and no options")
                    .endsWith("0000010001" + "00002904d0000000000000");
        }
    }

    @Test
    void aResolverThatDoesNotKnowOptionsIsAskedWithout() throws IOException {
        try (TestUpstream old = new TestUpstream((question, answer) -> {
            answer[3] |= question[11] == 0 ? (byte) 0 : (byte) 1;
            return answer;
        })) {
            assertThat(peer(old.line()).dig().shortly("www.example.com")).containsExactly("192.0.2.99");
            assertThat(old.questions).hasSize(2);
        }
    }

    @Test
    void aResolverThatStaysSilentIsAskedAfterTheOthers() throws IOException {
        try (TestUpstream mute = new TestUpstream(answer -> new byte[0]);
                TestUpstream good = new TestUpstream()) {
            Dig dig = peer(mute.line() + good.line()).dig();
            assertThat(dig.shortly("one.example.com")).containsExactly("192.0.2.99");
            assertThat(dig.shortly("two.example.com")).containsExactly("192.0.2.99");
            assertThat(dig.shortly("three.example.com")).containsExactly("192.0.2.99");
            assertThat(mute.questions).hasSize(1);
        }
    }

    @Test
    void theNextResolverIsAskedWhenOneIsDeadSilentOrUnwilling() throws IOException {
        try (TestUpstream good = new TestUpstream();
                TestUpstream unwilling = new TestUpstream(answer -> {
                    answer[3] |= 5;
                    return answer;
                });
                DatagramSocket silent =
                        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            String dead = "nameserver [127.0.0.1]:" + freePort() + "\n";
            String mute = "nameserver [127.0.0.1]:" + silent.getLocalPort() + "\n";
            TestPeer peer = peer(dead + unwilling.line() + mute + good.line());
            assertThat(peer.dig().shortly("www.example.com")).containsExactly("192.0.2.99");
            assertThat(peer.dig().shortly("tcp.example.com +tcp")).containsExactly("192.0.2.99");
        }
    }

    @Test
    void aLostPacketIsSentAgain() throws IOException {
        AtomicInteger count = new AtomicInteger();
        try (TestUpstream lossy = new TestUpstream(answer -> count.getAndIncrement() == 0 ? new byte[0] : answer)) {
            assertThat(peer(lossy.line(), 1_000).dig().shortly("www.example.com"))
                    .containsExactly("192.0.2.99");
            assertThat(count).hasValue(2);
        }
    }

    @Test
    void whenNoResolverAnswersTheQuestionFails() throws IOException {
        TestPeer dead = peer("nameserver [127.0.0.1]:" + freePort() + "\n");
        assertThat(dead.dig().ask("www.example.com")).contains("SERVFAIL");
        assertThat(dead.dig().ask("www.example.com +tcp")).contains("SERVFAIL");
    }

    @Test
    void whenAllResolversAreSilentTheQuestionFailsInTime() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Dig dig = peer("nameserver [127.0.0.1]:" + silent.getLocalPort() + "\n", 600)
                    .dig();
            long start = System.nanoTime();
            assertThat(dig.ask("www.example.com")).contains("SERVFAIL");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(590), Duration.ofSeconds(5));
        }
    }

    @Test
    void withoutResolversTheQuestionFailsAtOnce() throws IOException {
        assertThat(peer("# nobody\n").dig().ask("www.example.com +bufsize=1232"))
                .contains("SERVFAIL", "flags: qr rd ra;");
    }

    @Test
    void weDoNotAskOurselves() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            TestPeer peer = peer("");
            Path file = directory.resolve("resolv.conf");
            Files.writeString(file, "nameserver [127.0.0.1]:" + peer.port() + "\n" + upstream.line());
            TestPeer.until("the file is read", () -> !peer.status().upstream().isEmpty());
            assertThat(peer.status().upstream()).hasSize(1).noneMatch(text -> text.endsWith(":" + peer.port()));
        }
    }

    @Test
    void aChangedFileIsReadAgain() throws IOException {
        try (TestUpstream upstream = new TestUpstream()) {
            TestPeer peer = peer("");
            assertThat(peer.dig().ask("www.example.com")).contains("SERVFAIL");
            Files.writeString(directory.resolve("resolv.conf"), upstream.line());
            TestPeer.until("the file is read", () -> !peer.status().upstream().isEmpty());
            assertThat(peer.dig().shortly("www.example.com")).containsExactly("192.0.2.99");
            Files.delete(directory.resolve("resolv.conf"));
            TestPeer.until("nobody is left", () -> peer.status().upstream().isEmpty());
        }
    }

    private Forwarder forwarder(String resolvConf) throws IOException {
        Path file = Files.writeString(directory.resolve("resolv.conf"), resolvConf);
        return new Forwarder(new Upstreams(HostFile.of(file, Map.of()), server -> false), Duration.ofSeconds(5));
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }
}
