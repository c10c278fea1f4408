package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.weavemesh.dns.Asker;
import io.weavemesh.dns.ForwardedQuery;
import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions over UDP on one address, on a thread of its own: receive, look up, send, with no hand-over in between.
 *
 * <p>Not a Vert.x DatagramSocket: that took 74 microseconds of processor time for a question where this takes 5.5 (dnsmasq 8.1,
 * unbound 6.3, same machine and minute; dnsperf, 10 names). The channel stays in blocking mode and is never touched by a
 * virtual thread, which would switch it to non-blocking mode for ever and cost a poll for each packet; forwarded answers are
 * therefore sent by the verticle's context.
 */
final class UdpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UdpServer.class);

    /** Questions are small; this is more than any client sends. */
    private static final int PACKET_CAPACITY = 4096;

    /** Room for a burst while the thread is not scheduled; the kernel gives what net.core.rmem_max allows. */
    private static final int RECEIVE_BUFFER = 1 << 20;

    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final Supplier<Snapshot> names;
    private final Forwarder forwarder;
    private final Context context;
    private final Responder responder = new Responder(new SplittableRandom());

    private UdpServer(
            DatagramChannel channel,
            InetSocketAddress address,
            Supplier<Snapshot> names,
            Forwarder forwarder,
            Context context) {
        this.channel = channel;
        this.address = address;
        this.names = names;
        this.forwarder = forwarder;
        this.context = context;
    }

    /** Binds and begins to answer. */
    static UdpServer open(InetSocketAddress address, Supplier<Snapshot> names, Forwarder forwarder, Context context)
            throws IOException {
        // A socket of both families would take the longer way through the kernel for IPv4.
        DatagramChannel channel = DatagramChannel.open(
                address.getAddress() instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6);
        try {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(address);
            InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
            UdpServer server = new UdpServer(channel, bound, names, forwarder, context);
            Thread.ofPlatform()
                    .name("dns-udp-" + bound.getAddress().getHostAddress())
                    .daemon()
                    .start(server::run);
            return server;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    private void run() {
        ByteBuffer in = ByteBuffer.allocateDirect(PACKET_CAPACITY);
        ByteBuffer out = ByteBuffer.allocateDirect(Responder.answerCapacity(Transport.UDP));
        byte[] packet = new byte[PACKET_CAPACITY];
        byte[] answer = new byte[Responder.answerCapacity(Transport.UDP)];
        while (channel.isOpen()) {
            try {
                InetSocketAddress asker = (InetSocketAddress) channel.receive(in.clear());
                int length = in.position();
                in.get(0, packet, 0, length);
                Snapshot now = names.get();
                Asker known = now.asker(asker.getAddress());
                switch (responder.respond(packet, length, known, now.zone(), Transport.UDP, answer)) {
                    case ANSWER -> {
                        out.clear().put(answer, 0, responder.answerLength()).flip();
                        channel.send(out, asker);
                    }
                    case FORWARD -> forward(responder.forwarded(packet, Transport.UDP), asker);
                    case DROP -> {}
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) { // The asker is unreachable; the next one may not be.
                LOG.debug("Packet not answered. address={} reason={}", address, e.toString());
            } catch (RuntimeException e) {
                LOG.error("Question not answered because of a defect. address={}", address, e);
            }
        }
    }

    private void forward(ForwardedQuery query, SocketAddress asker) {
        forwarder.forward(
                query,
                answer -> context.runOnContext(ignored -> {
                    try {
                        channel.send(ByteBuffer.wrap(answer), asker);
                    } catch (IOException e) {
                        LOG.debug("Forwarded answer not sent. address={} reason={}", address, e.toString());
                    }
                }));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
