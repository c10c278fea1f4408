package io.weavemesh.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Sends whole Ethernet frames out of a device (packet(7)), as if the host had made them. It receives none: its protocol is 0,
 * so the kernel hands it no copies.
 *
 * <p>Needs CAP_NET_RAW. From any thread; a frame takes microseconds. The socket stays in the namespace it was opened in,
 * whatever thread uses it later.
 */
public final class PacketSocket implements AutoCloseable {

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;

    /** struct sockaddr_ll: family u16, protocol u16 in network order, index u32; the rest is for receiving (8 + 4 bytes). */
    private static final int ADDRESS_BYTES = 20;

    private static final int ETH_BYTES = 14;
    private static final int ETHER_TYPE = 12;

    private final LibC libc;
    private final int file;
    private boolean closed;

    private PacketSocket(LibC libc, int file) {
        this.libc = libc;
        this.file = file;
    }

    /**
     * Opens a socket in the namespace of the calling thread.
     *
     * @throws NetlinkException if it may not ({@link NetlinkException#notPermitted}), or the kernel has no packet sockets
     *     (EAFNOSUPPORT, also the answer of systemd's {@code RestrictAddressFamilies=})
     */
    public static PacketSocket open() {
        return open(new ForeignLibC());
    }

    /**
     * Opens a socket in another namespace.
     *
     * @throws NetlinkException as {@link #open()}, or if the namespace cannot be entered
     */
    public static PacketSocket openIn(Path networkNamespace) {
        return Namespaces.callIn(new ForeignLibC(), networkNamespace, PacketSocket::open);
    }

    static PacketSocket open(LibC libc) {
        int file = libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (file < 0) {
            String text = file == -Errno.EPERM ? "operation not permitted (needs root or CAP_NET_RAW)" : "";
            throw new NetlinkException("open a packet socket", -file, text);
        }
        return new PacketSocket(libc, file);
    }

    /**
     * Sends one frame without waiting.
     *
     * @param linkIndex the device it leaves by; the type of the frame is where Ethernet has it
     * @throws NetlinkException if the device is gone (ENXIO, ENODEV) or down (ENETDOWN), the frame too large for it (EMSGSIZE),
     *     or there is no room for it now (ENOBUFS, EAGAIN)
     * @throws IllegalArgumentException if this is too short for a frame
     */
    public synchronized void send(int linkIndex, byte[] frame) {
        if (frame.length < ETH_BYTES) {
            throw new IllegalArgumentException(
                    "a frame of " + frame.length + " bytes is none (expected at least " + ETH_BYTES + ")");
        }
        if (closed) {
            throw new NetlinkException("send a frame by link " + linkIndex, Errno.EBADF);
        }
        ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_PACKET)
                .put(frame, ETHER_TYPE, 2)
                .putInt(linkIndex);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            long sent = libc.sendto(file, buffer, frame.length, MSG_DONTWAIT, address.array());
            if (sent < 0) {
                throw new NetlinkException("send a frame by link " + linkIndex, (int) -sent);
            }
        }
    }

    /** Twice is the same as once. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            libc.close(file);
        }
    }
}
