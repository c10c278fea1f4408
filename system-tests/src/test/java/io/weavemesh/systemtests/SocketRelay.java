package io.weavemesh.systemtests;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A unix socket that leads to another one, until it is cut. */
final class SocketRelay {

    /** For a test that has not begun. */
    static final SocketRelay NONE = new SocketRelay(Path.of(""), Path.of(""));

    private final Path from;
    private final Path to;
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private Optional<ServerSocketChannel> door = Optional.empty();

    private SocketRelay(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    static SocketRelay between(Path from, Path to) throws IOException {
        SocketRelay relay = new SocketRelay(from, to);
        relay.open();
        return relay;
    }

    void open() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(from));
        door = Optional.of(server);
        Thread.ofVirtual().start(() -> accept(server));
    }

    /** Ends every connection and lets nobody in. */
    void cut() throws IOException {
        if (door.isPresent()) {
            door.get().close();
            Files.deleteIfExists(from);
        }
        for (SocketChannel connection : connections) {
            connection.close();
        }
        connections.clear();
    }

    private void accept(ServerSocketChannel server) {
        try {
            while (true) {
                lead(server.accept());
            }
        } catch (IOException e) {
            // The door was closed.
        }
    }

    private void lead(SocketChannel near) throws IOException {
        try {
            SocketChannel far = SocketChannel.open(UnixDomainSocketAddress.of(to));
            connections.addAll(List.of(near, far));
            Thread.ofVirtual().start(() -> copy(near, far));
            Thread.ofVirtual().start(() -> copy(far, near));
        } catch (IOException e) {
            near.close(); // There is nobody at the other end.
        }
    }

    private static void copy(SocketChannel source, SocketChannel target) {
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        try (source;
                target) {
            while (source.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // One side is gone, so is the other.
        }
    }
}
