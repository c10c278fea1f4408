package io.weavemesh.netlink;

import io.weavemesh.netlink.NftMessages.Chain;
import io.weavemesh.netlink.NftMessages.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * The one thing we need from nftables so far: letting frames between two ports of our own bridge pass although Docker set
 * the FORWARD policy to DROP, by a rule in Docker's own chain for users. Not a firewall.
 *
 * <p>All methods block and may be called from any thread; a lock inside makes them one at a time.
 */
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

    private static final String TABLE = "filter";
    private static final String CHAIN = "DOCKER-USER";

    private final NetlinkSocket socket;
    private final ReentrantLock lock = new ReentrantLock();

    private Nftables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens a socket in the namespace of the calling thread. */
    public static Nftables open() {
        return new Nftables(NetlinkSocket.open(new ForeignLibC(), NetlinkSocket.NETLINK_NETFILTER));
    }

    /** Opens a socket in another namespace; see {@link Netlink#openIn}. */
    public static Nftables openIn(Path networkNamespace) {
        return Namespaces.callIn(new ForeignLibC(), networkNamespace, Nftables::open);
    }

    /**
     * {@code iptables -C DOCKER-USER -i B -o B -j ACCEPT || iptables -I …}, and {@code ip6tables} alike. A rule that is there
     * stays where it is, also behind others, since somebody may have put those in front on purpose; but not behind one without
     * a condition, such as Docker's {@code -j RETURN}, where it would never be reached.
     */
    public Outcomes acceptInsideBridge(String bridge) {
        return inBothFamilies(bridge, this::accept);
    }

    /** {@code iptables -D DOCKER-USER -i B -o B -j ACCEPT}, as often as it is there, and {@code ip6tables} alike. */
    public Outcomes removeAcceptInsideBridge(String bridge) {
        return inBothFamilies(bridge, this::remove);
    }

    @Override
    public void close() {
        socket.close();
    }

    private Outcomes inBothFamilies(String bridge, BiFunction<Chain, String, Outcome> step) {
        InterfaceName.check(bridge);
        lock.lock();
        try {
            return new Outcomes(
                    step.apply(new Chain(AddressFamily.AF_INET, TABLE, CHAIN), bridge),
                    step.apply(new Chain(AddressFamily.AF_INET6, TABLE, CHAIN), bridge));
        } finally {
            lock.unlock();
        }
    }

    private Outcome accept(Chain chain, String bridge) {
        if (!exists(chain)) {
            return Outcome.NO_CHAIN;
        }
        List<Rule> reached =
                rules(chain).stream().takeWhile(rule -> !rule.isUnconditional()).toList();
        if (reached.stream().anyMatch(rule -> rule.acceptsInside(bridge))) {
            return Outcome.PRESENT;
        }
        socket.executeTransaction(NftMessages.begin(), NftMessages.insertAccept(chain, bridge), NftMessages.end());
        return Outcome.ADDED;
    }

    private Outcome remove(Chain chain, String bridge) {
        if (!exists(chain)) {
            return Outcome.NO_CHAIN;
        }
        List<Rule> rules =
                rules(chain).stream().filter(rule -> rule.acceptsInside(bridge)).toList();
        for (Rule rule : rules) {
            socket.executeTransaction(
                    NftMessages.begin(), NftMessages.deleteRule(chain, rule.handle()), NftMessages.end());
        }
        return rules.isEmpty() ? Outcome.ABSENT : Outcome.REMOVED;
    }

    private boolean exists(Chain chain) {
        try {
            socket.ask(NftMessages.getChain(chain));
            return true;
        } catch (NetlinkException e) {
            if (e.notFound()) {
                return false;
            }
            throw e;
        }
    }

    private List<Rule> rules(Chain chain) {
        Request request = NftMessages.dumpRules(chain);
        try {
            return socket.dump(request).stream()
                    .map(message -> message.decode("nftables rule", NftMessages::decodeRule))
                    .toList();
        } catch (MalformedMessageException e) {
            throw new NetlinkException(request.operation(), Errno.EBADMSG, e);
        }
    }
}
