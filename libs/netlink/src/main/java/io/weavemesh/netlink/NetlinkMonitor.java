package io.weavemesh.netlink;

import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A subscription to the kernel's events: {@code ip monitor} and {@code bridge monitor}. It starts with what happens after
 * {@code open} returned; take a dump then, not before.
 *
 * <p>The listener is called on one platform thread of the monitor's own, one event at a time and in the kernel's order. It
 * may block: if the socket's buffer overflows meanwhile, a {@link NetlinkEvent.Resync} follows. A listener that throws ends
 * the monitor through the thread's uncaught-exception handler.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies follow.
public final class NetlinkMonitor implements AutoCloseable {

    private NetlinkMonitor() {}

    /** Listens in the namespace of the calling thread. */
    public static NetlinkMonitor open(Set<NetlinkGroup> groups, Consumer<NetlinkEvent> listener) {
        throw new UnsupportedOperationException(groups.toString() + listener);
    }

    /** Listens in another namespace; see {@link Netlink#openIn}. */
    public static NetlinkMonitor openIn(
            Path networkNamespace, Set<NetlinkGroup> groups, Consumer<NetlinkEvent> listener) {
        throw new UnsupportedOperationException(networkNamespace.toString() + groups + listener);
    }

    /** Stops listening and waits for the listener's last call to return, unless called by the listener itself. */
    @Override
    public void close() {}
}
