package io.weavemesh.router;

import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the path to each peer carries the largest packets the overlay sends. A datagram of that size is sent that
 * must not be fragmented, and the peer says that it came.
 *
 * <p>Idea: only what is lost at one size and arrives at a smaller one is a matter of size. So if the full size is lost, the
 * smallest is tried; if that is lost too, nothing is said about the path (the peer is away, or somebody filters the probes);
 * if it arrives, the largest that does is searched by halves, and the full size is tried once more, since it may have been lost
 * because the peer was still starting. One direction is tested here, the other one by the peer.
 *
 * <p>Cost: one datagram per peer and round; about thirty for a path that is too narrow. Rejected: packetization layer path MTU
 * discovery (RFC 4821) on the overlay's own packets, which user space does not see; ICMP errors alone, since they are what a
 * broken path does not send; ICMP echo, which needs a privilege the router does not have otherwise.
 *
 * <p>One thread. Time comes in as a number of milliseconds that only grows.
 */
public final class PathProbes {

    /** A probe without an answer for this long is lost. More than any path between hosts of one cluster takes. */
    static final long LOST_MILLIS = 500;

    /** So often a size is tried before it counts as too large: one path in 1,000,000 with 1 % loss is wronged. */
    static final int ATTEMPTS = 3;

    /** After a round the path is left alone for this long; a route may change at any time. */
    static final long ROUND_MILLIS = 60_000;

    /** A peer that answers nothing may still be starting: it is asked again after this long, then after twice as long. */
    static final long SILENT_MILLIS = 2_000;

    /** RFC 791 s3.1: what every host must take. */
    static final int SMALLEST = 576;

    /** RFC 8200 s5. */
    static final int SMALLEST_IPV6 = 1280;

    /** The search ends when what passes is known to be within this many bytes of what does not: IPv6 options come in eights. */
    static final int PRECISION = 8;

    /**
     * A datagram to be sent.
     *
     * @param token what the answer repeats
     * @param bytes length of the IP packet
     */
    public record Probe(PeerName peer, IpAddress to, long token, int bytes) {}

    /** What is known of a path. */
    public sealed interface Verdict {

        /** Nothing came back yet, or nothing at all. */
        record Unknown() implements Verdict {}

        /** Packets of the size the overlay sends arrive. */
        record Carries(int bytes) implements Verdict {}

        /** Packets of {@code lost} bytes do not arrive, those of {@code passing} do. */
        record TooNarrow(int passing, int lost) implements Verdict {}
    }

    private final LongSupplier tokens;
    private final Map<PeerName, Path> paths = new TreeMap<>();
    private final Map<Long, PeerName> underWay = new HashMap<>();

    /** Tokens should not be guessed by others. */
    public PathProbes(LongSupplier tokens) {
        this.tokens = tokens;
    }

    /** One path, and where its search stands. */
    private static final class Path {
        private IpAddress to;
        private int goal;
        private int trying;
        private int passing;
        private int failing;
        private int attempts;
        private boolean resting;
        private boolean confirming;
        private long since;
        private long restMillis = SILENT_MILLIS / 2;
        private Optional<Long> token = Optional.empty();
        private Verdict verdict = new Verdict.Unknown();

        Path(IpAddress to, int goal) {
            this.to = to;
            this.goal = goal;
            begin();
        }

        void begin() {
            resting = false;
            confirming = false;
            passing = 0;
            failing = goal + 1;
            attempt(goal);
        }

        void attempt(int size) {
            trying = size;
            attempts = 0;
            token = Optional.empty();
        }

        void rest(long now, Verdict found) {
            verdict = found;
            restMillis = found instanceof Verdict.Unknown ? Math.min(ROUND_MILLIS, 2 * restMillis) : ROUND_MILLIS;
            resting = true;
            since = now;
            token = Optional.empty();
        }
    }

    /** Follows who is there, and how large the overlay's packets are in bytes of IP; what changed is tested anew. */
    public void follow(Collection<PeerDescription> peers, int largestPacket) {
        Set<PeerName> present = new HashSet<>();
        for (PeerDescription peer : peers) {
            present.add(peer.name());
            Path path = paths.get(peer.name());
            if (path == null || path.goal != largestPacket || !path.to.equals(peer.vtep())) {
                paths.put(peer.name(), new Path(peer.vtep(), largestPacket));
            }
        }
        paths.keySet().retainAll(present);
        underWay.entrySet().removeIf(probe -> {
            Path path = paths.get(probe.getValue());
            return path == null || !path.token.equals(Optional.of(probe.getKey()));
        });
    }

    /** What is to be sent now. To be asked several times a second. */
    public List<Probe> tick(long now) {
        List<Probe> probes = new ArrayList<>();
        paths.forEach((peer, path) -> {
            if (path.resting) {
                if (now - path.since < path.restMillis) {
                    return;
                }
                path.begin();
            } else if (path.token.isPresent()) {
                if (now - path.since < LOST_MILLIS) {
                    return;
                }
                underWay.remove(path.token.get());
                lost(path, now);
            }
            if (!path.resting) {
                long token = tokens.getAsLong();
                path.token = Optional.of(token);
                path.since = now;
                underWay.put(token, peer);
                probes.add(new Probe(peer, path.to, token, path.trying));
            }
        });
        return probes;
    }

    /** A peer said that a probe came; nothing happens if it is none of ours, or late. */
    public void answered(long token, long now) {
        Path path = take(token);
        if (path == null) {
            return;
        }
        path.passing = path.trying;
        if (path.trying == path.goal) {
            path.rest(now, new Verdict.Carries(path.goal));
        } else {
            goOn(path);
        }
    }

    /** Our own host did not send a probe: it knows that the path does not carry it. */
    public void refused(long token, long now) {
        Path path = take(token);
        if (path != null) {
            tooLarge(path, now);
        }
    }

    /** What is known of the path to each peer. */
    public Map<PeerName, Verdict> verdicts() {
        Map<PeerName, Verdict> all = new TreeMap<>();
        paths.forEach((peer, path) -> all.put(peer, path.verdict));
        return all;
    }

    private @Nullable Path take(long token) {
        PeerName peer = underWay.remove(token);
        Path path = peer == null ? null : paths.get(peer);
        return path != null && path.token.equals(Optional.of(token)) ? path : null;
    }

    private void lost(Path path, long now) {
        path.attempts++;
        if (path.attempts >= ATTEMPTS) {
            tooLarge(path, now);
        }
    }

    private void tooLarge(Path path, long now) {
        path.failing = Math.min(path.failing, path.trying);
        int smallest = path.to.isIpv4() ? SMALLEST : SMALLEST_IPV6;
        if (path.confirming) {
            path.rest(now, new Verdict.TooNarrow(path.passing, path.goal));
        } else if (path.trying <= smallest) {
            path.rest(now, new Verdict.Unknown());
        } else if (path.passing == 0) {
            path.attempt(smallest);
        } else {
            goOn(path);
        }
    }

    /** Between a size that passes and one that does not. */
    private static void goOn(Path path) {
        if (path.failing - path.passing <= PRECISION) {
            path.confirming = true;
            path.attempt(path.goal);
        } else {
            path.attempt((path.passing + path.failing) / 2);
        }
    }
}
