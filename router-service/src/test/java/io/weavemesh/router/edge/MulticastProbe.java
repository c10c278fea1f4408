package io.weavemesh.router.edge;

import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;

/** A program for a container: {@code receive GROUP PORT DEVICE} or {@code send GROUP PORT DEVICE TEXT}. */
final class MulticastProbe {

    private static final int TIMEOUT_MILLIS = 10_000;

    private MulticastProbe() {}

    public static void main(String[] arguments) throws Exception {
        InetAddress group = InetAddress.getByName(arguments[1]);
        int port = Integer.parseInt(arguments[2]);
        NetworkInterface device = NetworkInterface.getByName(arguments[3]);
        if (arguments[0].equals("receive")) {
            try (MulticastSocket socket = new MulticastSocket(port)) {
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.joinGroup(new InetSocketAddress(group, port), device);
                System.out.println("joined");
                DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
                socket.receive(packet);
                System.out.println(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)
                        + " from " + packet.getAddress().getHostAddress());
            }
        } else {
            try (MulticastSocket socket = new MulticastSocket()) {
                socket.setNetworkInterface(device);
                byte[] text = arguments[4].getBytes(StandardCharsets.UTF_8);
                socket.send(new DatagramPacket(text, text.length, group, port));
            }
        }
    }
}
