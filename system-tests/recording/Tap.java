import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sits between dockerd and our plugin sockets and writes down what they say: each request as it came, and the status and body
 * of its answer. Lines from the standard input become comments between them. Ends with the input.
 *
 * <p>Usage: {@code java Tap.java DIRECTORY-FOR-DOCKER DIRECTORY-OF-OURS FILE}
 */
final class Tap {

    private static final String END_OF_HEAD = "\r\n\r\n";

    private final PrintStream file;

    private Tap(PrintStream file) {
        this.file = file;
    }

    public static void main(String[] arguments) throws IOException {
        Path outside = Path.of(arguments[0]);
        Path ours = Path.of(arguments[1]);
        try (PrintStream file = new PrintStream(arguments[2], StandardCharsets.UTF_8);
                BufferedReader comments = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Tap tap = new Tap(file);
            for (String name : new String[] {"weave.sock", "weavemesh.sock"}) {
                ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Files.deleteIfExists(outside.resolve(name));
                door.bind(UnixDomainSocketAddress.of(outside.resolve(name)));
                Thread.ofPlatform().daemon().start(() -> tap.accept(door, ours.resolve(name)));
            }
            for (String line = comments.readLine(); line != null; line = comments.readLine()) {
                tap.write("# " + line + "\n\n");
            }
        }
    }

    private synchronized void write(String text) {
        file.print(text);
        file.flush();
    }

    private void accept(ServerSocketChannel door, Path ours) {
        try {
            while (true) {
                SocketChannel docker = door.accept();
                Thread.ofPlatform().daemon().start(() -> lead(docker, ours));
            }
        } catch (IOException e) {
            System.err.println("tap: " + e);
        }
    }

    private void lead(SocketChannel docker, Path ours) {
        try (docker;
                SocketChannel driver = SocketChannel.open(UnixDomainSocketAddress.of(ours))) {
            InputStream requests = Channels.newInputStream(docker);
            InputStream answers = Channels.newInputStream(driver);
            for (String request = message(requests); !request.isEmpty(); request = message(requests)) {
                driver.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
                String answer = message(answers);
                int body = answer.indexOf(END_OF_HEAD) + END_OF_HEAD.length();
                write(request.replace("\r\n", "\n").stripTrailing() + "\n=> " + answer.substring(9, 12) + " "
                        + answer.substring(body).strip() + "\n\n");
                docker.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            System.err.println("tap: " + e);
        }
    }

    /** A head and as much as its Content-Length says; empty at the end of the stream. */
    private static String message(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.UTF_8).endsWith(END_OF_HEAD)) {
            int octet = in.read();
            if (octet < 0) {
                return "";
            }
            head.write(octet);
        }
        String text = head.toString(StandardCharsets.UTF_8);
        int length = text.lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
        return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
