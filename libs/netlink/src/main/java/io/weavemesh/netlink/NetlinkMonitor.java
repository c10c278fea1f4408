package io.weavemesh.netlink;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A subscription to the kernel's events: {@code ip monitor}, {@code bridge monitor} and {@code nft monitor}. It starts with what happens after
 * {@code open} returned; take a dump then, not before.
 *
 * <p>The listener is called on one platform thread of the monitor's own, one event at a time and in the kernel's order. It
 * may block: if the socket's buffer overflows meanwhile, a {@link NetlinkEvent.Resync} follows. A listener that throws ends
 * the monitor through the thread's uncaught-exception handler.
 */
public final class NetlinkMonitor implements AutoCloseable {

    private static final int EFD_CLOEXEC = 0x80000;
    private static final int STOP = 1 << 1;

    /** linux/netfilter/nfnetlink.h. */
    private static final int NFNLGRP_NFTABLES = 7;

    private final LibC libc;
    private final NetlinkSocket socket;
    private final int stop;
    private final Function<NetlinkMessage, Optional<NetlinkEvent>> decoder;
    private final Consumer<NetlinkEvent> listener;
    private final Thread thread;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NetlinkMonitor(
            LibC libc,
            NetlinkSocket socket,
            int stop,
            Function<NetlinkMessage, Optional<NetlinkEvent>> decoder,
            Consumer<NetlinkEvent> listener) {
        this.libc = libc;
        this.socket = socket;
        this.stop = stop;
        this.decoder = decoder;
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name("netlink-monitor").unstarted(this::run);
    }

    /** Listens in the namespace of the calling thread. */
    public static NetlinkMonitor open(Set<NetlinkGroup> groups, Consumer<NetlinkEvent> listener) {
        LibC libc = new ForeignLibC();
        NetlinkMonitor monitor = create(libc, groups, listener);
        monitor.thread.start();
        return monitor;
    }

    /** Listens in another namespace; see {@link Netlink#openIn}. */
    public static NetlinkMonitor openIn(
            Path networkNamespace, Set<NetlinkGroup> groups, Consumer<NetlinkEvent> listener) {
        LibC libc = new ForeignLibC();
        NetlinkMonitor monitor = Namespaces.callIn(libc, networkNamespace, () -> create(libc, groups, listener));
        monitor.thread.start();
        return monitor;
    }

    /** Listens for changes of nftables, each reported as {@link NetlinkEvent.RulesChanged}. */
    public static NetlinkMonitor openNftables(Consumer<NetlinkEvent> listener) {
        NetlinkMonitor monitor = createNftables(new ForeignLibC(), listener);
        monitor.thread.start();
        return monitor;
    }

    /** The same in another namespace; see {@link Netlink#openIn}. */
    public static NetlinkMonitor openNftablesIn(Path networkNamespace, Consumer<NetlinkEvent> listener) {
        LibC libc = new ForeignLibC();
        NetlinkMonitor monitor = Namespaces.callIn(libc, networkNamespace, () -> createNftables(libc, listener));
        monitor.thread.start();
        return monitor;
    }

    private static NetlinkMonitor createNftables(LibC libc, Consumer<NetlinkEvent> listener) {
        List<Integer> groups = List.of(NFNLGRP_NFTABLES);
        NetlinkSocket socket = NetlinkSocket.openListening(libc, NetlinkSocket.NETLINK_NETFILTER, groups);
        return create(libc, socket, EventDecoder::decodeNftables, listener);
    }

    private static NetlinkMonitor create(LibC libc, Set<NetlinkGroup> groups, Consumer<NetlinkEvent> listener) {
        List<Integer> numbers = groups.stream()
                .flatMap(group -> Arrays.stream(group.numbers()).boxed())
                .toList();
        NetlinkSocket socket = NetlinkSocket.openListening(libc, NetlinkSocket.NETLINK_ROUTE, numbers);
        return create(libc, socket, EventDecoder::decode, listener);
    }

    /** With the socket open no event is missed from now on, but nobody listens yet. */
    private static NetlinkMonitor create(
            LibC libc,
            NetlinkSocket socket,
            Function<NetlinkMessage, Optional<NetlinkEvent>> decoder,
            Consumer<NetlinkEvent> listener) {
        int stop = libc.eventfd(0, EFD_CLOEXEC);
        if (stop < 0) {
            socket.close();
            throw new NetlinkException("open an eventfd for a netlink monitor", -stop);
        }
        return new NetlinkMonitor(libc, socket, stop, decoder, listener);
    }

    /** Stops listening and waits for the listener's last call to return, unless called by the listener itself. */
    @Override
    public void close() {
        synchronized (closed) { // So that the number is not written to after the thread closed it.
            if (closed.compareAndSet(false, true)) {
                libc.writeEvent(stop, 1);
            }
        }
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The thread alone closes the files, so that it never reads from a number that means something else by then. */
    private void run() {
        try {
            while (!closed.get()) {
                int ready = libc.pollReadable(socket.file(), stop);
                if (ready == -Errno.EINTR) {
                    continue;
                }
                if (ready < 0) {
                    throw new NetlinkException("wait for netlink events", -ready);
                }
                if ((ready & STOP) != 0) {
                    return;
                }
                next().forEach(this::deliver);
            }
        } finally {
            socket.close();
            synchronized (closed) {
                closed.set(true);
                libc.close(stop);
            }
        }
    }

    private List<NetlinkEvent> next() {
        try {
            return socket.receive("read netlink events").stream()
                    .flatMap(message -> decoder.apply(message).stream())
                    .toList();
        } catch (NetlinkException e) {
            boolean passing = e.errno() == Errno.ENOBUFS || e.errno() == Errno.EBADMSG || e.errno() == Errno.EMSGSIZE;
            if (!passing) {
                throw e;
            }
            if (e.errno() == Errno.ENOBUFS) {
                socket.discardQueued(); // Before the listener takes its dump, or events between here and there are
                // lost.
            }
            return List.of(new NetlinkEvent.Resync(String.valueOf(e.getMessage())));
        } catch (MalformedMessageException e) {
            return List.of(new NetlinkEvent.Resync(String.valueOf(e.getMessage())));
        }
    }

    private void deliver(NetlinkEvent event) {
        if (!closed.get()) {
            listener.accept(event);
        }
    }
}
