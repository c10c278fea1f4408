package io.weavemesh.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A question for the address of a name, to be asked over and over. */
final class Question implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 1_000;
    private static final int RCODE_AND_COUNT_END = 8;

    private final DatagramSocket socket;
    private final DatagramPacket question;
    private final DatagramPacket answer = new DatagramPacket(new byte[512], 512);

    Question(String host, int port, String name) throws IOException {
        socket = new DatagramSocket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(host, port));
        byte[] packet = packet(name);
        question = new DatagramPacket(packet, packet.length);
    }

    /** The message that asks for the IPv4 addresses of a name. */
    static byte[] packet(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, 0, 1, 0, 1});
        return out.toByteArray();
    }

    /** Asks; whether there was an answer with an address. */
    boolean isAnswered() throws IOException {
        try {
            socket.send(question);
            socket.receive(answer);
        } catch (SocketTimeoutException | PortUnreachableException e) {
            return false;
        }
        byte[] message = answer.getData();
        return answer.getLength() > RCODE_AND_COUNT_END && (message[3] & 0xf) == 0 && message[7] > 0;
    }

    /**
     * Asks until there is an answer with an address.
     *
     * @throws IOException if there is none within 30 seconds
     */
    void awaitAnswer() throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isAnswered()) {
            if (System.nanoTime() > end) {
                throw new IOException("no answer within 30 s from " + socket.getRemoteSocketAddress());
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
