package io.weavemesh.plugin.edge;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP on unix sockets that only root may use. */
final class UnixServers {

    private static final Logger LOG = LoggerFactory.getLogger(UnixServers.class);

    private final Vertx vertx;
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();

    UnixServers(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Opens a socket. A file left over from a crash is replaced; a living owner is named.
     *
     * @param what the socket is, for messages: {@code plugin socket}
     */
    Future<Void> listen(String what, Path socket, Handler<HttpServerRequest> handler) {
        try {
            Files.createDirectories(socket.toAbsolutePath().getParent());
            removeStale(socket);
        } catch (IOException e) {
            return Future.failedFuture(
                    new IllegalStateException("cannot open " + what + " " + socket + ": " + e.getMessage()));
        }
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(0));
        server.requestHandler(handler);
        return server.listen(SocketAddress.domainSocketAddress(socket.toString()))
                .map(listening -> {
                    servers.add(server);
                    sockets.add(socket);
                    try {
                        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
                    } catch (IOException e) {
                        throw new IllegalStateException(
                                "cannot protect " + what + " " + socket + ": " + e.getMessage(), e);
                    }
                    return null;
                });
    }

    Future<Void> close() {
        for (Path socket : sockets) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                LOG.warn("A socket could not be removed. socket={}", socket, e);
            }
        }
        return Future.all(servers.stream().map(HttpServer::close).toList()).mapEmpty();
    }

    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
            throw new IOException("another process serves it already (is weave running in a container, or Weave Net?)");
        } catch (ConnectException e) {
            LOG.info("Replaced a socket left over from a crash. socket={}", socket);
            Files.delete(socket);
        }
    }
}
