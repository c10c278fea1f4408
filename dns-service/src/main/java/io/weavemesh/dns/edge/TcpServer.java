package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.dns.Responder;
import io.weavemesh.dns.Responder.Outcome;
import io.weavemesh.dns.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers questions over TCP on one address: each message behind its length, any number of them on a connection, answers in
 * the order they are known (RFC 7766 s6.2.1, s7). On the verticle's context.
 */
final class TcpServer {

    /** Connections at once; a host's containers need a few, and each may hold a buffer of 64 KiB. */
    static final int MAX_CONNECTIONS = 256;

    /** RFC 7766 s6.2.3 asks for a few seconds. */
    private static final int IDLE_SECONDS = 10;

    /** Questions of one connection that wait for a resolver, before it is read no further. */
    private static final int MAX_PIPELINED = 32;

    private final NetServer server;
    private final Supplier<Snapshot> names;
    private final Forwarder forwarder;
    private final Context context;
    private final Responder responder = new Responder(new SplittableRandom());
    private final byte[] answer = new byte[Responder.answerCapacity(Transport.TCP)];
    private int connections;

    private TcpServer(Vertx vertx, InetSocketAddress address, Supplier<Snapshot> names, Forwarder forwarder) {
        this.names = names;
        this.forwarder = forwarder;
        this.context = vertx.getOrCreateContext();
        this.server = vertx.createNetServer(new NetServerOptions()
                        .setHost(address.getAddress().getHostAddress())
                        .setPort(address.getPort())
                        .setIdleTimeout(IDLE_SECONDS)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS))
                .connectHandler(this::accept);
    }

    /** Binds and begins to answer. */
    static Future<TcpServer> open(
            Vertx vertx, InetSocketAddress address, Supplier<Snapshot> names, Forwarder forwarder) {
        TcpServer tcp = new TcpServer(vertx, address, names, forwarder);
        return tcp.server.listen().map(tcp);
    }

    Future<Void> close() {
        return server.close();
    }

    private void accept(NetSocket socket) {
        if (connections >= MAX_CONNECTIONS) {
            socket.close();
            return;
        }
        connections++;
        socket.closeHandler(ignored -> connections--);
        new Connection(socket).start();
    }

    /** One connection: what has been read of the next message, and how many answers are awaited. */
    private final class Connection {
        private static final int LENGTH_OCTETS = 2;

        private final NetSocket socket;
        private final InetAddress asker;
        private final RecordParser parser = RecordParser.newFixed(LENGTH_OCTETS);
        private boolean readingLength = true;
        private int awaited;

        Connection(NetSocket socket) {
            this.socket = socket;
            String address = socket.remoteAddress().hostAddress().replaceAll("%.*", ""); // Without an IPv6 zone.
            this.asker = IpAddress.parse(address).toInetAddress();
        }

        void start() {
            parser.handler(this::read);
            socket.handler(parser);
            socket.drainHandler(ignored -> resumeIfReady());
            socket.exceptionHandler(ignored -> socket.close()); // Reset by the asker, or idle.
        }

        private void read(Buffer record) {
            if (!readingLength) {
                readingLength = true;
                parser.fixedSizeMode(LENGTH_OCTETS);
                handle(record.getBytes());
                return;
            }
            int length = record.getUnsignedShort(0);
            if (length == 0) {
                socket.close();
                return;
            }
            readingLength = false;
            parser.fixedSizeMode(length);
        }

        private void handle(byte[] packet) {
            Snapshot now = names.get();
            Outcome outcome =
                    responder.respond(packet, packet.length, now.asker(asker), now.zone(), Transport.TCP, answer);
            switch (outcome) {
                case ANSWER -> write(answer, responder.answerLength());
                case FORWARD -> {
                    awaited++;
                    forwarder.forward(
                            responder.forwarded(Transport.TCP),
                            forwarded -> context.runOnContext(ignored -> {
                                awaited--;
                                write(forwarded, forwarded.length);
                                resumeIfReady();
                            }));
                }
                case DROP -> socket.close(); // A client that sends answers is none.
            }
            if (awaited >= MAX_PIPELINED || socket.writeQueueFull()) {
                socket.pause();
            }
        }

        private void write(byte[] message, int length) {
            socket.write(Buffer.buffer(length + LENGTH_OCTETS)
                    .appendUnsignedShort(length)
                    .appendBytes(message, 0, length));
        }

        private void resumeIfReady() {
            if (awaited < MAX_PIPELINED && !socket.writeQueueFull()) {
                socket.resume();
            }
        }
    }
}
