package io.weavemesh.dns.edge;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A resolver that has one address for every name: 192.0.2.99. Over UDP a test can change each answer before it is sent, or
 * swallow it; the first octets of what came in are kept.
 */
final class TestUpstream implements AutoCloseable {

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final BinaryOperator<byte[]> change;
    final Set<Integer> sourcePorts = new ConcurrentSkipListSet<>();
    final List<byte[]> questions = new CopyOnWriteArrayList<>();

    TestUpstream(UnaryOperator<byte[]> change) throws IOException {
        this((question, answer) -> change.apply(answer));
    }

    /** A resolver whose answer depends on the question. */
    TestUpstream(BinaryOperator<byte[]> change) throws IOException {
        this.change = change;
        tcp = new ServerSocket();
        udp = bind(tcp);
        Thread.ofPlatform().daemon().name("test-upstream-udp").start(this::serveUdp);
        Thread.ofPlatform().daemon().name("test-upstream-tcp").start(this::serveTcp);
    }

    /** Binds a port that is free for both; the one the kernel gives for one of them may be taken for the other. */
    private static DatagramSocket bind(ServerSocket tcp) throws IOException {
        BindException taken = new BindException("no port tried");
        for (int attempt = 0; attempt < 50; attempt++) {
            DatagramSocket udp = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try {
                tcp.bind(udp.getLocalSocketAddress(), 5);
                return udp;
            } catch (BindException e) {
                udp.close();
                taken = e;
            }
        }
        throw taken;
    }

    /** A resolver that answers. */
    TestUpstream() throws IOException {
        this((question, answer) -> answer);
    }

    String line() {
        return "nameserver [127.0.0.1]:" + udp.getLocalPort() + "\n";
    }

    /** From now on there is UDP only. */
    void refuseTcp() throws IOException {
        tcp.close();
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        try {
            while (true) {
                packet.setLength(buffer.length);
                udp.receive(packet);
                byte[] question = Arrays.copyOf(buffer, packet.getLength());
                questions.add(question);
                sourcePorts.add(packet.getPort());
                byte[] answer = change.apply(question, answer(question));
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            udp.close(); // The test is over.
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket socket = tcp.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] question = new byte[in.readUnsignedShort()];
                    in.readFully(question);
                    byte[] answer = answer(question);
                    socket.getOutputStream().write(new byte[] {(byte) (answer.length >> 8), (byte) answer.length});
                    socket.getOutputStream().write(answer);
                }
            }
        } catch (IOException e) {
            return; // Refused, or the test is over.
        }
    }

    private static byte[] answer(byte[] question) {
        int end = 12;
        while (question[end] != 0) {
            end += question[end] + 1;
        }
        end += 5;
        byte[] record = {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, (byte) 192, 0, 2, 99};
        byte[] answer = Arrays.copyOf(question, end + record.length);
        System.arraycopy(record, 0, answer, end, record.length);
        answer[2] = (byte) 0x81;
        answer[3] = (byte) 0x80;
        Arrays.fill(answer, 6, 12, (byte) 0);
        answer[7] = 1;
        return answer;
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
