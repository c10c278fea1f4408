package io.weavemesh.router.edge;

import io.weavemesh.netlink.NetlinkEvent;
import io.weavemesh.netlink.NetlinkMonitor;
import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftTable;
import io.weavemesh.netlink.NftTables;
import io.weavemesh.router.Ruleset;
import io.weavemesh.router.edge.Kernel.Protection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Our table in the real kernel. It remembers what was counted, so that a table that is made anew goes on counting from there.
 * Used on one thread, except for the listener.
 */
final class NetlinkFirewall implements AutoCloseable {

    private static final Set<String> PEER_SETS = Set.of(Ruleset.PEERS_IPV4, Ruleset.PEERS_IPV6);

    private final NftTables tables;
    private final Optional<Path> namespace;
    private final Map<String, Counter> counted = new TreeMap<>();
    private Optional<NetlinkMonitor> monitor = Optional.empty();

    private NetlinkFirewall(NftTables tables, Optional<Path> namespace) {
        this.tables = tables;
        this.namespace = namespace;
    }

    static NetlinkFirewall open() {
        return new NetlinkFirewall(NftTables.open(), Optional.empty());
    }

    static NetlinkFirewall openIn(Path namespace) {
        return new NetlinkFirewall(NftTables.openIn(namespace), Optional.of(namespace));
    }

    Protection protect(Ruleset rules, boolean keepPeers) {
        Optional<NftTable> found = tables.read(Ruleset.TABLE);
        found.ifPresent(this::remember);
        NftTable wanted = NftCompiler.compile(rules);
        if (keepPeers && found.isPresent()) {
            wanted = withPeersOf(found.get(), wanted);
        }
        NftTables.Outcome outcome = tables.put(goingOn(wanted), found);
        Map<String, Long> packets = new TreeMap<>();
        counted.forEach((reason, counter) -> packets.put(reason, counter.packets()));
        return new Protection(outcome != NftTables.Outcome.PRESENT, packets);
    }

    /** Events that were lost may have been about any table, so about both we care for. */
    void watch(Consumer<String> listener) {
        Consumer<NetlinkEvent> told = event -> {
            if (event instanceof NetlinkEvent.RulesChanged(String table)) {
                listener.accept(table);
            } else if (event instanceof NetlinkEvent.Resync) {
                listener.accept(Ruleset.TABLE);
                listener.accept(Kernel.SHARED_TABLE);
            }
        };
        monitor = Optional.of(namespace
                .map(path -> NetlinkMonitor.openNftablesIn(path, told))
                .orElseGet(() -> NetlinkMonitor.openNftables(told)));
    }

    @Override
    public void close() {
        monitor.ifPresent(NetlinkMonitor::close);
        tables.close();
    }

    /** Never less than before: a rule that somebody deleted took what it had counted with it. */
    private void remember(NftTable table) {
        Map<String, Counter> seen = new TreeMap<>();
        for (NftTable.Chain chain : table.chains()) {
            for (NftTable.Rule rule : chain.rules()) {
                rule.counter()
                        .filter(_ -> !rule.comment().isEmpty())
                        .ifPresent(counter -> seen.merge(rule.comment(), counter, NetlinkFirewall::sum));
            }
        }
        seen.forEach((reason, counter) -> counted.merge(
                reason,
                counter,
                (before, now) ->
                        new Counter(Math.max(before.packets(), now.packets()), Math.max(before.bytes(), now.bytes()))));
    }

    private static Counter sum(Counter one, Counter other) {
        return new Counter(one.packets() + other.packets(), one.bytes() + other.bytes());
    }

    /** Of several rules with one reason the first goes on. */
    private NftTable goingOn(NftTable table) {
        Set<String> given = new HashSet<>();
        List<NftTable.Chain> chains = new ArrayList<>();
        for (NftTable.Chain chain : table.chains()) {
            List<NftTable.Rule> rules = chain.rules().stream()
                    .map(rule -> given.add(rule.comment()) && counted.containsKey(rule.comment())
                            ? rule.counting(counted.get(rule.comment()))
                            : rule)
                    .toList();
            chains.add(new NftTable.Chain(chain.name(), chain.hook(), rules));
        }
        return new NftTable(table.name(), table.sets(), chains);
    }

    private static NftTable withPeersOf(NftTable found, NftTable wanted) {
        List<NftTable.Set> sets = wanted.sets().stream()
                .map(set -> PEER_SETS.contains(set.name())
                        ? found.set(set.name())
                                .filter(present -> present.type() == set.type())
                                .map(present -> set.with(present.elements()))
                                .orElse(set)
                        : set)
                .toList();
        return new NftTable(wanted.name(), sets, wanted.chains());
    }
}
