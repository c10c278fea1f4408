package io.weavemesh.cluster;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.TableBroadcast.TableDelta;
import io.weavemesh.contract.TableBroadcast.TableDigest;
import io.weavemesh.contract.TableReply.TablePage;
import io.weavemesh.contract.TableRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/*
 * A replicated table of which every peer writes only its own part.
 *
 * Idea: there is never a conflict to resolve, because a row has one writer. What remains is to notice what was missed. Each
 * change is told to all as a delta numbered (origin, incarnation, sequence) without gaps; each origin also tells, now and
 * then, a digest of its whole part. A receiver that sees a gap, a new incarnation or another digest asks the origin for its
 * full part, in pages. Deltas that arrive meanwhile are kept and applied behind it. What an origin says of itself when asked
 * now is the truth: so a restart with its clock set back, which makes its incarnation fall, is noticed by the next digest.
 *
 * Cost: one message to each peer per change; a digest per origin and period; a full part only after a loss.
 * Rejected: gossip with per-row versions and tombstones (weave's nameserver). It survives partial meshes, but needs clocks
 * to bury the dead, and a restarted origin finds its old self still alive in others.
 */

/**
 * The algorithm of an owned table, pure: messages come in, effects go out. Not the wiring; that is {@link BusTable}. Not
 * safe for several threads.
 *
 * @param <R> the rows
 */
final class OwnedTable<R extends TableRow> {

    /** Rows in one page or delta: with the longest names about 900 KB, well below what the codec accepts. */
    private static final int PAGE_ROWS = 1_000;

    /** Deltas kept while a full part is on its way. With more than this, asking again is cheaper. */
    private static final int MAX_WAITING = 1_000;

    private final PeerName self;
    private final long incarnation;
    private final int pageRows;
    private final Rows<R> own = new Rows<>();
    private final Map<PeerName, Part<R>> parts = new HashMap<>();
    private long sequence;
    private long ownHash;
    private long attempts;

    /**
     * An empty table.
     *
     * @param incarnation greater than that of any earlier start of this peer's service
     */
    OwnedTable(PeerName self, long incarnation) {
        this(self, incarnation, PAGE_ROWS);
    }

    /** A table with pages of another size, for tests. */
    OwnedTable(PeerName self, long incarnation, int pageRows) {
        this.self = self;
        this.incarnation = incarnation;
        this.pageRows = pageRows;
    }

    /** What is to be done. */
    sealed interface Effect<R extends TableRow> {}

    /** Tell every peer. */
    record Tell<R extends TableRow>(TableDelta delta) implements Effect<R> {}

    /**
     * Ask a peer for a page of its part; the answer comes back by {@link OwnedTable#page} or {@link OwnedTable#pullFailed}.
     *
     * @param attempt tells the pages of one pull from those of another that was given up
     */
    record Pull<R extends TableRow>(PeerName origin, long attempt, Optional<String> after) implements Effect<R> {}

    /** Let the listeners know. */
    record Changed<R extends TableRow>(SharedTable.Change<R> change) implements Effect<R> {}

    /** Another peer's part as far as we know it. */
    private static final class Part<R extends TableRow> {
        private long incarnation;
        private long sequence;
        private long hash;
        private Rows<R> rows = new Rows<>();
        private Optional<Pulling<R>> pulling = Optional.empty();
    }

    /** A full part on its way. */
    private static final class Pulling<R extends TableRow> {
        private final long attempt;
        private final Rows<R> rows = new Rows<>();
        private final List<TableDelta> waiting = new ArrayList<>();
        private boolean begun;
        private long incarnation;
        private long sequence;

        Pulling(long attempt) {
            this.attempt = attempt;
        }
    }

    /**
     * Changes our part: what is put wins over what is removed, the last of several rows with one key over the others.
     * Nothing happens if our part says so already.
     */
    List<Effect<R>> update(List<R> put, Collection<String> remove) {
        Map<String, R> wanted = new LinkedHashMap<>();
        put.forEach(row -> wanted.put(row.key(), row));
        List<R> came = new ArrayList<>();
        List<R> went = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        for (String key : remove) {
            Optional<R> old = wanted.containsKey(key) ? Optional.empty() : own.remove(key);
            old.ifPresent(row -> {
                went.add(row);
                removed.add(key);
                ownHash -= hash(row);
            });
        }
        for (R row : wanted.values()) {
            Optional<R> old = own.put(row);
            if (old.isPresent() && old.get().equals(row)) {
                continue;
            }
            came.add(row);
            ownHash += hash(row);
            old.ifPresent(before -> {
                went.add(before);
                ownHash -= hash(before);
            });
        }
        if (came.isEmpty() && went.isEmpty()) {
            return List.of();
        }
        List<Effect<R>> effects = new ArrayList<>(deltas(came, removed));
        effects.add(new Changed<>(new SharedTable.Change<>(self, came, went)));
        return effects;
    }

    /** One delta, or several if there is more to say than fits into one. */
    private List<Tell<R>> deltas(List<R> put, List<String> removed) {
        List<Tell<R>> deltas = new ArrayList<>();
        for (int from = 0; from < removed.size(); from += pageRows) {
            List<String> keys = removed.subList(from, Math.min(removed.size(), from + pageRows));
            boolean roomForRows = from + pageRows >= removed.size() && keys.size() + put.size() <= pageRows;
            deltas.add(new Tell<>(
                    new TableDelta(self, incarnation, ++sequence, roomForRows ? List.copyOf(put) : List.of(), keys)));
            if (roomForRows) {
                return deltas;
            }
        }
        for (int from = 0; from < put.size(); from += pageRows) {
            List<R> rows = put.subList(from, Math.min(put.size(), from + pageRows));
            deltas.add(new Tell<>(new TableDelta(self, incarnation, ++sequence, List.copyOf(rows), List.of())));
        }
        return deltas;
    }

    /** Our part as one page. */
    TablePage answer(Optional<String> after) {
        List<R> rows = own.page(after, pageRows + 1); // One more tells whether there is more.
        boolean more = rows.size() > pageRows;
        List<TableRow> page = List.copyOf(more ? rows.subList(0, pageRows) : rows);
        return new TablePage(self, incarnation, sequence, page, more);
    }

    /** The fingerprint of our part, to be told now and then. */
    TableDigest digest() {
        return new TableDigest(self, incarnation, sequence, ownHash);
    }

    /** A peer is there: ask it for its part. */
    List<Effect<R>> peerUp(PeerName peer) {
        Check.that(!peer.equals(self), "told that we are up ourselves");
        Part<R> part = parts.computeIfAbsent(peer, name -> new Part<>());
        return part.pulling.isPresent() ? List.of() : pull(peer, part);
    }

    /** A peer is gone: forget its part. */
    List<Effect<R>> peerDown(PeerName peer) {
        Part<R> part = parts.remove(peer);
        return part == null || part.rows.size() == 0
                ? List.of()
                : List.of(new Changed<>(new SharedTable.Change<>(peer, List.of(), List.copyOf(part.rows.all()))));
    }

    /** News from a peer about its own part. News about a peer that is not there is dropped. */
    List<Effect<R>> delta(TableDelta delta) {
        Part<R> part = parts.get(delta.origin());
        if (part == null) {
            return List.of();
        }
        if (part.pulling.isPresent()) {
            List<TableDelta> waiting = part.pulling.get().waiting;
            if (waiting.size() < MAX_WAITING) {
                waiting.add(delta);
            }
            return List.of();
        }
        if (old(part, delta.incarnation(), delta.sequence())) {
            return List.of();
        }
        if (delta.incarnation() == part.incarnation && delta.sequence() == part.sequence + 1) {
            return apply(delta, part);
        }
        return pull(delta.origin(), part);
    }

    /** A peer's fingerprint of its own part. One of another incarnation is a restart, or a straggler, which costs a pull. */
    List<Effect<R>> digest(TableDigest digest) {
        Part<R> part = parts.get(digest.origin());
        if (part == null || part.pulling.isPresent()) {
            return List.of();
        }
        boolean sameLife = digest.incarnation() == part.incarnation;
        boolean straggler = sameLife && digest.sequence() < part.sequence;
        boolean known = sameLife && digest.sequence() == part.sequence && digest.hash() == part.hash;
        return straggler || known ? List.of() : pull(digest.origin(), part);
    }

    /** A page we asked for in this attempt. */
    List<Effect<R>> page(long attempt, TablePage page, Class<R> rowType) {
        Part<R> part = parts.get(page.origin());
        if (part == null || part.pulling.isEmpty() || part.pulling.get().attempt != attempt) {
            return List.of();
        }
        Pulling<R> pulling = part.pulling.get();
        boolean moved = pulling.incarnation != page.incarnation() || pulling.sequence != page.sequence();
        if (pulling.begun && moved) {
            return restart(page.origin(), part, pulling); // It changed between two pages.
        }
        pulling.begun = true;
        pulling.incarnation = page.incarnation();
        pulling.sequence = page.sequence();
        for (TableRow row : page.rows()) {
            if (rowType.isInstance(row)) {
                pulling.rows.put(rowType.cast(row));
            }
        }
        if (page.more() && !page.rows().isEmpty()) {
            String last = page.rows().getLast().key();
            return List.of(new Pull<>(page.origin(), attempt, Optional.of(last)));
        }
        return finish(page.origin(), part, pulling);
    }

    /** A page we asked for in this attempt did not come; the next digest or delta asks again. */
    void pullFailed(long attempt, PeerName origin) {
        Part<R> part = parts.get(origin);
        if (part != null && part.pulling.filter(p -> p.attempt == attempt).isPresent()) {
            part.pulling = Optional.empty();
        }
    }

    /** What we know of a peer's part, as the digest the peer would send if we knew all. */
    Optional<TableDigest> known(PeerName origin) {
        return Optional.ofNullable(parts.get(origin))
                .map(part -> new TableDigest(origin, part.incarnation, part.sequence, part.hash));
    }

    Collection<R> own() {
        return own.all();
    }

    Map<PeerName, Collection<R>> parts() {
        Map<PeerName, Collection<R>> all = new TreeMap<>();
        parts.forEach((peer, part) -> all.put(peer, part.rows.all()));
        all.put(self, own());
        return all;
    }

    private boolean old(Part<R> part, long otherIncarnation, long otherSequence) {
        return otherIncarnation < part.incarnation
                || (otherIncarnation == part.incarnation && otherSequence <= part.sequence);
    }

    private List<Effect<R>> pull(PeerName origin, Part<R> part) {
        long attempt = ++attempts;
        part.pulling = Optional.of(new Pulling<>(attempt));
        return List.of(new Pull<>(origin, attempt, Optional.empty()));
    }

    private List<Effect<R>> restart(PeerName origin, Part<R> part, Pulling<R> before) {
        List<Effect<R>> effects = pull(origin, part);
        part.pulling.ifPresent(again -> again.waiting.addAll(before.waiting));
        return effects;
    }

    private List<Effect<R>> finish(PeerName origin, Part<R> part, Pulling<R> pulling) {
        part.pulling = Optional.empty();
        List<Effect<R>> effects = new ArrayList<>(replace(origin, part, pulling));
        for (TableDelta delta : pulling.waiting) {
            effects.addAll(delta(delta));
        }
        return effects;
    }

    private List<Effect<R>> replace(PeerName origin, Part<R> part, Pulling<R> pulling) {
        List<R> came = new ArrayList<>();
        List<R> went = new ArrayList<>();
        for (R row : pulling.rows.all()) {
            if (!part.rows.get(row.key()).equals(Optional.of(row))) {
                came.add(row);
            }
        }
        for (R row : part.rows.all()) {
            if (!pulling.rows.get(row.key()).equals(Optional.of(row))) {
                went.add(row);
            }
        }
        part.incarnation = pulling.incarnation;
        part.sequence = pulling.sequence;
        part.rows = pulling.rows;
        part.hash = part.rows.all().stream().mapToLong(OwnedTable::hash).sum();
        return came.isEmpty() && went.isEmpty()
                ? List.of()
                : List.of(new Changed<>(new SharedTable.Change<>(origin, came, went)));
    }

    @SuppressWarnings("unchecked") // A part holds rows of one table only; the wiring checks their type on arrival.
    private List<Effect<R>> apply(TableDelta delta, Part<R> part) {
        List<R> came = new ArrayList<>();
        List<R> went = new ArrayList<>();
        for (String key : delta.removed()) {
            part.rows.remove(key).ifPresent(old -> {
                went.add(old);
                part.hash -= hash(old);
            });
        }
        for (TableRow row : delta.put()) {
            part.hash += hash(row);
            came.add((R) row);
            part.rows.put((R) row).ifPresent(old -> {
                went.add(old);
                part.hash -= hash(old);
            });
        }
        part.sequence = delta.sequence();
        return List.of(new Changed<>(new SharedTable.Change<>(delta.origin(), came, went)));
    }

    /** The same in every JVM, unlike the hash code of a record with an enum inside. Sums of it do not depend on order. */
    private static long hash(TableRow row) {
        long hash = 1125899906842597L;
        String text = row.toString();
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash * 0x9E3779B97F4A7C15L ^ hash >>> 32;
    }
}
