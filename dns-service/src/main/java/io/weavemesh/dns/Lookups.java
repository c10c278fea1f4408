package io.weavemesh.dns;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The questions about other names: which are being asked of a resolver, who waits for them, and what was answered before.
 * A state machine without sockets and timers; it belongs to one thread at a time.
 *
 * <ul>
 *   <li>An answer is kept as long as its records live, up to a day.
 *   <li>The same question is asked once, however many ask it meanwhile.
 *   <li>An answer that is too old is asked for again. If nothing comes within {@link #PATIENCE_MILLIS}, the old one is given with a
 *       TTL of 30 seconds, and if asking fails, for the next 30 seconds without asking; for a day at most (RFC 8767 s5).
 *   <li>That nobody could answer is kept for a second (RFC 9520 s3.2).
 *   <li>The least recently asked goes when there is no room.
 * </ul>
 *
 * @param <A> who asks
 */
public final class Lookups<A> {

    /** Enough for what the containers of a host ask within the life of answers. */
    static final int MAX_ENTRIES = 10_000;

    /** Of keys, answers and what Java needs around them; a small part of a peer's heap of 48 MiB. */
    static final int MAX_BYTES = 4 << 20;

    /** A larger answer would push out a hundred ordinary ones. */
    static final int MAX_ANSWER_BYTES = 16_384;

    /** Questions that are being asked, each of which takes a socket. Far above what a host asks in a second. */
    public static final int MAX_ASKED = 512;

    /** Askers that wait, so that a resolver's silence does not fill the heap. */
    static final int MAX_WAITING = 4_096;

    /** RFC 8767 s5, "client response timer". Docker's own server gives up after 4 seconds. */
    public static final long PATIENCE_MILLIS = 1_800;

    /** RFC 8767 s5, "maximum stale timer": one to three days. */
    static final long MAX_STALE_MILLIS = 86_400_000L;

    /** RFC 8767 s5, "failure recheck timer". */
    static final long RECHECK_MILLIS = 30_000;

    /** RFC 8767 s4: what remains of an answer that is too old. */
    static final int STALE_TTL_SECONDS = 30;

    /** RFC 9520 s3.2: at least a second, so that a failing resolver is not asked by every retry. */
    static final long FAILURE_MILLIS = 1_000;

    /** Objects and tables around an entry's octets, measured roughly. */
    private static final int ENTRY_OVERHEAD = 250;

    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Asked<A>> asked = new HashMap<>();
    private int bytes;
    private int waiting;
    private int resolvers;

    /** What to do. */
    public sealed interface Effect<A> {

        /** Send a packet to who asked. The packet is the receiver's own. */
        final class Reply<A> implements Effect<A> {
            private final A asker;
            private final byte[] packet;

            Reply(A asker, byte[] packet) {
                this.asker = asker;
                this.packet = packet;
            }

            public A asker() {
                return asker;
            }

            public byte[] packet() {
                return packet;
            }
        }

        /**
         * Ask the resolvers, and tell what came of it by {@link #answered}, {@link #truncated} or {@link #failed}.
         *
         * @param impatient whether {@link #waited} is to be called after {@link #PATIENCE_MILLIS}
         */
        record Ask<A>(ForwardedQuery question, boolean impatient) implements Effect<A> {}
    }

    /** What is known of a question; no answer means that there was none to be had. Times in milliseconds. */
    private record Entry(Optional<UpstreamAnswer> answer, long since, long freshUntil, long staleUntil, long retryAt) {
        int bytes(String key) {
            return ENTRY_OVERHEAD
                    + key.length()
                    + answer.map(UpstreamAnswer::bytes).orElse(0);
        }

        boolean isFresh(long now) {
            return now < freshUntil;
        }

        byte[] packet(ForwardedQuery query, long now) {
            if (answer.isEmpty()) {
                return query.serverFailure();
            }
            return isFresh(now)
                    ? query.answer(answer.get(), (int) ((now - since) / 1_000))
                    : query.staleAnswer(answer.get(), STALE_TTL_SECONDS);
        }
    }

    /** Someone who waits for the answer to a question that is being asked. */
    private record Waiter<A>(ForwardedQuery query, A asker) {}

    /** A question that is being asked of the resolvers there were at that time. */
    private record Asked<A>(long since, int resolvers, List<Waiter<A>> waiters) {}

    /** A question came. Times are in milliseconds of any clock that does not jump. */
    public List<Effect<A>> asked(ForwardedQuery query, A asker, long now) {
        Optional<Entry> known = known(query.key(), now);
        if (known.isPresent()) {
            Entry entry = known.get();
            Asked<A> present = asked.get(query.key());
            boolean tooLong = present != null && now - present.since >= PATIENCE_MILLIS;
            if (entry.isFresh(now) || now < entry.retryAt || tooLong) {
                return List.of(new Effect.Reply<>(asker, entry.packet(query, now)));
            }
        }
        return await(query, asker, now, known);
    }

    private List<Effect<A>> await(ForwardedQuery query, A asker, long now, Optional<Entry> old) {
        Asked<A> present = asked.get(query.key());
        if (waiting >= MAX_WAITING || present == null && asked.size() >= MAX_ASKED) {
            byte[] packet = old.map(entry -> entry.packet(query, now)).orElseGet(query::serverFailure);
            return List.of(new Effect.Reply<>(asker, packet));
        }
        waiting++;
        Waiter<A> waiter = new Waiter<>(query, asker);
        if (present != null) {
            present.waiters.add(waiter);
            return List.of();
        }
        asked.put(query.key(), new Asked<>(now, resolvers, new ArrayList<>(List.of(waiter))));
        return List.of(new Effect.Ask<>(query, old.isPresent()));
    }

    /** A resolver answered. */
    public List<Effect<A>> answered(ForwardedQuery query, UpstreamAnswer answer, long now) {
        Asked<A> done = asked.remove(query.key());
        if (done == null) {
            return List.of();
        }
        if (done.resolvers == resolvers) {
            keep(query.key(), answer, now);
        }
        return replies(done, waiter -> waiter.query.answer(answer, 0));
    }

    /** All there is to be had is a part of the answer; who asked by UDP may have more luck by TCP. */
    public List<Effect<A>> truncated(ForwardedQuery query, long now) {
        return ended(
                query,
                now,
                waiter -> waiter.query.transport() == Transport.UDP
                        ? waiter.query.truncated()
                        : waiter.query.serverFailure());
    }

    /** No resolver answered. */
    public List<Effect<A>> failed(ForwardedQuery query, long now) {
        List<Effect<A>> effects = ended(query, now, waiter -> waiter.query.serverFailure());
        if (known(query.key(), now).isEmpty()) {
            long until = now + FAILURE_MILLIS;
            put(query.key(), new Entry(Optional.empty(), now, until, until, until));
        }
        return effects;
    }

    /** Nobody has answered for {@link #PATIENCE_MILLIS}. */
    public List<Effect<A>> waited(ForwardedQuery query, long now) {
        Asked<A> present = asked.get(query.key());
        Optional<Entry> old = known(query.key(), now);
        if (present == null || old.isEmpty()) {
            return List.of();
        }
        List<Effect<A>> effects = replies(present, waiter -> old.get().packet(waiter.query, now));
        present.waiters.clear();
        return effects;
    }

    /** The resolvers are others. What the old ones said is asked again, and failures are forgotten. */
    public void resolversChanged(long now) {
        resolvers++;
        List.copyOf(entries.keySet()).stream()
                .filter(key -> known(key, now)
                        .filter(entry -> entry.answer.isPresent())
                        .isEmpty())
                .forEach(this::remove);
        entries.replaceAll((key, entry) ->
                new Entry(entry.answer, entry.since, Math.min(now, entry.freshUntil), entry.staleUntil, now));
    }

    /** How many answers are kept. */
    public int size() {
        return entries.size();
    }

    /** How much memory they take. */
    int bytes() {
        return bytes;
    }

    private Optional<Entry> known(String key, long now) {
        Entry entry = entries.get(key);
        if (entry != null && now >= entry.staleUntil) {
            remove(key);
            return Optional.empty();
        }
        return Optional.ofNullable(entry);
    }

    /** Ends the asking without an answer: the old one goes on for a while, if there is one. */
    private List<Effect<A>> ended(ForwardedQuery query, long now, Function<Waiter<A>, byte[]> otherwise) {
        Asked<A> done = asked.remove(query.key());
        if (done == null) {
            return List.of();
        }
        Optional<Entry> old = known(query.key(), now).filter(entry -> entry.answer.isPresent());
        if (old.isEmpty()) {
            return replies(done, otherwise);
        }
        Entry entry = old.get();
        put(
                query.key(),
                new Entry(entry.answer, entry.since, entry.freshUntil, entry.staleUntil, now + RECHECK_MILLIS));
        return replies(done, waiter -> entry.packet(waiter.query, now));
    }

    private List<Effect<A>> replies(Asked<A> done, Function<Waiter<A>, byte[]> packet) {
        waiting -= done.waiters.size();
        List<Effect<A>> effects = new ArrayList<>(done.waiters.size());
        for (Waiter<A> waiter : done.waiters) {
            effects.add(new Effect.Reply<>(waiter.asker, packet.apply(waiter)));
        }
        return effects;
    }

    private void keep(String key, UpstreamAnswer answer, long now) {
        if (answer.lifetimeSeconds() == 0 || answer.bytes() > MAX_ANSWER_BYTES) {
            remove(key);
            return;
        }
        long freshUntil = now + 1_000L * answer.lifetimeSeconds();
        put(key, new Entry(Optional.of(answer), now, freshUntil, freshUntil + MAX_STALE_MILLIS, now));
    }

    private void put(String key, Entry entry) {
        remove(key);
        entries.put(key, entry);
        bytes += entry.bytes(key);
        while (entries.size() > MAX_ENTRIES || bytes > MAX_BYTES) {
            remove(entries.keySet().iterator().next());
        }
    }

    private void remove(String key) {
        Entry removed = entries.remove(key);
        bytes -= removed == null ? 0 : removed.bytes(key);
    }
}
