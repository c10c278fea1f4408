package io.weavemesh.node.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** The host this process runs on. */
public final class ThisHost implements Host {

    /** A container starts within a second; what takes this long hangs. */
    private static final long COMMAND_SECONDS = 20;

    private static final long SOCKET_SECONDS = 3;
    private static final int NO_SUCH_COMMAND = 127;
    private static final int TOO_LONG = 124;

    private static final String HANDSHAKE =
            "POST /Plugin.Activate HTTP/1.1\r\nHost: plugin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private final Function<String, Optional<String>> pages;

    /** @param pages reads a page of the control API; nothing if nobody answers */
    public ThisHost(Function<String, Optional<String>> pages) {
        this.pages = pages;
    }

    @Override
    public Optional<String> read(String path) {
        try {
            return Optional.of(Files.readString(Path.of(path)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> list(String directory) {
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path));
    }

    @Override
    public Optional<Long> freeBytes(String path) {
        Path place = Path.of(path).toAbsolutePath();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent(); // It will be made on the same disk.
        }
        try {
            return Optional.of(Files.getFileStore(place).getUsableSpace());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Integer> mtuOf(String address) {
        try {
            NetworkInterface found = NetworkInterface.getByInetAddress(InetAddress.getByName(address));
            return found == null ? Optional.empty() : Optional.of(found.getMTU());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Output run(String... command) {
        try {
            Path out = Files.createTempFile("weave-doctor", ".out");
            Path err = Files.createTempFile("weave-doctor", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                boolean ended = process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS);
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
                return new Output(ended ? process.exitValue() : TOO_LONG, Files.readString(out), Files.readString(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            return new Output(NO_SUCH_COMMAND, "", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Output(TOO_LONG, "", "interrupted");
        }
    }

    @Override
    public Optional<String> page(String path) {
        return pages.apply(path);
    }

    @Override
    public Optional<String> activate(String socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            CompletableFuture<Void> deadline = CompletableFuture.runAsync(
                    () -> close(channel), CompletableFuture.delayedExecutor(SOCKET_SECONDS, TimeUnit.SECONDS));
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(HANDSHAKE.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(4_096);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                if (text(answer).contains("}")) {
                    break;
                }
            }
            deadline.cancel(false);
            return Optional.of(text(answer));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate().flip()).toString();
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close a socket", e);
        }
    }
}
