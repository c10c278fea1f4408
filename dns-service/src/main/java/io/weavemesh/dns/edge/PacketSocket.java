package io.weavemesh.dns.edge;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A bound UDP socket from which packets are taken, and answered, in batches. Except for {@link #stop} and {@link Later} it
 * belongs to one thread.
 */
sealed interface PacketSocket extends Closeable permits BatchSocket, ChannelSocket {

    /** Questions are small; this is more than any client sends. What is longer is cut. */
    int PACKET_CAPACITY = 4096;

    /** The most packets taken at once. With more, the cost of a system call for each falls no further, and the first waits longer. */
    int BATCH = 32;

    /** Room for a burst while the thread is not scheduled; the kernel gives what net.core.rmem_max allows. */
    int RECEIVE_BUFFER = 1 << 20;

    /**
     * Binds it.
     *
     * @throws java.net.BindException if the address is in use, not this host's, or not for us
     */
    static PacketSocket bind(InetSocketAddress address) throws IOException {
        return BatchSocket.isAvailable() ? BatchSocket.bind(address) : ChannelSocket.bind(address);
    }

    /** Where it is bound. */
    InetSocketAddress address();

    /**
     * Waits until a packet is there and takes all that are, up to {@value #BATCH}; earlier ones are forgotten.
     *
     * @return how many; they are numbered from 0
     * @throws java.nio.channels.ClosedChannelException after {@link #stop}
     */
    int receive() throws IOException;

    /**
     * Copies a packet.
     *
     * @param into at least {@value #PACKET_CAPACITY} octets
     * @return its length
     */
    int read(int packet, byte[] into);

    /** Whom a packet is from. */
    InetAddress asker(int packet);

    /** Answers a packet, at most once: now, or with others at the next {@link #flush}. The array is not needed any more. */
    void answer(int packet, byte[] answer, int length) throws IOException;

    /**
     * Sends the answers that wait.
     *
     * @throws IOException if one or more could not be sent; all others were
     */
    void flush() throws IOException;

    /** A way to answer a packet when it is forgotten. */
    Later later(int packet);

    /** Sends an answer to a packet of some time ago. From any thread that is no virtual one. */
    interface Later {
        void send(byte[] answer) throws IOException;
    }

    /** Lets {@link #receive} end, now and for ever. From any thread. */
    void stop() throws IOException;

    /** Frees the address. By the thread that receives, or when none does. */
    @Override
    void close() throws IOException;
}
