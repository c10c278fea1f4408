package io.weavemesh.dns.edge;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * A socket that takes and sends many packets with one system call each.
 *
 * Idea: recvmmsg(2) waits for one packet and takes what else has come; the answers to all of them go by one sendmmsg(2). So
 * nothing waits for company while it is quiet, and the busier it is, the more packets share the cost of a system call and of
 * waking up whoever waits for the answers. Answers of one length to one asker, such as a resolver that asks for many, go
 * through the kernel's network code as one packet, which it cuts where it hands them over (udp(7), UDP_SEGMENT). For such
 * an asker this is most of the gain: one answer's way through that code costs more than all the rest.
 *
 * Stopping: a blocked system call cannot be interrupted from Java. shutdown(2) lets recvmmsg return, on sockets without a peer
 * too (it says ENOTCONN, and wakes those who wait: net/ipv4/af_inet.c, inet_shutdown). The file is closed by the thread
 * that receives, so that no call of ours can meet a file of somebody else with the same number.
 *
 * Rejected: io_uring, which many hosts forbid; a thread for each core with SO_REUSEPORT, which costs the same time for
 * each answer and takes more cores from the containers.
 */

/** A UDP socket by the foreign-function API. A packet to it is answered from the address it came to, also if bound to all. */
final class BatchSocket implements PacketSocket {

    private static final Logger LOG = LoggerFactory.getLogger(BatchSocket.class);

    private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int PORT_AT = 2;
    private static final int IPV4_BYTES = 16;
    private static final int IPV4_ADDRESS_AT = 4;
    private static final int IPV6_BYTES = 28;
    private static final int IPV6_ADDRESS_AT = 8;
    private static final int IPV6_SCOPE_AT = 24;

    private final int file;
    private final InetSocketAddress address;
    private final MessageArray in;
    private final MessageArray out;
    private final MemorySegment errno;
    private final boolean segments;
    private final RecentAddresses askers;
    private final Object closing = new Object();
    private boolean closed;
    private volatile boolean stopped;
    private int received;
    private int waiting;

    private BatchSocket(int file, InetSocketAddress address, boolean segments) {
        this.file = file;
        this.segments = segments;
        this.address = address;
        boolean anyAddress = address.getAddress().isAnyLocalAddress();
        // Of no thread or scope: the memory lives as long as this is referred to, and calls need not lock it.
        Arena arena = Arena.ofAuto();
        this.in = new MessageArray(arena, BATCH, PACKET_CAPACITY, anyAddress);
        this.out = new MessageArray(arena, BATCH, Responder.answerCapacity(Transport.UDP), anyAddress);
        this.errno = arena.allocate(SocketCalls.CAPTURED);
        this.askers =
                new RecentAddresses(isIpv4(address) ? IPV4_ADDRESS_AT : IPV6_ADDRESS_AT, isIpv4(address) ? 4 : 16);
    }

    /** Whether there can be such a socket here. */
    static boolean isAvailable() {
        try {
            return SocketCalls.areAllowed();
        } catch (LinkageError e) { // Of the class's initialization: another system, or native access is denied.
            LOG.debug("Packets are received one at a time.", e);
            return false;
        }
    }

    static BatchSocket bind(InetSocketAddress wanted) throws IOException {
        int family = isIpv4(wanted) ? SocketCalls.AF_INET : SocketCalls.AF_INET6;
        int file = done("open a socket", SocketCalls.socket(family, SocketCalls.SOCK_DGRAM | SocketCalls.SOCK_CLOEXEC));
        try (Arena arena = Arena.ofConfined()) {
            set(file, SocketCalls.SOL_SOCKET, SocketCalls.SO_RCVBUF, RECEIVE_BUFFER);
            if (!isIpv4(wanted)) {
                set(file, SocketCalls.SOL_IPV6, SocketCalls.IPV6_V6ONLY, 0); // As the JDK does.
            }
            if (wanted.getAddress().isAnyLocalAddress()) {
                boolean ipv4 = isIpv4(wanted);
                set(
                        file,
                        ipv4 ? SocketCalls.SOL_IP : SocketCalls.SOL_IPV6,
                        ipv4 ? SocketCalls.IP_PKTINFO : SocketCalls.IPV6_RECVPKTINFO,
                        1);
            }
            MemorySegment name = name(arena, wanted);
            bound(wanted, SocketCalls.bind(file, name));
            done("look up the port", SocketCalls.getsockname(file, name));
            int port = Short.toUnsignedInt(name.get(PORT, PORT_AT));
            // Zero changes nothing; a kernel before 4.18, or not Linux itself, does not know the option.
            boolean segments = SocketCalls.setsockopt(file, SocketCalls.SOL_UDP, SocketCalls.UDP_SEGMENT, 0) == 0;
            return new BatchSocket(file, new InetSocketAddress(wanted.getAddress(), port), segments);
        } catch (IOException | RuntimeException e) {
            SocketCalls.close(file);
            throw e;
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public int receive() throws IOException {
        for (int i = 0; i < received; i++) {
            in.empty(i);
        }
        received = 0;
        int count = SocketCalls.recvmmsg(file, in.headers(0), BATCH, SocketCalls.MSG_WAITFORONE, errno);
        if (stopped) {
            throw new ClosedChannelException();
        }
        if (count != -SocketCalls.EINTR) {
            received = done("receive", count);
        }
        return received;
    }

    @Override
    public int read(int packet, byte[] into) {
        return in.read(packet, into);
    }

    @Override
    public InetAddress asker(int packet) {
        return askers.get(in.names(), MessageArray.nameAt(packet));
    }

    @Override
    public void answer(int packet, byte[] answer, int length) {
        out.answer(waiting++, in, packet, answer, length);
    }

    @Override
    public void flush() throws IOException {
        int count = waiting;
        waiting = 0;
        send(out, count, errno);
    }

    /** Sends all that can be sent; an answer that cannot does not keep those behind it. */
    private void send(MessageArray answers, int count, MemorySegment errorNumber) throws IOException {
        int failure = 0;
        boolean segmented = segments;
        int headers = answers.pack(count, segmented);
        for (int sent = 0; sent < headers; ) {
            int more = SocketCalls.sendmmsg(file, answers.headers(sent), headers - sent, errorNumber);
            if (more >= 0) {
                sent += more;
            } else if (more
                    != -SocketCalls.EINTR) { // The error of the first; that of a later one comes when it is the first.
                if (segmented) { // Not by this way out, or one of them cannot be sent: each by itself.
                    segmented = false;
                    headers = answers.unpack(sent, count);
                    sent = 0;
                } else {
                    failure = more;
                    sent++;
                }
            }
        }
        done("send", failure);
    }

    @Override
    public Later later(int packet) {
        MessageArray.Origin origin = in.origin(packet);
        return answer -> {
            try (Arena arena = Arena.ofConfined()) {
                MessageArray message = new MessageArray(arena, 1, answer.length, false);
                message.answer(0, origin, answer, answer.length);
                synchronized (closing) {
                    if (closed) {
                        throw new ClosedChannelException();
                    }
                    send(message, 1, arena.allocate(SocketCalls.CAPTURED));
                }
            }
        };
    }

    @Override
    public void stop() {
        synchronized (closing) {
            stopped = true;
            if (!closed) {
                SocketCalls.shutdown(file, SocketCalls.SHUT_RD);
            }
        }
    }

    @Override
    public void close() {
        synchronized (closing) {
            stopped = true;
            if (!closed) {
                closed = true;
                SocketCalls.close(file);
            }
        }
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    /** A struct sockaddr_in: family (2), port (2), address (4), 8 of padding; or a sockaddr_in6, see netinet/in.h. */
    private static MemorySegment name(Arena arena, InetSocketAddress address) {
        boolean ipv4 = isIpv4(address);
        MemorySegment name = arena.allocate(ipv4 ? IPV4_BYTES : IPV6_BYTES, Long.BYTES);
        name.set(JAVA_SHORT, 0, (short) (ipv4 ? SocketCalls.AF_INET : SocketCalls.AF_INET6));
        name.set(PORT, PORT_AT, (short) address.getPort());
        byte[] octets = address.getAddress().getAddress();
        MemorySegment.copy(octets, 0, name, JAVA_BYTE, ipv4 ? IPV4_ADDRESS_AT : IPV6_ADDRESS_AT, octets.length);
        if (address.getAddress() instanceof Inet6Address ipv6) {
            name.set(ValueLayout.JAVA_INT, IPV6_SCOPE_AT, ipv6.getScopeId());
        }
        return name;
    }

    private static void set(int file, int level, int option, int value) throws IOException {
        done("set option " + option + " of level " + level, SocketCalls.setsockopt(file, level, option, value));
    }

    /** The texts are those of the JDK's own sockets. */
    private static void bound(InetSocketAddress wanted, int result) throws IOException {
        switch (-result) {
            case SocketCalls.EADDRINUSE -> throw new BindException("Address already in use");
            case SocketCalls.EADDRNOTAVAIL -> throw new BindException("Cannot assign requested address");
            case SocketCalls.EACCES -> throw new BindException("Permission denied");
            default -> done("bind to " + wanted, result);
        }
    }

    /** The result of a call, if it did not fail. */
    private static int done(String what, int result) throws IOException {
        if (result < 0) {
            throw new SocketException("cannot " + what + ": error number " + -result + " (see errno(3))");
        }
        return result;
    }
}
