package io.weavemesh.netlink;

import io.weavemesh.contract.Cidr;
import io.weavemesh.netlink.NftMessages.Chain;
import io.weavemesh.netlink.NftMessages.Passage;
import io.weavemesh.netlink.NftMessages.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * The two things we need from nftables so far: letting frames between two ports of our own bridge pass although Docker set
 * the FORWARD policy to DROP, by a rule in Docker's own chain for users; and masquerading for exposed networks, by a table
 * of our own. Not a firewall.
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
        return inBothFamilies(bridge, (chain, name) -> add(chain, List.of(Passage.inside(name))));
    }

    /** {@code iptables -D DOCKER-USER -i B -o B -j ACCEPT}, as often as it is there, and {@code ip6tables} alike. */
    public Outcomes removeAcceptInsideBridge(String bridge) {
        return inBothFamilies(bridge, (chain, name) -> remove(chain, List.of(Passage.inside(name))));
    }

    /**
     * Lets the host forward between a bridge and everything but Docker's own two bridges, whose containers have other ways to
     * be on our networks: {@code -i docker0 -o B -j DROP}, the same for {@code docker_gwbridge}, {@code -i B -j ACCEPT} and
     * {@code -o B -j ACCEPT}, in this order.
     */
    public Outcomes acceptThroughBridge(String bridge) {
        return inBothFamilies(bridge, (chain, name) -> add(chain, through(name)));
    }

    /** Takes back {@link #acceptThroughBridge}. */
    public Outcomes removeAcceptThroughBridge(String bridge) {
        return inBothFamilies(bridge, (chain, name) -> remove(chain, through(name)));
    }

    private static List<Passage> through(String bridge) {
        return List.of(
                Passage.refused("docker0", bridge),
                Passage.refused("docker_gwbridge", bridge),
                Passage.from(bridge),
                Passage.to(bridge));
    }

    @Override
    public void close() {
        socket.close();
    }

    /**
     * The subnets of {@link #masquerade} whose rules are both there. None where the kernel has no nftables: making them will
     * say so.
     */
    public Set<Cidr> masqueraded() {
        lock.lock();
        try {
            Set<Cidr> found = new TreeSet<>();
            for (int family : List.of(AddressFamily.AF_INET, AddressFamily.AF_INET6)) {
                Map<String, Long> counts = masqueradeRules(family).stream()
                        .collect(Collectors.groupingBy(Rule::comment, Collectors.counting()));
                counts.forEach((comment, count) -> {
                    if (count == MasqueradeMessages.RULES) {
                        subnet(comment).ifPresent(found::add);
                    }
                });
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What leaves a subnet by this host, or enters it, gets the address of the interface it goes out of as its source: two
     * rules in {@code postrouting} of our own table {@code weave}, which is made if need be. May be repeated.
     */
    public void masquerade(Cidr subnet) {
        Chain chain = MasqueradeMessages.chain(subnet);
        lock.lock();
        try {
            List<Request> changes = new ArrayList<>();
            changes.add(MasqueradeMessages.createTable(chain));
            changes.add(MasqueradeMessages.createChain(chain));
            masqueradeRules(chain.family()).stream()
                    .filter(rule -> rule.comment().equals(subnet.toString()))
                    .forEach(rule -> changes.add(NftMessages.deleteRule(chain, rule.handle())));
            changes.addAll(MasqueradeMessages.addRules(chain, subnet));
            execute(changes);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the rules of {@link #masquerade} away, and with the last ones the table. Success if there are none. */
    public void removeMasquerade(Cidr subnet) {
        Chain chain = MasqueradeMessages.chain(subnet);
        lock.lock();
        try {
            List<Rule> all = masqueradeRules(chain.family());
            List<Rule> gone = all.stream()
                    .filter(rule -> rule.comment().equals(subnet.toString()))
                    .toList();
            if (gone.isEmpty()) {
                return;
            }
            execute(
                    gone.size() == all.size()
                            ? List.of(MasqueradeMessages.deleteTable(chain))
                            : gone.stream()
                                    .map(rule -> NftMessages.deleteRule(chain, rule.handle()))
                                    .toList());
        } finally {
            lock.unlock();
        }
    }

    private List<Rule> masqueradeRules(int family) {
        Chain chain = MasqueradeMessages.chain(family);
        try {
            return exists(chain) ? rules(chain) : List.of();
        } catch (NetlinkException e) {
            return List.of();
        }
    }

    private static Optional<Cidr> subnet(String comment) {
        try {
            return Optional.of(Cidr.parseSubnet(comment));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // Somebody else's rule in our chain.
        }
    }

    private void execute(List<Request> changes) {
        socket.executeTransaction(NftMessages.begin(), changes, NftMessages.end());
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

    /** All or nothing, since their order counts: if one is missing or cannot be reached, all are made anew at the head. */
    private Outcome add(Chain chain, List<Passage> passages) {
        if (!exists(chain)) {
            return Outcome.NO_CHAIN;
        }
        List<Rule> reached =
                rules(chain).stream().takeWhile(rule -> !rule.isUnconditional()).toList();
        if (passages.stream().allMatch(passage -> reached.stream().anyMatch(rule -> rule.is(passage)))) {
            return Outcome.PRESENT;
        }
        List<Request> changes = new ArrayList<>();
        if (passages.size() > 1) {
            reached.stream()
                    .filter(rule -> passages.stream().anyMatch(rule::is))
                    .forEach(rule -> changes.add(NftMessages.deleteRule(chain, rule.handle())));
        }
        passages.reversed().forEach(passage -> changes.add(NftMessages.insert(chain, passage)));
        execute(changes);
        return Outcome.ADDED;
    }

    private Outcome remove(Chain chain, List<Passage> passages) {
        if (!exists(chain)) {
            return Outcome.NO_CHAIN;
        }
        List<Rule> rules = rules(chain).stream()
                .filter(rule -> passages.stream().anyMatch(rule::is))
                .toList();
        for (Rule rule : rules) {
            execute(List.of(NftMessages.deleteRule(chain, rule.handle())));
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
