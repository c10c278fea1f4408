package io.weavemesh.router.edge;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.PathProbes;
import io.weavemesh.router.PathProbes.Probe;
import io.weavemesh.router.PathProbes.Verdict;
import io.weavemesh.router.RouterSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends and answers the probes of {@link PathProbes}: UDP at the cluster's port number, with the don't-fragment bit set.
 *
 * <pre>
 *  0          4      5       8        16
 *  │ "WMTU"   │ kind │ zeros │ token  │ zeros up to the probe's length; an answer ends here
 * </pre>
 *
 * Only peers are answered, and with less than they sent. To be used on one context; a thread of its own reads.
 */
final class PathProber {

    private static final Logger LOG = LoggerFactory.getLogger(PathProber.class);

    private static final long TICK_MILLIS = 250;

    /** Networks and endpoints come and go all the time; a path is no worse for being looked at some seconds later. */
    private static final int TICKS_BETWEEN_LOOKS = 20;

    private static final int MAGIC = 0x574d5455;
    private static final byte ASKS = 1;
    private static final byte ANSWERS = 2;
    private static final int HEADER_BYTES = 16;
    private static final int TOKEN_OFFSET = 8;

    /** IPv4 20 or IPv6 40, and UDP 8. */
    private static final int OVERHEAD_IPV4 = 28;

    private static final int OVERHEAD_IPV6 = 48;

    private final Vertx vertx;
    private final Context context;
    private final Overlay overlay;
    private final RouterSettings settings;
    private final int port;
    private final PathProbes probes = new PathProbes(new SecureRandom()::nextLong);
    private volatile Set<IpAddress> known = Set.of();
    private Optional<DatagramChannel> channel = Optional.empty();
    private int ticks;

    PathProber(Vertx vertx, Overlay overlay, RouterSettings settings) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.overlay = overlay;
        this.settings = settings;
        this.port = settings.vxlanPort() - 1;
    }

    /** Begins; without a socket nothing is known of any path, and all else goes on. */
    void start() {
        DatagramChannel opened;
        try {
            opened = open();
        } catch (IOException e) {
            LOG.warn("Paths are not tested. address={} port={} reason={}", settings.vtep(), port, e.getMessage());
            return;
        }
        channel = Optional.of(opened);
        Thread.ofPlatform().daemon().name("path-probes").start(() -> read(opened));
        vertx.setPeriodic(TICK_MILLIS, _ -> tick());
    }

    /** Follows peers and the sizes of packets. */
    void follow() {
        List<PeerDescription> reachable = overlay.peers().stream()
                .filter(peer -> peer.vtep().family() == settings.vtep().family())
                .toList();
        known = reachable.stream().map(PeerDescription::vtep).collect(Collectors.toUnmodifiableSet());
        probes.follow(reachable, overlay.mtus().largestTunnelPacket());
    }

    Map<PeerName, Verdict> verdicts() {
        return probes.verdicts();
    }

    void close() {
        channel.ifPresent(open -> {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("The socket for path probes did not close in order.", e);
            }
        });
    }

    private DatagramChannel open() throws IOException {
        DatagramChannel opened = DatagramChannel.open(
                settings.vtep().isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            opened.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            opened.bind(new InetSocketAddress(settings.vtep().toInetAddress(), port));
            return opened;
        } catch (IOException | UnsupportedOperationException e) {
            opened.close();
            throw e instanceof IOException known ? known : new IOException(e);
        }
    }

    private void tick() {
        if (ticks++ % TICKS_BETWEEN_LOOKS == 0) {
            follow();
        }
        List<Probe> due = probes.tick(now());
        if (!due.isEmpty()) {
            vertx.executeBlocking(() -> {
                due.forEach(this::send);
                return true;
            });
        }
    }

    /** A datagram that our own host finds too large fails at once; any other failure is like a loss. */
    private void send(Probe probe) {
        int overhead = probe.to().isIpv4() ? OVERHEAD_IPV4 : OVERHEAD_IPV6;
        ByteBuffer message = ByteBuffer.allocate(Math.max(HEADER_BYTES, probe.bytes() - overhead));
        message.putInt(0, MAGIC).put(4, ASKS).putLong(TOKEN_OFFSET, probe.token());
        try {
            channel.orElseThrow().send(message, new InetSocketAddress(probe.to().toInetAddress(), port));
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("too long")) { // EMSGSIZE
                context.runOnContext(_ -> probes.refused(probe.token(), now()));
            } else {
                LOG.debug("A path probe could not be sent. to={} bytes={}", probe.to(), probe.bytes(), e);
            }
        }
    }

    private void read(DatagramChannel open) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES); // What does not fit is cut off.
        while (open.isOpen()) {
            try {
                buffer.clear();
                SocketAddress from = open.receive(buffer);
                if (from instanceof InetSocketAddress sender
                        && buffer.position() == HEADER_BYTES
                        && buffer.getInt(0) == MAGIC
                        && known.contains(IpAddress.of(sender.getAddress()))) {
                    take(open, buffer, sender);
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.debug("A path probe could not be read or answered.", e); // For example a port that is unreachable.
            }
        }
    }

    private void take(DatagramChannel open, ByteBuffer buffer, InetSocketAddress sender) throws IOException {
        if (buffer.get(4) == ASKS) {
            buffer.put(4, ANSWERS).flip();
            open.send(buffer, sender);
        } else if (buffer.get(4) == ANSWERS) {
            long token = buffer.getLong(TOKEN_OFFSET);
            context.runOnContext(_ -> probes.answered(token, now()));
        }
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
