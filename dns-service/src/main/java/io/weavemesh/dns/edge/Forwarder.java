package io.weavemesh.dns.edge;

import io.weavemesh.dns.ForwardedQuery;
import io.weavemesh.dns.ForwardedQuery.Match;
import io.weavemesh.dns.ResolvConf.NameServer;
import io.weavemesh.dns.Transport;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the host's resolvers. Each question is a virtual thread that goes from server to server until one answers or the
 * time is up. Safe to use from any thread.
 *
 * <p>Against forged answers (RFC 5452 s9.2) each attempt has a socket of its own, connected, so that the kernel chooses an
 * unpredictable port and only lets the server's packets in, and an identifier of its own.
 */
final class Forwarder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    /** Sockets in use at once; beyond it askers are told to try elsewhere. Far above what a host asks in a second. */
    static final int MAX_IN_FLIGHT = 512;

    /** Each server is asked again once if it stays silent, since a packet may be lost. */
    private static final int ROUNDS = 2;

    /** More than any answer, as we ask for at most 1232 octets. */
    private static final int UDP_BUFFER = 4096;

    private final Upstreams upstreams;
    private final Duration timeout;
    private final SecureRandom random = new SecureRandom();
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dns-forward-", 0).factory());

    Forwarder(Upstreams upstreams, Duration timeout) {
        this.upstreams = upstreams;
        this.timeout = timeout;
    }

    /** What came of asking one server. */
    private record Attempt(boolean worthRepeating, Optional<byte[]> answer) {
        static final Attempt SILENT = new Attempt(true, Optional.empty());
        static final Attempt REFUSED = new Attempt(false, Optional.empty());
    }

    /** Finds the answer and passes it on, exactly once, on a virtual thread or the caller's. */
    void forward(ForwardedQuery query, Consumer<byte[]> reply) {
        if (!inFlight.tryAcquire()) {
            reply.accept(query.serverFailure());
            return;
        }
        try {
            threads.execute(() -> {
                byte[] answer;
                try {
                    answer = ask(query).orElseGet(query::serverFailure);
                } finally {
                    inFlight.release();
                }
                reply.accept(answer);
            });
        } catch (RejectedExecutionException e) { // We are stopping.
            inFlight.release();
            reply.accept(query.serverFailure());
        }
    }

    List<NameServer> servers() {
        return upstreams.servers();
    }

    private Optional<byte[]> ask(ForwardedQuery query) {
        List<NameServer> servers = new ArrayList<>(upstreams.servers());
        long deadline = System.nanoTime() + timeout.toNanos();
        for (int round = 0; round < ROUNDS; round++) {
            int left = (ROUNDS - round) * servers.size();
            for (NameServer server : List.copyOf(servers)) {
                long patience = (deadline - System.nanoTime()) / Math.max(1, left--);
                if (patience <= 0 || Thread.currentThread().isInterrupted()) {
                    return Optional.empty();
                }
                Attempt attempt = ask(query, server, System.nanoTime() + patience, deadline);
                if (attempt.answer().isPresent()) {
                    return attempt.answer();
                }
                if (!attempt.worthRepeating()) {
                    servers.remove(server);
                }
            }
        }
        return Optional.empty();
    }

    private Attempt ask(ForwardedQuery query, NameServer server, long attemptEnd, long deadline) {
        InetSocketAddress address = new InetSocketAddress(server.address().toInetAddress(), server.port());
        try {
            return askByUdp(query, address, attemptEnd, deadline);
        } catch (SocketTimeoutException e) {
            return Attempt.SILENT;
        } catch (IOException e) { // Port or network unreachable.
            LOG.debug("Resolver cannot be asked. server={} reason={}", server, e.toString());
            return Attempt.REFUSED;
        }
    }

    private Attempt askByUdp(ForwardedQuery query, InetSocketAddress server, long attemptEnd, long deadline)
            throws IOException {
        int id = random.nextInt(1 << 16);
        byte[] question = query.encode(id);
        DatagramPacket received = new DatagramPacket(new byte[UDP_BUFFER], UDP_BUFFER);
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.connect(server);
            socket.send(new DatagramPacket(question, question.length));
            while (true) {
                socket.setSoTimeout(millisUntil(attemptEnd));
                received.setLength(UDP_BUFFER);
                socket.receive(received);
                Match match = query.match(received.getData(), received.getLength(), id);
                boolean whole = received.getLength() < UDP_BUFFER;
                switch (match == Match.ANSWER && !whole ? Match.TRUNCATED : match) {
                    case NONE -> {} // Keep listening: a forger must not be able to end the wait.
                    case FAILED -> {
                        return Attempt.REFUSED;
                    }
                    case ANSWER -> {
                        return answered(query, received.getData(), received.getLength());
                    }
                    case TRUNCATED -> {
                        return query.transport() == Transport.UDP
                                ? answered(query, received.getData(), received.getLength())
                                : askByTcp(query, server, deadline);
                    }
                }
            }
        }
    }

    private Attempt askByTcp(ForwardedQuery query, InetSocketAddress server, long deadline) throws IOException {
        int id = random.nextInt(1 << 16);
        byte[] question = query.encode(id);
        try (Socket socket = new Socket()) {
            socket.connect(server, millisUntil(deadline));
            socket.setSoTimeout(millisUntil(deadline));
            byte[] framed = new byte[question.length + 2];
            framed[0] = (byte) (question.length >>> 8);
            framed[1] = (byte) question.length;
            System.arraycopy(question, 0, framed, 2, question.length);
            OutputStream out = socket.getOutputStream();
            out.write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            Match match = query.match(answer, answer.length, id);
            boolean usable = match == Match.ANSWER || match == Match.TRUNCATED;
            return usable ? answered(query, answer, answer.length) : Attempt.REFUSED;
        }
    }

    private static Attempt answered(ForwardedQuery query, byte[] packet, int length) {
        return new Attempt(false, Optional.of(query.answer(packet, length)));
    }

    private static int millisUntil(long nanoTime) throws SocketTimeoutException {
        long millis = (nanoTime - System.nanoTime() + 999_999) / 1_000_000;
        if (millis <= 0) {
            throw new SocketTimeoutException("the time for this attempt is over");
        }
        return Math.toIntExact(millis);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
