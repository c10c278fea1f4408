package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.weavemesh.dns.Asker;
import io.weavemesh.dns.Query;
import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions over UDP on one address, on a thread of its own: receive, look up, send, with no hand-over in between.
 *
 * <p>Not a Vert.x DatagramSocket: that took 74 microseconds of processor time for a question where one packet at a time by a
 * DatagramChannel takes 5.5. Forwarded answers are sent by the verticle's context.
 */
final class UdpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UdpServer.class);

    /** What is being answered takes microseconds; with more than this something is broken. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final PacketSocket socket;
    private final Supplier<Snapshot> names;
    private final Forwarder forwarder;
    private final Context context;
    private final Responder responder = new Responder(new SplittableRandom());
    private final byte[][] packets = new byte[PacketSocket.BATCH][PacketSocket.PACKET_CAPACITY];
    private final Query[] queries =
            Stream.generate(Query::new).limit(PacketSocket.BATCH).toArray(Query[]::new);
    private final byte[] answer = new byte[Responder.answerCapacity(Transport.UDP)];
    private final Thread thread;

    private UdpServer(PacketSocket socket, Supplier<Snapshot> names, Forwarder forwarder, Context context) {
        this.socket = socket;
        this.names = names;
        this.forwarder = forwarder;
        this.context = context;
        this.thread = Thread.ofPlatform()
                .name("dns-udp-" + socket.address().getAddress().getHostAddress())
                .daemon()
                .unstarted(this::run);
    }

    /** Binds and begins to answer. */
    static UdpServer open(InetSocketAddress address, Supplier<Snapshot> names, Forwarder forwarder, Context context)
            throws IOException {
        UdpServer server = new UdpServer(PacketSocket.bind(address), names, forwarder, context);
        server.thread.start();
        return server;
    }

    InetSocketAddress address() {
        return socket.address();
    }

    private void run() {
        try (socket) {
            while (true) {
                try {
                    answerBatch();
                } catch (ClosedChannelException e) {
                    return;
                } catch (IOException e) { // An asker is unreachable; the next one may not be.
                    LOG.debug("Packet not answered. address={} reason={}", address(), e.toString());
                } catch (RuntimeException e) {
                    LOG.error("Questions not answered because of a defect. address={}", address(), e);
                }
            }
        } catch (IOException e) {
            LOG.debug("Socket not closed cleanly. address={} reason={}", address(), e.toString());
        }
    }

    private void answerBatch() throws IOException {
        int count = socket.receive();
        Snapshot now = names.get();
        for (int i = 0; i < count; i++) {
            queries[i].take(packets[i], socket.read(i, packets[i]));
        }
        now.zone().lookUp(queries, count);
        for (int i = 0; i < count; i++) {
            try {
                handle(i, now);
            } catch (RuntimeException e) {
                LOG.error("Question not answered because of a defect. address={}", address(), e);
            }
        }
        socket.flush();
    }

    private void handle(int number, Snapshot now) throws IOException {
        Asker asker = now.asker(socket.asker(number));
        switch (responder.respond(queries[number], asker, now.zone(), Transport.UDP, answer)) {
            case ANSWER -> socket.answer(number, answer, responder.answerLength());
            case FORWARD -> forward(number);
            case DROP -> {}
        }
    }

    private void forward(int number) {
        PacketSocket.Later asked = socket.later(number);
        forwarder.forward(
                responder.forwarded(Transport.UDP),
                forwarded -> context.runOnContext(ignored -> {
                    try {
                        asked.send(forwarded);
                    } catch (IOException e) {
                        LOG.debug("Forwarded answer not sent. address={} reason={}", address(), e.toString());
                    }
                }));
    }

    /** Stops answering; the address is free again. */
    @Override
    public void close() throws IOException {
        socket.stop();
        try {
            if (!thread.join(PATIENCE)) {
                LOG.error("A thread that answers questions does not end. address={}", address());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
