package io.weavemesh.dns.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens on connections, octet by octet. */
class TcpServerTest {

    private static final int DEADLINE_MILLIS = 20_000;

    private final Vertx vertx = Vertx.vertx();
    private final TestPeer peer = new TestPeer(vertx, 1, new ConcurrentHashMap<>());

    @AfterEach
    void stop() {
        TestPeer.await(vertx.close());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), peer.port());
        socket.setSoTimeout(DEADLINE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private void start() {
        peer.start(Path.of("/nonexistent"));
        peer.register("e1", "foo.weave.local", "10.32.0.1");
        peer.register("e2", "big.weave.local", String.join(" ", ConformanceServer.BIG));
    }

    /** A question behind its length, {@code NAME.weave.local. A}. */
    private static byte[] question(int id, String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(12 + 1 + name.length() + 13 + 4);
        out.writeShort(id);
        out.writeShort(0x0100);
        out.writeShort(1);
        out.write(new byte[6]);
        for (String label : List.of(name, "weave", "local")) {
            out.writeByte(label.length());
            out.writeBytes(label);
        }
        out.writeByte(0);
        out.writeShort(1);
        out.writeShort(1);
        return bytes.toByteArray();
    }

    /** Reads one answer; its ID and how many records it has. */
    private static String answer(DataInputStream in) throws IOException {
        byte[] message = in.readNBytes(in.readUnsignedShort());
        return u16(message, 0) + ":" + u16(message, 6);
    }

    private static int u16(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
    }

    @Test
    void manyQuestionsInOnePieceAreAllAnswered() throws IOException {
        start();
        ByteArrayOutputStream questions = new ByteArrayOutputStream();
        List<String> expected = new ArrayList<>();
        for (int id = 0; id < 500; id++) {
            questions.writeBytes(question(id, id % 2 == 0 ? "foo" : "big"));
            expected.add(id + ":" + (id % 2 == 0 ? 1 : 200));
        }
        try (Socket socket = connect();
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(questions.toByteArray());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(answer(in));
            }
            assertThat(answers).containsExactlyElementsOf(expected);
            writer.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aQuestionInSingleOctetsIsOne() throws IOException {
        start();
        try (Socket socket = connect();
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            for (int id = 0; id < 2; id++) {
                for (byte octet : question(id, "foo")) {
                    socket.getOutputStream().write(octet);
                    socket.getOutputStream().flush();
                }
                assertThat(answer(in)).isEqualTo(id + ":1");
            }
        }
    }

    @Test
    void localAnswersDoNotWaitForForwardedOnes() throws IOException {
        peer.start(TestPeer.settings(
                new ListenAddress.Fixed(io.weavemesh.contract.IpAddress.parse("127.0.0.1"), 0),
                Path.of("/nonexistent"),
                1_000));
        peer.register("e1", "foo.weave.local", "10.32.0.1");
        try (Socket socket = connect();
                DataInputStream in = new DataInputStream(socket.getInputStream())) {
            byte[] elsewhere = question(1, "www");
            elsewhere[2 + 12 + 1 + 3 + 1] = 'x'; // www.xeave.local.
            socket.getOutputStream().write(elsewhere);
            socket.getOutputStream().write(question(2, "foo"));
            assertThat(new TreeSet<>(List.of(answer(in), answer(in)))).containsExactly("1:0", "2:1");
        }
    }

    @Test
    void whoeverSendsNoQuestionIsHungUpOn() throws IOException {
        start();
        byte[] anAnswer = question(1, "foo");
        anAnswer[4] = (byte) 0x80;
        for (byte[] nonsense : List.of(new byte[] {0, 0}, new byte[] {0, 3, 1, 2, 3}, anAnswer)) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(nonsense);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void connectionsBeyondTheBoundAreHungUpOnUntilOneEnds() throws IOException {
        start();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i : IntStream.range(0, TcpServer.MAX_CONNECTIONS).toArray()) {
                Socket socket = connect();
                sockets.add(socket);
                socket.getOutputStream().write(question(i, "foo"));
                assertThat(answer(new DataInputStream(socket.getInputStream()))).isEqualTo(i + ":1");
            }
            try (Socket more = connect()) {
                assertThat(more.getInputStream().read()).isEqualTo(-1);
            }
            sockets.removeLast().close();
            TestPeer.until("there is room again", this::isAnswered);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private boolean isAnswered() {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(question(1, "foo"));
            return socket.getInputStream().read() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whoeverSaysNothingIsHungUpOn() throws IOException {
        start();
        try (Socket socket = connect()) {
            socket.getOutputStream().write(question(1, "foo"));
            assertThat(answer(new DataInputStream(socket.getInputStream()))).isEqualTo("1:1");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** {@code -Dseed=N} repeats a run, {@code -Dsoak=MINUTES} makes it last so long. */
    @Test
    void noOctetsBreakTheServer() throws IOException {
        List<Throwable> defects = new CopyOnWriteArrayList<>();
        vertx.exceptionHandler(defects::add);
        start();
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("TcpServerTest seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int minutes = Integer.getInteger("soak", 0);
        Duration time = minutes > 0 ? Duration.ofMinutes(minutes) : Duration.ofSeconds(2);
        long end = System.nanoTime() + time.toNanos();
        int answers = 0;
        while (System.nanoTime() < end) {
            try (Socket socket = connect()) {
                socket.setSoLinger(true, 0); // No connection stays behind in TIME_WAIT.
                for (int i = random.nextInt(8); i >= 0; i--) {
                    socket.getOutputStream().write(piece(random, i));
                }
                if (random.nextInt(4) > 0) {
                    socket.shutdownOutput();
                    answers += wholeAnswers(socket);
                }
            } catch (SocketException e) {
                assertThat(e).as("seed=%d", seed).hasMessageMatching("Broken pipe|Connection reset.*");
            }
            assertThat(defects).as("seed=%d", seed).isEmpty();
        }
        assertThat(answers).isPositive();
        TestPeer.until("a question is answered afterwards", this::isAnswered);
    }

    /** A question, damaged or cut more often than not. */
    private static byte[] piece(SplittableRandom random, int id) throws IOException {
        byte[] piece = question(id, random.nextBoolean() ? "foo" : "big");
        for (int damage = random.nextInt(4); damage > 0; damage--) {
            piece[random.nextInt(piece.length)] = (byte) random.nextInt(256);
        }
        return Arrays.copyOf(piece, random.nextInt(3) == 0 ? random.nextInt(piece.length) : piece.length);
    }

    /** Reads answers to the end of the connection, which must not be within one. */
    private static int wholeAnswers(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int count = 0; ; count++) {
            int first = in.read();
            if (first < 0) {
                return count;
            }
            int length = first << 8 | in.readUnsignedByte();
            assertThat(in.readNBytes(length)).hasSize(length);
        }
    }
}
