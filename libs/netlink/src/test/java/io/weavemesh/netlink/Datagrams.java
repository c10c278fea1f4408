package io.weavemesh.netlink;

import io.weavemesh.contract.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/** Whether packets of one namespace arrive in another; a ping that needs no program. */
final class Datagrams {

    /** A port of a bridge forwards only after the kernel's link watcher ran, which may take a second. */
    private static final int ATTEMPTS = 30;

    private static final int ATTEMPT_MILLIS = 100;

    private Datagrams() {}

    /** Sends up to thirty datagrams in three seconds until one arrives. */
    static boolean reach(Namespace from, Namespace to, IpAddress address) {
        LibC libc = new ForeignLibC();
        try (DatagramSocket receiver = Namespaces.callIn(libc, to.path(), () -> socket(address));
                DatagramSocket sender = Namespaces.callIn(libc, from.path(), () -> socket(IpAddress.ipv4(0)))) {
            receiver.setSoTimeout(ATTEMPT_MILLIS);
            byte[] sent = {'h', 'i'};
            DatagramPacket received = new DatagramPacket(new byte[16], 16);
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                sender.send(new DatagramPacket(sent, sent.length, receiver.getLocalSocketAddress()));
                if (arrives(receiver, received)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean arrives(DatagramSocket receiver, DatagramPacket packet) throws IOException {
        try {
            receiver.receive(packet);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static DatagramSocket socket(IpAddress address) {
        try {
            return new DatagramSocket(new InetSocketAddress(address.toInetAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
