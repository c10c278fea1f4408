package io.weavemesh.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Sends a datagram to a socket in the file system (unix(7)), which the JDK's own unix sockets cannot. */
public final class UnixDatagram {

    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;

    /** {@code sun_path} of struct sockaddr_un. */
    private static final int MAX_PATH_BYTES = 108;

    private UnixDatagram() {}

    /**
     * Sends one datagram. May wait while the receiver's queue is full. From any thread.
     *
     * @param address an absolute path, or {@code @} and a name in the abstract name space
     * @throws NetlinkException if nobody receives there, or it may not be sent
     * @throws IllegalArgumentException if this is no address of a unix socket
     */
    public static void send(String address, String text) {
        LibC libc = new ForeignLibC();
        byte[] destination = address(address);
        int socket = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            throw new NetlinkException("open a socket for " + address, -socket);
        }
        try (Arena arena = Arena.ofConfined()) {
            int connected = libc.connect(socket, destination);
            if (connected < 0) {
                throw new NetlinkException("connect to " + address, -connected);
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long sent = libc.send(socket, buffer, bytes.length, MSG_NOSIGNAL);
            if (sent < 0) {
                throw new NetlinkException("send to " + address, (int) -sent);
            }
        } finally {
            libc.close(socket);
        }
    }

    /** struct sockaddr_un: the family in the host's order, then the path; a zero byte in its front for an abstract name. */
    private static byte[] address(String text) {
        byte[] path = text.getBytes(StandardCharsets.UTF_8);
        boolean named = text.startsWith("@");
        if (!named && !text.startsWith("/") || path.length < 2 || path.length >= MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not the address of a unix socket (expected an absolute"
                            + " path or @NAME of less than " + MAX_PATH_BYTES + " bytes)");
        }
        ByteBuffer address = ByteBuffer.allocate(Short.BYTES + path.length + (named ? 0 : 1))
                .order(ByteOrder.nativeOrder())
                .putShort(AF_UNIX)
                .put(path);
        if (named) {
            address.put(Short.BYTES, (byte) 0);
        }
        return address.array();
    }
}
