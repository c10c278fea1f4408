package io.weavemesh.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers Docker in place of a driver that is not there: yes to everything that takes something away. With nothing on the
 * sockets each of dockerd's calls waits 15 s and fails, and its networks and endpoints stay. Only for {@code weave reset};
 * it makes nothing.
 */
final class StandInPlugin {

    private static final long OPEN_SECONDS = 5;

    private final List<Path> sockets;

    private StandInPlugin(List<Path> sockets) {
        this.sockets = sockets;
    }

    /** Opens the drivers' sockets, in place of those a dead peer left. */
    static StandInPlugin open(Vertx vertx, Path directory) throws IOException, InterruptedException {
        List<Path> sockets = sockets(directory);
        Files.createDirectories(directory);
        for (Path socket : sockets) {
            Files.deleteIfExists(socket);
            Future<HttpServer> server = vertx.createHttpServer()
                    .requestHandler(StandInPlugin::answer)
                    .listen(SocketAddress.domainSocketAddress(socket.toString()));
            try {
                server.toCompletionStage().toCompletableFuture().get(OPEN_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new UserError("cannot open " + socket + " for Docker: " + e.getMessage());
            }
        }
        return new StandInPlugin(sockets);
    }

    /** Where Docker finds the drivers. */
    static List<Path> sockets(Path directory) {
        return List.of(directory.resolve("weavemesh.sock"), directory.resolve("weave.sock"));
    }

    private static void answer(HttpServerRequest request) {
        request.response()
                .end(
                        switch (String.valueOf(request.path())) {
                            case "/Plugin.Activate" -> "{\"Implements\":[\"NetworkDriver\",\"IpamDriver\"]}";
                            case "/NetworkDriver.GetCapabilities" ->
                                "{\"Scope\":\"local\",\"ConnectivityScope\":\"global\"}";
                            case "/IpamDriver.GetDefaultAddressSpaces" ->
                                "{\"LocalDefaultAddressSpace\":\"weave\",\"GlobalDefaultAddressSpace\":\"weave\"}";
                            case "/NetworkDriver.CreateNetwork",
                                    "/NetworkDriver.CreateEndpoint",
                                    "/NetworkDriver.Join" -> "{\"Err\":\"weave is being reset on this host\"}";
                            case "/IpamDriver.RequestPool", "/IpamDriver.RequestAddress" ->
                                "{\"Error\":\"weave is being reset on this host\"}";
                            default -> "{}";
                        });
    }

    /** Removes the sockets; the servers end with their Vert.x. */
    void close() throws IOException {
        for (Path socket : sockets) {
            Files.deleteIfExists(socket);
        }
    }
}
