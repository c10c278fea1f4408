package io.weavemesh.netlink;

import io.weavemesh.netlink.NftExpression.Counter;
import io.weavemesh.netlink.NftTableMessages.FoundChain;
import io.weavemesh.netlink.NftTableMessages.FoundRule;
import io.weavemesh.netlink.NftTableMessages.FoundSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Whole nftables tables: read, made and changed. A change is one transaction, so no packet ever sees
 * half of it. Knows nothing of what the rules are for.
 *
 * <p>All methods block and may be called from any thread; a lock inside makes them one at a time.
 */
public final class NftTables implements AutoCloseable {

    /** asm-generic/errno.h. */
    private static final int EOPNOTSUPP = 95;

    private static final int EAFNOSUPPORT = 97;

    /** What {@link #put} found. */
    public enum Outcome {
        /** The table was as it should be. */
        PRESENT,
        /** Only elements of sets differed, and do not any more. */
        ELEMENTS_CHANGED,
        /** The table was missing or had other rules, and was made anew. */
        REPLACED
    }

    private final NetlinkSocket socket;
    private final ReentrantLock lock = new ReentrantLock();

    private NftTables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens a socket in the namespace of the calling thread. */
    public static NftTables open() {
        return new NftTables(NetlinkSocket.open(new ForeignLibC(), NetlinkSocket.NETLINK_NETFILTER));
    }

    /** Opens a socket in another namespace; see {@link Netlink#openIn}. */
    public static NftTables openIn(Path networkNamespace) {
        return Namespaces.callIn(new ForeignLibC(), networkNamespace, NftTables::open);
    }

    /** {@code nft list table}; nothing if there is none. */
    public Optional<NftTable> read(NftTableName table) {
        lock.lock();
        try {
            socket.ask(NftTableMessages.get(table));
            return Optional.of(readPresent(table));
        } catch (NetlinkException e) {
            if (e.notFound()) {
                return Optional.empty(); // It may also have gone between two questions.
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a table what it should be, if it is not. The counters in {@code wanted} are where those of new rules begin; they
     * do not tell two tables apart.
     *
     * @param found what {@link #read} gave just now
     */
    public Outcome put(NftTable wanted, Optional<NftTable> found) {
        lock.lock();
        try {
            if (found.isPresent() && shape(found.get()).equals(shape(wanted))) {
                List<Request> changes = elementChanges(wanted, found.get());
                if (changes.isEmpty()) {
                    return Outcome.PRESENT;
                }
                execute(changes);
                return Outcome.ELEMENTS_CHANGED;
            }
            List<Request> changes = new ArrayList<>();
            changes.add(NftTableMessages.ensure(wanted.name())); // So that there is one to delete.
            changes.add(NftTableMessages.delete(wanted.name()));
            changes.addAll(NftTableMessages.create(wanted));
            execute(changes);
            return Outcome.REPLACED;
        } finally {
            lock.unlock();
        }
    }

    /** {@code nft delete table}; success if there is none. */
    public void delete(NftTableName table) {
        lock.lock();
        try {
            execute(List.of(NftTableMessages.ensure(table), NftTableMessages.delete(table)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private NftTable readPresent(NftTableName table) {
        List<NftTable.Set> sets = new ArrayList<>();
        for (FoundSet set : list(NftTableMessages.listSets(table), NftTableMessages::decodeSet)) {
            sets.add(readSet(table, set));
        }
        Map<String, List<NftTable.Rule>> rules = new TreeMap<>();
        for (FoundRule found : list(NftTableMessages.listRules(table), NftTableMessages::decodeRule)) {
            rules.computeIfAbsent(found.chain(), _ -> new ArrayList<>()).add(found.rule());
        }
        List<NftTable.Chain> chains = new ArrayList<>();
        for (FoundChain chain : list(NftTableMessages.listChains(table), NftTableMessages::decodeChain)) {
            if (chain.table().equals(table.name())) {
                List<NftTable.Rule> inside = new ArrayList<>(rules.getOrDefault(chain.name(), List.of()));
                if (!chain.accepts()) { // We never make such a chain, so this makes it a different one.
                    inside.add(new NftTable.Rule(List.of(new NftExpression.Unknown("policy drop")), ""));
                }
                chains.add(new NftTable.Chain(chain.name(), chain.hook(), inside));
            }
        }
        return new NftTable(table, sets, chains);
    }

    /** A set of a type that is not ours is shown as an empty one of another name, so that it differs from any of ours. */
    private NftTable.Set readSet(NftTableName table, FoundSet set) {
        Optional<NftTable.KeyType> type = Arrays.stream(NftTable.KeyType.values())
                .filter(known -> known.code() == set.type() && known.bytes() == set.keyBytes())
                .findFirst();
        if (type.isEmpty()) {
            return new NftTable.Set(set.name() + " of another type", NftTable.KeyType.PORT, new TreeSet<>());
        }
        NavigableSet<String> elements = new TreeSet<>();
        list(NftTableMessages.listElements(table, set.name()), NftTableMessages::decodeElements)
                .forEach(elements::addAll);
        elements.removeIf(element -> element.length() != 2 * type.get().bytes());
        return new NftTable.Set(set.name(), type.get(), set.capacity(), elements);
    }

    private <T> List<T> list(Request request, Function<MessageReader, T> decoder) {
        try {
            return socket.dump(request).stream()
                    .map(message -> message.decode(request.operation(), decoder))
                    .toList();
        } catch (MalformedMessageException e) {
            throw new NetlinkException(request.operation(), Errno.EBADMSG, e);
        }
    }

    /** The table without what may differ: the order of sets and chains, elements, and what was counted. */
    private static NftTable shape(NftTable table) {
        Counter zero = new Counter(0, 0);
        return new NftTable(
                table.name(),
                table.sets().stream()
                        .map(NftTable.Set::emptied)
                        .sorted(Comparator.comparing(NftTable.Set::name))
                        .toList(),
                table.chains().stream()
                        .map(chain -> chain.withRules(chain.rules().stream()
                                .map(rule -> rule.counting(zero))
                                .toList()))
                        .sorted(Comparator.comparing(NftTable.Chain::name))
                        .toList());
    }

    private static List<Request> elementChanges(NftTable wanted, NftTable found) {
        List<Request> changes = new ArrayList<>();
        for (NftTable.Set set : wanted.sets()) {
            NavigableSet<String> present = found.set(set.name()).orElseThrow().elements();
            Collection<String> gone = without(present, set.elements());
            Collection<String> missing = without(set.elements(), present);
            if (!gone.isEmpty()) {
                changes.add(NftTableMessages.removeElements(wanted.name(), set, gone));
            }
            if (!missing.isEmpty()) {
                changes.add(NftTableMessages.addElements(wanted.name(), set, missing));
            }
        }
        return changes;
    }

    private static Collection<String> without(Collection<String> some, Collection<String> others) {
        NavigableSet<String> rest = new TreeSet<>(some);
        rest.removeAll(others);
        return rest;
    }

    /**
     * Deletes the tables of this name in all families, in the namespace of the calling thread. Blocks.
     *
     * @return those there were; where the kernel has no nftables, none
     */
    public static List<NftTableName> deleteAll(String name) {
        List<NftTableName> deleted = new ArrayList<>();
        try (NetlinkSocket socket = NetlinkSocket.open(new ForeignLibC(), NetlinkSocket.NETLINK_NETFILTER)) {
            for (NftTableName.Family family : NftTableName.Family.values()) {
                NftTableName table = new NftTableName(family, name);
                if (delete(socket, table)) {
                    deleted.add(table);
                }
            }
        }
        return deleted;
    }

    private static boolean delete(NetlinkSocket socket, NftTableName table) {
        try {
            socket.executeTransaction(NftMessages.begin(), List.of(NftTableMessages.delete(table)), NftMessages.end());
            return true;
        } catch (NetlinkException e) {
            if (e.notFound() || e.errno() == EOPNOTSUPP || e.errno() == EAFNOSUPPORT) {
                return false; // No such table, or a family, or all of nftables, this kernel does not have.
            }
            throw e;
        }
    }

    private void execute(List<Request> changes) {
        socket.executeTransaction(NftMessages.begin(), changes, NftMessages.end());
    }
}
