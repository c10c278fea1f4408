package io.weavemesh.dns;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/**
 * Everything we are authoritative for at one moment: the names of our domain on all peers, and the reverse names of their
 * addresses. Immutable; a change makes a new zone that shares nearly all of the old one. Not a zone that could be
 * transferred or delegated.
 */
public final class Zone {

    /** What is the same before and after each change. */
    private record Settings(Fqdn domain, int ttlSeconds, Optional<PeerName> near) {}

    private final Settings settings;
    private final byte[] domainKey;
    private final NameTable names;
    private final int entries;
    private final int serial;

    private Zone(Settings settings, byte[] domainKey, NameTable names, int entries, int serial) {
        this.settings = settings;
        this.domainKey = domainKey;
        this.names = names;
        this.entries = entries;
        this.serial = serial;
    }

    /** A zone without names. The TTL is that of all its records, and of negative answers. */
    public static Zone empty(Fqdn domain, Duration ttl) {
        return empty(domain, ttl, Optional.empty());
    }

    /** A zone without names, in which the addresses of one peer, if there is such a one, will come before those of others. */
    public static Zone empty(Fqdn domain, Duration ttl, Optional<PeerName> near) {
        byte[] key = WireName.of(domain);
        Check.argument(key.length > 1, "domain '%s' is the root (expected for example weave.local.)", domain);
        NameTable apex = NameTable.EMPTY.with(NameNode.ofName(key).withBelow(1)); // The apex always exists.
        return new Zone(new Settings(domain, Math.toIntExact(ttl.toSeconds()), near), key, apex, 0, 1);
    }

    /**
     * The zone after a change to one peer's part. Rows outside the domain are left out; a row that is there already, or
     * was gone, changes nothing.
     */
    public Zone with(PeerName origin, Collection<NameRow> put, Collection<NameRow> removed) {
        boolean near = settings.near().equals(Optional.of(origin));
        Change change = new Change(names, entries);
        removed.forEach(row -> change.remove(new Holder(origin, row, near)));
        put.forEach(row -> change.add(new Holder(origin, row, near)));
        return new Zone(settings, domainKey, change.table, change.count, serial + 1);
    }

    public Fqdn domain() {
        return settings.domain();
    }

    /** How many names with an address there are, counted once for each endpoint that has them. */
    public int entries() {
        return entries;
    }

    NameNode find(byte[] name, int length) {
        return names.find(name, length);
    }

    NameNode find(WireName name) {
        return names.find(name.hash(), name.bytes(), name.length());
    }

    /**
     * Looks up what several questions ask for, before any of them is answered from this very zone.
     *
     * <p>With many names, each step from the table to a name is a wait for memory. The steps to one name have to wait for each
     * other, those to different names do not: side by side, and not with an answer written in between, the processor does
     * several at a time ("group prefetching": Chen, Ailamaki, Gibbons, Mowry, "Improving Hash Join Performance through
     * Prefetching", 2004). Hence two loops, of which the second compares the names. With 100,000 of them that halves the time
     * of an answer; with a few it costs nothing.
     *
     * @param count how many of the array, from its first
     */
    public void lookUp(Query[] questions, int count) {
        for (int i = 0; i < count; i++) {
            questions[i].keep(names.first(questions[i].name().hash()));
        }
        for (int i = 0; i < count; i++) {
            Query question = questions[i];
            NameNode node = question.node(this);
            if (!node.isAbsent()
                    && !node.isAt(question.name().bytes(), question.name().length())) {
                question.keep(find(question.name())); // Another name has the same hash.
            }
        }
    }

    byte[] domainKey() {
        return domainKey;
    }

    int ttlSeconds() {
        return settings.ttlSeconds();
    }

    /** Rises with every change on this host; nobody transfers the zone, so it need not agree with other hosts. */
    int serial() {
        return serial;
    }

    /** Rows on their way into a new zone. */
    private final class Change {
        private NameTable table;
        private int count;

        Change(NameTable table, int count) {
            this.table = table;
            this.count = count;
        }

        void add(Holder holder) {
            if (!holder.row().name().isWithin(domain())) {
                return;
            }
            byte[] key = WireName.of(holder.row().name());
            NameNode present = table.find(key, key.length);
            NameNode node = present == NameNode.ABSENT ? NameNode.ofName(key) : present;
            NameNode changed = node.plus(holder);
            table = table.with(changed);
            count += changed.holderCount() - node.holderCount();
            if (!node.hasRecords()) {
                countAbove(key, 1);
            }
            changeReverse(holder.row().address(), node.same(holder), Optional.of(holder));
        }

        void remove(Holder holder) {
            byte[] key = WireName.of(holder.row().name());
            NameNode node = table.find(key, key.length);
            Optional<Holder> present = node.same(holder);
            if (present.isEmpty()) {
                return;
            }
            NameNode changed = node.minus(holder);
            count--;
            store(changed);
            if (!changed.hasRecords()) {
                countAbove(key, -1);
            }
            changeReverse(holder.row().address(), present, Optional.empty());
        }

        /** Which name of an address is preferred depends on more of a row than its key, so just the one there has to go. */
        private void changeReverse(IpAddress address, Optional<Holder> gone, Optional<Holder> come) {
            byte[] key = WireName.reverse(address);
            NameNode present = table.find(key, key.length);
            NameNode node = present == NameNode.ABSENT ? NameNode.ofReverse(key) : present;
            if (gone.isPresent()) {
                node = node.minus(gone.get());
            }
            if (come.isPresent()) {
                node = node.plus(come.get());
            }
            store(node);
        }

        private void store(NameNode node) {
            table = node.isAbsent() ? table.without(node.key()) : table.with(node);
        }

        /** Keeps the names between this one and the domain in existence as long as there is something below them. */
        private void countAbove(byte[] key, int difference) {
            int start = key[0] + 1;
            while (key.length - start > domainKey.length) {
                byte[] above = Arrays.copyOfRange(key, start, key.length);
                NameNode present = table.find(above, above.length);
                NameNode node = present == NameNode.ABSENT ? NameNode.ofName(above) : present;
                store(node.withBelow(node.below() + difference));
                start += key[start] + 1;
            }
        }
    }
}
