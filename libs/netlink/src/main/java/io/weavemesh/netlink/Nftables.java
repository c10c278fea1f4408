package io.weavemesh.netlink;

import java.nio.file.Path;

/**
 * The one thing we need from nftables so far: letting frames between two ports of our own bridge pass although Docker set
 * the FORWARD policy to DROP, by a rule in Docker's own chain for users. Not a firewall.
 *
 * <p>All methods block and may be called from any thread; a lock inside makes them one at a time.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies follow.
public final class Nftables implements AutoCloseable {

    /** What became of a wish in one address family. */
    public enum Outcome {
        /** The rule was missing and is at the head of the chain now. */
        ADDED,
        /** The rule was there. */
        PRESENT,
        /** The rule was there and is gone now. */
        REMOVED,
        /** There was no such rule to remove. */
        ABSENT,
        /**
         * This family has no chain DOCKER-USER in table filter: no Docker, or one on iptables-legacy, on native nftables or with
         * {@code iptables: false}. Nothing was done.
         */
        NO_CHAIN
    }

    /** The outcome for {@code ip filter} and {@code ip6 filter}. */
    public record Outcomes(Outcome ipv4, Outcome ipv6) {}

    private Nftables() {}

    /** Opens a socket in the namespace of the calling thread. */
    public static Nftables open() {
        throw new UnsupportedOperationException();
    }

    /** Opens a socket in another namespace; see {@link Netlink#openIn}. */
    public static Nftables openIn(Path networkNamespace) {
        throw new UnsupportedOperationException(networkNamespace.toString());
    }

    /** {@code iptables -C DOCKER-USER -i B -o B -j ACCEPT || iptables -I …}, and {@code ip6tables} alike. */
    public Outcomes acceptInsideBridge(String bridge) {
        throw new UnsupportedOperationException(bridge);
    }

    /** {@code iptables -D DOCKER-USER -i B -o B -j ACCEPT}, as often as it is there, and {@code ip6tables} alike. */
    public Outcomes removeAcceptInsideBridge(String bridge) {
        throw new UnsupportedOperationException(bridge);
    }

    @Override
    public void close() {}
}
