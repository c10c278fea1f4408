package io.weavemesh.dns.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real sockets of both kinds and families, on loopback. */
@Timeout(
        value = 60,
        threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // What waits in a system call cannot be interrupted.
class PacketSocketTest {

    private static final int PATIENCE_MILLIS = 5_000;

    /** How it is made, and where. */
    enum Kind {
        BATCH_IPV4("127.0.0.1"),
        BATCH_IPV6("::1"),
        CHANNEL_IPV4("127.0.0.1"),
        CHANNEL_IPV6("::1");

        private final String address;

        Kind(String address) {
            this.address = address;
        }

        boolean isBatch() {
            return name().startsWith("BATCH");
        }

        PacketSocket bind(InetSocketAddress to) throws IOException {
            return isBatch() ? BatchSocket.bind(to) : ChannelSocket.bind(to);
        }

        PacketSocket bind() throws IOException {
            return bind(new InetSocketAddress(address, 0));
        }
    }

    @Test
    void manyPacketsAtOnceArePossibleHere() throws IOException {
        assertThat(BatchSocket.isAvailable()).as("64-bit Linux").isTrue();
        try (PacketSocket socket = PacketSocket.bind(new InetSocketAddress(Kind.BATCH_IPV4.address, 0))) {
            assertThat(socket).isInstanceOf(BatchSocket.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerGoesToWhomThePacketIsFrom(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind();
                DatagramSocket asker = asker(socket.address())) {
            assertThat(socket.address().getAddress()).isEqualTo(InetAddress.ofLiteral(kind.address));
            send(asker, text("question"));
            assertThat(socket.receive()).isEqualTo(1);
            assertThat(read(socket, 0)).isEqualTo("question");
            assertThat(socket.asker(0)).isEqualTo(asker.getLocalAddress());
            socket.answer(0, text("answer and more"), 6);
            socket.flush();
            assertThat(receive(asker)).isEqualTo("answer");
        }
    }

    @ParameterizedTest
    @EnumSource
    void packetsThatHaveComeMeanwhileAreTakenTogetherAndEachIsAnswered(Kind kind) throws IOException {
        int count = 3 * PacketSocket.BATCH + 4;
        try (PacketSocket socket = kind.bind()) {
            List<DatagramSocket> askers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                askers.add(asker(socket.address()));
                send(askers.get(i), text("question " + i));
            }
            List<Integer> batches = new ArrayList<>();
            Set<String> questions = new HashSet<>();
            while (questions.size() < count) {
                int received = socket.receive();
                batches.add(received);
                for (int i = 0; i < received; i++) {
                    String question = read(socket, i);
                    questions.add(question);
                    byte[] answer = text("answer to " + question);
                    socket.answer(i, answer, answer.length);
                }
                socket.flush();
            }
            if (kind.isBatch()) {
                assertThat(batches).containsExactly(PacketSocket.BATCH, PacketSocket.BATCH, PacketSocket.BATCH, 4);
            }
            for (int i = 0; i < count; i++) {
                assertThat(receive(askers.get(i))).isEqualTo("answer to question " + i);
                askers.get(i).close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketThatIsLeftOutKeepsNoOtherFromItsAnswer(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind();
                DatagramSocket asker = asker(socket.address())) {
            for (int round = 0; round < 3; round++) {
                send(asker, text("dropped"));
                send(asker, text("question " + round));
                String last = "";
                while (!last.startsWith("question")) {
                    int received = socket.receive();
                    for (int i = 0; i < received; i++) {
                        last = read(socket, i);
                        if (last.startsWith("question")) {
                            socket.answer(i, text("answer"), 6);
                        }
                    }
                    socket.flush();
                }
                assertThat(receive(asker)).isEqualTo("answer");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLargestAnswerIsSentWholeAndTooLongAQuestionIsCut(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind();
                DatagramSocket asker = asker(socket.address())) {
            send(asker, new byte[PacketSocket.PACKET_CAPACITY + 1]);
            assertThat(socket.receive()).isEqualTo(1);
            byte[] question = new byte[PacketSocket.PACKET_CAPACITY];
            assertThat(socket.read(0, question)).isEqualTo(PacketSocket.PACKET_CAPACITY);
            byte[] answer = new byte[1232];
            Arrays.fill(answer, (byte) 'x');
            socket.answer(0, answer, answer.length);
            socket.flush();
            assertThat(receive(asker)).isEqualTo("x".repeat(1232));
            send(asker, text("short"));
            assertThat(socket.receive()).isEqualTo(1);
            assertThat(read(socket, 0)).as("the next in its place").isEqualTo("short");
        }
    }

    /** Those to one asker may leave as one packet that the kernel cuts; all lengths up to the largest, in groups and mixed. */
    @ParameterizedTest
    @EnumSource
    void answersToTheSameAskersArriveOneByOneWhateverTheirLengths(Kind kind) throws IOException {
        answersOfManyLengths(kind.bind(), kind.address);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.7.7.7", "::, ::1", "::, 127.7.7.7"})
    void theyDoAlsoWhereAllAddressesAreAnswered(String bound, String asked) throws IOException {
        answersOfManyLengths(BatchSocket.bind(new InetSocketAddress(bound, 0)), asked);
    }

    private static void answersOfManyLengths(PacketSocket bound, String address) throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("PacketSocketTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (PacketSocket socket = bound;
                DatagramSocket first =
                        asker(new InetSocketAddress(address, socket.address().getPort()));
                DatagramSocket second =
                        asker(new InetSocketAddress(address, socket.address().getPort()))) {
            Map<DatagramSocket, List<String>> expected = Map.of(first, new ArrayList<>(), second, new ArrayList<>());
            for (int round = 0; round < 200; round++) {
                int[] lengths = {1, 2, 300, random.nextInt(1, 1233), 1232}; // The JDK does not send empty packets.
                int count = random.nextInt(1, 40);
                for (int i = 0; i < count; i++) {
                    boolean sameAgain = random.nextInt(8) > 0;
                    DatagramSocket asker = sameAgain ? first : second;
                    int length =
                            lengths[random.nextInt(4) > 0 ? round % lengths.length : random.nextInt(lengths.length)];
                    String answer = Character.toString('a' + i % 26).repeat(length);
                    expected.getOrDefault(asker, List.of()).add(answer);
                    send(asker, text(answer));
                }
                for (int missing = count; missing > 0; ) {
                    int received = socket.receive();
                    missing -= received;
                    for (int i = 0; i < received; i++) {
                        byte[] answer = text(read(socket, i));
                        socket.answer(i, answer, answer.length);
                    }
                    socket.flush();
                }
                for (var entry : expected.entrySet()) {
                    List<String> answers = new ArrayList<>();
                    for (int i = entry.getValue().size(); i > 0; i--) {
                        answers.add(receive(entry.getKey()));
                    }
                    assertThat(answers)
                            .as("seed=%d round %d", seed, round)
                            .containsExactlyInAnyOrderElementsOf(entry.getValue());
                    entry.getValue().clear();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerMayComeLaterAndFromAnotherThread(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind();
                DatagramSocket first = asker(socket.address());
                DatagramSocket second = asker(socket.address())) {
            send(first, text("first"));
            socket.receive();
            PacketSocket.Later later = socket.later(0);
            send(second, text("second"));
            socket.receive();
            CompletableFuture.runAsync(() -> unchecked(() -> later.send(text("late answer"))))
                    .join();
            assertThat(receive(first)).isEqualTo("late answer");
            assertThatThrownBy(() -> later.send(new byte[70_000])).isInstanceOf(IOException.class);
            socket.answer(0, text("answer"), 6);
            socket.flush();
            assertThat(receive(second)).as("the error was of another").isEqualTo("answer");
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitingEndsWhenItIsStoppedAndTheAddressIsFreeAgain(Kind kind) throws Exception {
        InetSocketAddress address = new InetSocketAddress(kind.address, 0);
        for (int round = 0; round < 20; round++) {
            PacketSocket socket = kind.bind(address);
            address = socket.address(); // In the next rounds the same, which must be free.
            PacketSocket.Later late = laterThanOnePacket(socket);
            CompletableFuture<Throwable> end = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().name("receives" + round).start(() -> end.complete(endOf(socket)));
            awaitBlocked("receives" + round);
            socket.stop();
            assertThat(end.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isInstanceOf(ClosedChannelException.class);
            assertThat(thread.join(Duration.ofMillis(PATIENCE_MILLIS))).isTrue();
            socket.close();
            socket.close();
            assertThatThrownBy(() -> late.send(text("answer"))).isInstanceOf(ClosedChannelException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatIsStoppedBeforeAnybodyWaitsDoesNotWait(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind()) {
            socket.stop();
            assertThatThrownBy(socket::receive).isInstanceOf(ClosedChannelException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whyAnAddressCannotBeHadIsSaid(Kind kind) throws IOException {
        try (PacketSocket socket = kind.bind()) {
            assertThatThrownBy(() -> kind.bind(socket.address()))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("Address already in use");
        }
        String foreign = kind.address.contains(":") ? "2001:db8::1" : "192.0.2.1";
        assertThatThrownBy(() -> kind.bind(new InetSocketAddress(foreign, 0)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("Cannot assign requested address");
    }

    /** The asker's socket hears only what comes from where it asked. */
    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "0.0.0.0, 127.7.7.7", "::, ::1", "::, 127.7.7.7"})
    void whereAllAddressesAreAnsweredTheAnswerComesFromTheOneThatWasAsked(String bound, String asked)
            throws IOException {
        try (PacketSocket socket = BatchSocket.bind(new InetSocketAddress(bound, 0));
                DatagramSocket asker =
                        asker(new InetSocketAddress(asked, socket.address().getPort()))) {
            for (int round = 0; round < 3; round++) {
                send(asker, text("question"));
                assertThat(socket.receive()).isEqualTo(1);
                assertThat(socket.asker(0)).isEqualTo(asker.getLocalAddress());
                socket.answer(0, text("answer"), 6);
                socket.flush();
                assertThat(receive(asker)).isEqualTo("answer");
                socket.later(0).send(text("late"));
                assertThat(receive(asker)).isEqualTo("late");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "BATCH_.*", mode = EnumSource.Mode.MATCH_ALL)
    void onceWarmItAllocatesNothing(Kind kind) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] packet = new byte[PacketSocket.PACKET_CAPACITY];
        try (PacketSocket socket = kind.bind();
                DatagramSocket asker = asker(socket.address())) {
            DatagramPacket question = new DatagramPacket(text("question"), 8);
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 100 && allocated > 0; round++) {
                allocated = 0;
                for (int i = 0; i < 2_000; i++) {
                    asker.send(question);
                    asker.send(question);
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int missing = 2; missing > 0; ) {
                        int received = socket.receive();
                        missing -= received;
                        for (int j = 0; j < received; j++) {
                            int length = socket.read(j, packet);
                            assertThatIsLoopback(socket.asker(j));
                            socket.answer(j, packet, length);
                        }
                        socket.flush();
                    }
                    allocated += threads.getCurrentThreadAllocatedBytes() - before;
                }
            }
            assertThat(allocated).as("octets for 4,000 packets").isZero();
        }
    }

    private static void assertThatIsLoopback(InetAddress address) {
        if (!address.isLoopbackAddress()) { // AssertJ allocates.
            throw new AssertionError("from " + address);
        }
    }

    /** What receiving for ever ends with. */
    private static Throwable endOf(PacketSocket socket) {
        try {
            while (true) {
                socket.receive();
            }
        } catch (IOException e) {
            return e;
        }
    }

    private static PacketSocket.Later laterThanOnePacket(PacketSocket socket) throws IOException {
        try (DatagramSocket asker = asker(socket.address())) {
            send(asker, text("question"));
            socket.receive();
            return socket.later(0);
        }
    }

    /** Waits until the thread sleeps in the kernel: of a Java thread in a system call the JVM knows only that it is. */
    private static void awaitBlocked(String name) {
        TestPeer.until(name + " is blocked", () -> {
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
                for (Path task : tasks) {
                    String state = state(task);
                    if (state.contains("(" + name + ") S")) {
                        return true;
                    }
                }
                return false;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String state(Path task) throws IOException {
        try {
            return Files.readString(task.resolve("stat"));
        } catch (NoSuchFileException e) {
            return ""; // It has ended.
        } catch (IOException e) {
            if (Files.exists(task)) {
                throw e;
            }
            return ""; // It ended while the file was open: "No such process".
        }
    }

    private static DatagramSocket asker(InetSocketAddress to) throws IOException {
        DatagramSocket asker = new DatagramSocket();
        asker.connect(to);
        asker.setSoTimeout(PATIENCE_MILLIS);
        return asker;
    }

    private static void send(DatagramSocket asker, byte[] packet) throws IOException {
        asker.send(new DatagramPacket(packet, packet.length));
    }

    private static String receive(DatagramSocket asker) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        asker.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
    }

    private static String read(PacketSocket socket, int packet) {
        byte[] octets = new byte[PacketSocket.PACKET_CAPACITY];
        return new String(octets, 0, socket.read(packet, octets), US_ASCII);
    }

    private static byte[] text(String text) {
        return text.getBytes(US_ASCII);
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void unchecked(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
