package io.weavemesh.dns.edge;

import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * A socket of the JDK, for where {@link BatchSocket} does not work; its batches are of one packet. The channel stays in
 * blocking mode and is never touched by a virtual thread, which would switch it to non-blocking mode for ever and cost a poll
 * for each packet.
 */
final class ChannelSocket implements PacketSocket {

    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final ByteBuffer in = ByteBuffer.allocateDirect(PACKET_CAPACITY);
    private final ByteBuffer out = ByteBuffer.allocateDirect(Responder.answerCapacity(Transport.UDP));
    private InetSocketAddress asker;

    private ChannelSocket(DatagramChannel channel, InetSocketAddress address) {
        this.channel = channel;
        this.address = address;
        this.asker = address;
    }

    static ChannelSocket bind(InetSocketAddress address) throws IOException {
        // A socket of both families would take the longer way through the kernel for IPv4.
        DatagramChannel channel = DatagramChannel.open(
                address.getAddress() instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6);
        try {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(address);
            return new ChannelSocket(channel, (InetSocketAddress) channel.getLocalAddress());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public int receive() throws IOException {
        asker = (InetSocketAddress) channel.receive(in.clear());
        return 1;
    }

    @Override
    public int read(int packet, byte[] into) {
        int length = in.position();
        in.get(0, into, 0, length);
        return length;
    }

    @Override
    public InetAddress asker(int packet) {
        return asker.getAddress();
    }

    @Override
    public void answer(int packet, byte[] answer, int length) throws IOException {
        channel.send(out.clear().put(answer, 0, length).flip(), asker);
    }

    @Override
    public void flush() {
        // Answers are sent as they come.
    }

    @Override
    public Later later(int packet) {
        InetSocketAddress to = asker;
        return answer -> channel.send(ByteBuffer.wrap(answer), to);
    }

    @Override
    public void stop() throws IOException {
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
