package io.weavemesh.systemtests;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * The resolver that the hosts' {@code /etc/resolv.conf} names: every name has the address {@link #ANSWER} and nothing else,
 * and no address has a name. A process of its own, in the switch's namespace; it ends when its standard input does, so it
 * does not outlive a killed test run.
 */
final class Upstream {

    /** From the range for documentation (RFC 5737). */
    static final String ANSWER = "192.0.2.53";

    private static final int HEADER = 12;
    private static final int RECORD = 16;
    private static final int TYPE_A = 1;
    private static final int TYPE_PTR = 12;

    /** Flags of a response with recursion, and the RCODE. */
    private static final int NOERROR = 0x8180;

    private static final int NXDOMAIN = 0x8183;

    private Upstream() {}

    /** Serves on the address given, port 53. */
    public static void main(String[] arguments) throws IOException {
        Thread server = new Thread(() -> serve(arguments[0]), "upstream");
        server.setDaemon(true);
        server.start();
        while (System.in.read() >= 0) {
            // Nothing is expected but the end.
        }
    }

    private static void serve(String address) {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 53))) {
            byte[] buffer = new byte[512];
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] answer = answer(buffer);
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot answer on " + address + " port 53", e);
        }
    }

    /** The question with one A record, or none (RFC 1035 s4.1); whatever came after the question is left out. */
    private static byte[] answer(byte[] query) throws IOException {
        int end = HEADER;
        while (query[end] != 0) {
            end += 1 + query[end];
        }
        end += 5;
        boolean forAddress = query[end - 3] == TYPE_A;
        boolean forName = query[end - 3] == TYPE_PTR;
        ByteBuffer answer = ByteBuffer.allocate(forAddress ? end + RECORD : end);
        answer.put(query, 0, 2).putShort((short) (forName ? NXDOMAIN : NOERROR));
        answer.putShort((short) 1).putShort((short) (forAddress ? 1 : 0)).putInt(0);
        answer.put(query, HEADER, end - HEADER);
        if (!forAddress) {
            return answer.array();
        }
        answer.putShort((short) (0xc000 | HEADER)).putShort((short) 1).putShort((short) 1);
        answer.putInt(1).putShort((short) 4).put(InetAddress.getByName(ANSWER).getAddress());
        return answer.array();
    }
}
