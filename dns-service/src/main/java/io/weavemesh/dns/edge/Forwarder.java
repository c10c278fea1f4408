package io.weavemesh.dns.edge;

import io.weavemesh.dns.ForwardedQuery;
import io.weavemesh.dns.ForwardedQuery.Match;
import io.weavemesh.dns.Lookups;
import io.weavemesh.dns.Lookups.Effect;
import io.weavemesh.dns.ResolvConf.NameServer;
import io.weavemesh.dns.UpstreamAnswer;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions about other names: from what is known, or by asking the host's resolvers. Each question that is asked is
 * a virtual thread that goes from server to server until one answers or the time is up. Safe to use from any thread.
 *
 * <p>Against forged answers (RFC 5452 s9.2) each attempt has a socket of its own, connected, so that the kernel chooses an
 * unpredictable port and only lets the server's packets in, and an identifier of its own.
 */
final class Forwarder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    /** Each server is asked again if it stays silent, since a packet may be lost. */
    private static final int ROUNDS = 2;

    /** How long one server may take before the next or, for a lost packet, the last round. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** For how long a server that stayed silent is asked after the others. */
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** More than any answer, as we ask for at most 1232 octets. */
    private static final int UDP_BUFFER = 4096;

    private final Upstreams upstreams;
    private final Duration timeout;
    private final SecureRandom random = new SecureRandom();
    private final Object lock = new Object();
    private final Lookups<Consumer<byte[]>> lookups = new Lookups<>();
    private int resolversVersion;
    private final Map<NameServer, Long> silentSince = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dns-forward-", 0).factory());

    Forwarder(Upstreams upstreams, Duration timeout) {
        this.upstreams = upstreams;
        this.timeout = timeout;
    }

    /** What came of asking: an answer, the news that there is one which cannot be had whole, or neither. */
    private record Attempt(boolean worthRepeating, boolean truncated, Optional<UpstreamAnswer> answer) {
        static final Attempt SILENT = new Attempt(true, false, Optional.empty());
        static final Attempt REFUSED = new Attempt(false, false, Optional.empty());
        static final Attempt TRUNCATED = new Attempt(false, true, Optional.empty());
    }

    /** Finds the answer and passes it on, exactly once, on the caller's thread or a virtual one. */
    void forward(ForwardedQuery query, Consumer<byte[]> reply) {
        List<Effect<Consumer<byte[]>>> effects;
        int version = upstreams.version();
        synchronized (lock) {
            if (version != resolversVersion) {
                resolversVersion = version;
                lookups.resolversChanged(nowMillis());
            }
            effects = lookups.asked(query, reply, nowMillis());
        }
        carryOut(effects);
    }

    List<NameServer> servers() {
        return upstreams.servers();
    }

    private void carryOut(List<Effect<Consumer<byte[]>>> effects) {
        for (Effect<Consumer<byte[]>> effect : effects) {
            switch (effect) {
                case Effect.Reply<Consumer<byte[]>> reply -> reply.asker().accept(reply.packet());
                case Effect.Ask<Consumer<byte[]>>(ForwardedQuery question, boolean impatient) ->
                    start(question, impatient);
            }
        }
    }

    private void start(ForwardedQuery query, boolean impatient) {
        CountDownLatch done = new CountDownLatch(1);
        try {
            threads.execute(() -> {
                Attempt outcome = Attempt.REFUSED;
                try {
                    outcome = ask(query);
                } finally {
                    done.countDown();
                    ended(query, outcome);
                }
            });
            if (impatient) {
                threads.execute(() -> waitFor(done, query));
            }
        } catch (RejectedExecutionException e) { // We are stopping.
            ended(query, Attempt.REFUSED);
        }
    }

    private void waitFor(CountDownLatch done, ForwardedQuery query) {
        try {
            if (!done.await(Lookups.PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                List<Effect<Consumer<byte[]>>> effects;
                synchronized (lock) {
                    effects = lookups.waited(query, nowMillis());
                }
                carryOut(effects);
            }
        } catch (InterruptedException e) { // We are stopping; whoever asks the resolvers answers.
            Thread.currentThread().interrupt();
        }
    }

    private void ended(ForwardedQuery query, Attempt outcome) {
        List<Effect<Consumer<byte[]>>> effects;
        synchronized (lock) {
            long now = nowMillis();
            if (outcome.answer().isPresent()) {
                effects = lookups.answered(query, outcome.answer().get(), now);
            } else {
                effects = outcome.truncated() ? lookups.truncated(query, now) : lookups.failed(query, now);
            }
        }
        carryOut(effects);
    }

    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    private Attempt ask(ForwardedQuery query) {
        List<NameServer> servers = inOrder();
        long deadline = System.nanoTime() + timeout.toNanos();
        Attempt outcome = Attempt.REFUSED;
        for (int round = 0; round < ROUNDS; round++) {
            int left = (ROUNDS - round) * servers.size();
            for (NameServer server : List.copyOf(servers)) {
                long now = System.nanoTime();
                long share = (deadline - now) / Math.max(1, left--);
                if (share <= 0 || Thread.currentThread().isInterrupted()) {
                    return outcome;
                }
                boolean lastRound = round == ROUNDS - 1;
                long patience = lastRound ? share : Math.min(share, PATIENCE_NANOS);
                Attempt attempt = ask(query, server, now + patience, deadline);
                if (attempt.answer().isPresent()) {
                    silentSince.remove(server);
                    return attempt;
                }
                outcome = attempt.truncated() ? attempt : outcome;
                if (attempt.worthRepeating()) {
                    silentSince.put(server, System.nanoTime());
                } else {
                    servers.remove(server);
                }
            }
        }
        return outcome;
    }

    /** In the order of the file, except that those which were silent a moment ago come last. */
    private List<NameServer> inOrder() {
        List<NameServer> servers = new ArrayList<>(upstreams.servers());
        silentSince.keySet().retainAll(servers);
        long now = System.nanoTime();
        Set<NameServer> silent = new HashSet<>();
        silentSince.forEach((server, since) -> {
            if (now - since < SILENT_NANOS) {
                silent.add(server);
            }
        });
        servers.sort(Comparator.comparing(silent::contains));
        return servers;
    }

    private Attempt ask(ForwardedQuery query, NameServer server, long attemptEnd, long deadline) {
        InetSocketAddress address = new InetSocketAddress(server.address().toInetAddress(), server.port());
        try {
            Match match = Match.NONE;
            for (boolean options : List.of(true, false)) { // RFC 6891 s7: some do not understand the OPT record.
                Received received = askByUdp(query, options, address, attemptEnd);
                match = received.match();
                if (match == Match.ANSWER) {
                    return new Attempt(false, false, received.answer());
                }
                if (match != Match.NOT_UNDERSTOOD) {
                    break;
                }
            }
            return match == Match.TRUNCATED ? askByTcp(query, address, deadline) : Attempt.REFUSED;
        } catch (SocketTimeoutException e) {
            return Attempt.SILENT;
        } catch (IOException e) { // Port or network unreachable.
            LOG.debug("Resolver cannot be asked. server={} reason={}", server, e.toString());
            return Attempt.REFUSED;
        }
    }

    /** A packet that says something about the question; perhaps the answer. */
    private record Received(Match match, Optional<UpstreamAnswer> answer) {}

    private Received askByUdp(ForwardedQuery query, boolean options, InetSocketAddress server, long attemptEnd)
            throws IOException {
        int id = random.nextInt(1 << 16);
        byte[] question = query.encode(id, options);
        DatagramPacket received = new DatagramPacket(new byte[UDP_BUFFER], UDP_BUFFER);
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.connect(server);
            socket.send(new DatagramPacket(question, question.length));
            while (true) {
                socket.setSoTimeout(millisUntil(attemptEnd));
                received.setLength(UDP_BUFFER);
                socket.receive(received);
                Match match = query.match(received.getData(), received.getLength(), id);
                if (match == Match.ANSWER) {
                    return new Received(match, Optional.of(query.read(received.getData(), received.getLength())));
                }
                if (match != Match.NONE) { // Else go on: a forger must not be able to end the wait.
                    return new Received(match, Optional.empty());
                }
            }
        }
    }

    private Attempt askByTcp(ForwardedQuery query, InetSocketAddress server, long deadline) {
        int id = random.nextInt(1 << 16);
        byte[] question = query.encode(id, true);
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
            return query.match(answer, answer.length, id) == Match.ANSWER
                    ? new Attempt(false, false, Optional.of(query.read(answer, answer.length)))
                    : Attempt.TRUNCATED;
        } catch (IOException e) {
            LOG.debug("Answer cannot be had whole. server={} reason={}", server, e.toString());
            return Attempt.TRUNCATED;
        }
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
