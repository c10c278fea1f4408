package io.weavemesh.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.cluster.Membership.PeerEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What one node says about the others, to be waited for. */
final class PeerEvents {

    private final BlockingQueue<PeerEvent> queue = new LinkedBlockingQueue<>();
    private final List<PeerEvent> seen = new ArrayList<>();

    PeerEvents(ClusterNode node) {
        node.membership().listen(queue::add);
    }

    /** Waits for an event; gives it and keeps what came before. */
    PeerEvent await(String what, Duration atMost, Predicate<PeerEvent> wanted) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            PeerEvent event = queue.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            assertThat(event)
                    .as("%s within %s; before it: %s", what, atMost, seen)
                    .isNotNull();
            seen.add(event);
            if (wanted.test(event)) {
                return event;
            }
        }
    }

    void awaitUp(LoopbackHost host) throws InterruptedException {
        await(
                host.ip() + " is up",
                Duration.ofSeconds(20),
                event -> event instanceof Membership.PeerUp up
                        && up.peer().name().equals(host.name()));
    }

    void awaitDown(LoopbackHost host) throws InterruptedException {
        await(
                host.ip() + " is down",
                Duration.ofSeconds(20),
                event ->
                        event instanceof Membership.PeerDown down && down.peer().equals(host.name()));
    }

    String awaitRefused() throws InterruptedException {
        PeerEvent event = await("a refusal", Duration.ofSeconds(20), Membership.PeerRefused.class::isInstance);
        return ((Membership.PeerRefused) event).reason();
    }

    /** Everything waited for so far and what came before it. */
    List<PeerEvent> seen() {
        return List.copyOf(seen);
    }
}
