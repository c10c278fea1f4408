package io.weavemesh.router.edge;

import io.weavemesh.netlink.NetlinkEvent;
import io.weavemesh.netlink.NetlinkMonitor;
import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftTable;
import io.weavemesh.netlink.NftTableName;
import io.weavemesh.netlink.NftTables;
import io.weavemesh.router.Ruleset;
import io.weavemesh.router.edge.Kernel.Protection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Our tables in the real kernel. It remembers what was counted, so that a table that is made anew goes on counting from there.
 * Used on one thread, except for the listener.
 */
final class NetlinkFirewall implements AutoCloseable {

    private final NftTables tables;
    private final Optional<Path> namespace;

    /** By table, then by reason. */
    private final Map<NftTableName, Map<String, Counter>> counted = new HashMap<>();

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

    Protection protect(List<Ruleset> wanted, boolean keepPeers) {
        boolean changed = false;
        for (Ruleset rules : wanted) {
            changed |= protect(NftCompiler.compile(rules), keepPeers);
        }
        Map<String, Long> packets = new TreeMap<>();
        counted.values()
                .forEach(reasons ->
                        reasons.forEach((reason, counter) -> packets.merge(reason, counter.packets(), Long::sum)));
        return new Protection(changed, packets);
    }

    private boolean protect(NftTable wanted, boolean keepPeers) {
        Optional<NftTable> found = tables.read(wanted.name());
        found.ifPresent(this::remember);
        NftTable table =
                keepPeers ? found.map(present -> withPeersOf(present, wanted)).orElse(wanted) : wanted;
        return tables.put(goingOn(table), found) != NftTables.Outcome.PRESENT;
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
        Map<String, Counter> reasons = counted.computeIfAbsent(table.name(), _ -> new TreeMap<>());
        seen.forEach((reason, counter) -> reasons.merge(
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
        Map<String, Counter> reasons = counted.getOrDefault(table.name(), Map.of());
        Set<String> given = new HashSet<>();
        List<NftTable.Chain> chains = new ArrayList<>();
        for (NftTable.Chain chain : table.chains()) {
            List<NftTable.Rule> rules = chain.rules().stream()
                    .map(rule -> given.add(rule.comment()) && reasons.containsKey(rule.comment())
                            ? rule.counting(reasons.get(rule.comment()))
                            : rule)
                    .toList();
            chains.add(new NftTable.Chain(chain.name(), chain.hook(), rules));
        }
        return new NftTable(table.name(), table.sets(), chains);
    }

    private static NftTable withPeersOf(NftTable found, NftTable wanted) {
        List<NftTable.Set> sets = wanted.sets().stream()
                .map(set -> set.name().equals(Ruleset.PEERS)
                        ? found.set(set.name())
                                .filter(present -> present.type() == set.type())
                                .map(present -> set.with(present.elements()))
                                .orElse(set)
                        : set)
                .toList();
        return new NftTable(wanted.name(), sets, wanted.chains());
    }
}
