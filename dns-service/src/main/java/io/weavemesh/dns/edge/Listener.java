package io.weavemesh.dns.edge;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.weavemesh.contract.IpAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one place answered: binds UDP and TCP as soon as its address is there, and again when it is another one. On the
 * verticle's context, except that the state may be read from any thread.
 */
final class Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final Vertx vertx;
    private final Context context;
    private final ListenAddress wanted;
    private final Supplier<Snapshot> names;
    private final Forwarder forwarder;
    private volatile State state;
    private boolean busy;
    private boolean closed;

    /** How it stands. */
    sealed interface State {}

    /** The address is not there yet, which is nobody's fault. */
    record Waiting(String text) implements State {}

    /** Questions are answered. */
    record Listening(IpAddress ip, UdpServer udp, TcpServer tcp) implements State {
        String text() {
            return ip + ":" + udp.address().getPort();
        }
    }

    /** The address is there but cannot be used. */
    record Blocked(String text) implements State {}

    Listener(Vertx vertx, ListenAddress wanted, Supplier<Snapshot> names, Forwarder forwarder) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.wanted = wanted;
        this.names = names;
        this.forwarder = forwarder;
        this.state = waiting();
    }

    State state() {
        return state;
    }

    /** Looks at the address and does what is needed; does not fail. To be repeated. */
    Future<Void> check() {
        if (busy || closed) {
            return Future.succeededFuture();
        }
        busy = true;
        return lookUp(wanted::current)
                .compose(this::follow)
                .onFailure(e -> LOG.error("Address not checked because of a defect. address={}", wanted, e))
                .otherwiseEmpty()
                .compose(ignored -> closed ? release() : Future.succeededFuture())
                .onComplete(ignored -> busy = false);
    }

    /** Stops answering. */
    Future<Void> close() {
        closed = true;
        return busy ? Future.succeededFuture() : release();
    }

    private Future<Void> follow(Optional<IpAddress> current) {
        if (state instanceof Listening listening) {
            if (current.equals(Optional.of(listening.ip()))) {
                return Future.succeededFuture();
            }
            LOG.info("Names are no longer answered here. address={}", listening.text());
            return release().compose(ignored -> follow(current));
        }
        if (current.isEmpty()) {
            state = waiting();
            return Future.succeededFuture();
        }
        return bind(current.get());
    }

    private Future<Void> bind(IpAddress ip) {
        UdpServer udp;
        try {
            udp = UdpServer.open(new InetSocketAddress(ip.toInetAddress(), wanted.port()), names, forwarder, context);
        } catch (IOException e) {
            return refused("UDP", ip, e);
        }
        return TcpServer.open(vertx, udp.address(), names, forwarder)
                .onSuccess(tcp -> {
                    Listening listening = new Listening(ip, udp, tcp);
                    state = listening;
                    LOG.info("Names are answered. address={}", listening.text());
                })
                .<Void>mapEmpty()
                .recover(e -> {
                    close(udp);
                    return refused("TCP", ip, e);
                });
    }

    private Future<Void> refused(String transport, IpAddress ip, Throwable reason) {
        String text = String.valueOf(reason.getMessage());
        if (text.contains("Cannot assign")) { // EADDRNOTAVAIL: the host does not have the address now.
            state = waiting();
            return Future.succeededFuture();
        }
        String tried = "listen on " + transport + " " + ip + ":" + wanted.port() + " for DNS";
        if (state instanceof Blocked blocked && blocked.text().startsWith(tried)) {
            return Future.succeededFuture(); // Said already; it goes on trying.
        }
        boolean inUse = reason instanceof BindException && text.contains("in use");
        Future<Optional<String>> holder = inUse
                ? lookUp(() -> new PortHolder(Path.of("/proc")).find(ip, wanted.port()))
                : Future.succeededFuture(Optional.empty());
        return holder.otherwise(Optional.empty()).map(found -> {
            String cause = !inUse ? text : "the port is in use by " + found.orElse("a process that cannot be seen");
            Blocked blocked = new Blocked(tried + ": " + cause + " (" + advice(inUse) + ")");
            state = blocked;
            LOG.warn("Names cannot be answered. problem=\"{}\"", blocked.text());
            return null;
        });
    }

    private static String advice(boolean inUse) {
        return inUse
                ? "stop it, or use another address: --dns-listen-address"
                : "needs the capability CAP_NET_BIND_SERVICE and an address of this host";
    }

    /** Looks something up that may block, and comes back to the verticle's context. */
    private <T> Future<Optional<T>> lookUp(Callable<Optional<T>> blocking) {
        return vertx.executeBlocking(blocking).map(Objects::requireNonNull);
    }

    private Waiting waiting() {
        return new Waiting("waiting for " + wanted);
    }

    private Future<Void> release() {
        if (state instanceof Listening listening) {
            state = waiting();
            close(listening.udp());
            return listening.tcp().close().otherwiseEmpty();
        }
        return Future.succeededFuture();
    }

    private static void close(UdpServer udp) {
        try {
            udp.close();
        } catch (IOException e) {
            LOG.debug("Socket not closed cleanly. reason={}", e.toString());
        }
    }
}
