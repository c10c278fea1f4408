package io.weavemesh.simulation;

import io.weavemesh.contract.PeerName;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BiPredicate;

/**
 * Virtual time in milliseconds, and a network in it that loses, doubles, delays and reorders what it carries, until it is
 * told to be quiet. The same random numbers give the same course of events.
 */
public final class SimulatedNetwork {

    private static final int SHORT_DELAY_MILLIS = 5;

    private final Random random;
    private final int longestDelayMillis;
    private final BiPredicate<PeerName, PeerName> connected;
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long now;
    private long order;
    private boolean quiet;

    private record Event(long time, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /**
     * A network at its beginning.
     *
     * @param start the time it is then
     * @param connected whether what was sent by the one arrives at the other; asked at the time of arrival
     */
    public SimulatedNetwork(
            Random random, long start, int longestDelayMillis, BiPredicate<PeerName, PeerName> connected) {
        this.random = random;
        this.now = start;
        this.longestDelayMillis = longestDelayMillis;
        this.connected = connected;
    }

    public long now() {
        return now;
    }

    /** From now on everything that can arrive does so once, and soon. */
    public void calmDown() {
        quiet = true;
    }

    public boolean isQuiet() {
        return quiet;
    }

    /** Has something happen at a time; what was asked for first comes first. */
    public void at(long time, Runnable action) {
        queue.add(new Event(time, order++, action));
    }

    /** Sends something: one in ten is lost, of the others one in twelve arrives twice. */
    public void deliver(PeerName from, PeerName to, Runnable arrival) {
        int copies = quiet ? 1 : random.nextInt(10) == 0 ? 0 : random.nextInt(12) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            at(now + 1 + random.nextInt(quiet ? SHORT_DELAY_MILLIS : longestDelayMillis), () -> {
                if (connected.test(from, to)) {
                    arrival.run();
                }
            });
        }
    }

    /** Lets everything happen until that time. */
    public void advance(long until) {
        while (!queue.isEmpty() && queue.peek().time() <= until) {
            Event event = queue.poll();
            now = event.time();
            event.action().run();
        }
        now = until;
    }
}
