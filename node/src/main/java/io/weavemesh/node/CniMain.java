package io.weavemesh.node;

import io.weavemesh.plugin.CniException.Code;
import io.weavemesh.plugin.CniResult;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The CNI plugin's executable {@code weave-net}: carries what the container runtime gives it to plugin-service and prints the
 * answer. It decides nothing but what to say when nobody answers. A process of it lives for each call, so it is made of few
 * classes: no Vert.x, no JSON library, no command line.
 */
public final class CniMain {

    /** Longer than plugin-service takes, taking back included, unless calls wait for each other. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final String VERSION = "\"cniVersion\"\\s*:\\s*\"([^\"\\\\]{1,20})\"";

    /**
     * What the runtime gets.
     *
     * @param ok whether the call succeeded
     * @param text for standard output: a result, or an error; may be empty
     */
    record Answer(boolean ok, String text) {}

    private CniMain() {}

    /** One call, by the environment and standard input; exits with 0, or with 1 after it printed an error. */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> environment = System.getenv();
        String config = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().start(() -> giveUp(environment, config));
        Answer answer =
                ask(environment, config, HostPaths.fromEnvironment(environment).cniSocket());
        System.exit(print(answer));
    }

    static Answer ask(Map<String, String> environment, String config, Path socket) {
        if ("VERSION"
                .equals(environment.get("CNI_COMMAND"))) { // Asked when configurations are read, also before we run.
            return new Answer(
                    true,
                    "{\"cniVersion\":" + quoted(version(config)) + ",\"supportedVersions\":"
                            + CniResult.VERSIONS.stream()
                                    .map(CniMain::quoted)
                                    .collect(Collectors.joining(",", "[", "]"))
                            + "}");
        }
        try {
            return exchange(request(environment, config), socket);
        } catch (IOException e) {
            return unanswered(
                    environment,
                    config,
                    "plugin-service does not answer on " + socket + ": is weave running, and this process root's? (try:"
                            + " weave status)",
                    String.valueOf(e.getMessage()));
        }
    }

    private static Answer exchange(String body, Path socket) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = "POST /cni HTTP/1.1\r\nHost: weave\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes.length + "\r\nConnection: close\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            write(channel, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            write(channel, ByteBuffer.wrap(bytes));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            if (end < 0 || !answer.startsWith("HTTP/1.1 ")) {
                throw new IOException("the answer ended after " + answer.length() + " characters");
            }
            return new Answer(answer.startsWith("HTTP/1.1 200 "), answer.substring(end + 4));
        }
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String request(Map<String, String> environment, String config) {
        String variables = new TreeMap<>(environment)
                .entrySet().stream()
                        .filter(variable -> variable.getKey().startsWith("CNI_"))
                        .map(variable -> quoted(variable.getKey()) + ":" + quoted(variable.getValue()))
                        .collect(Collectors.joining(","));
        return "{\"env\":{" + variables + "},\"stdin\":" + quoted(config) + "}";
    }

    /** The runtime tries again what may succeed later; for STATUS there is a code of its own. */
    private static Answer unanswered(Map<String, String> environment, String config, String text, String details) {
        Code code = "STATUS".equals(environment.get("CNI_COMMAND")) ? Code.NOT_AVAILABLE : Code.TRY_AGAIN_LATER;
        return new Answer(
                false,
                "{\"cniVersion\":" + quoted(version(config)) + ",\"code\":" + code.number() + ",\"msg\":" + quoted(text)
                        + ",\"details\":" + quoted(details) + "}");
    }

    private static void giveUp(Map<String, String> environment, String config) {
        try {
            Thread.sleep(DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        print(unanswered(
                environment,
                config,
                "plugin-service has not answered within " + DEADLINE.toSeconds() + " s (try: weave status)",
                ""));
        Runtime.getRuntime().halt(1);
    }

    private static int print(Answer answer) {
        System.out.print(answer.text());
        System.out.flush();
        return answer.ok() ? 0 : 1;
    }

    /** That of the configuration, found without reading all of it. */
    private static String version(String config) {
        Matcher matcher = Pattern.compile(VERSION).matcher(config);
        return matcher.find() ? matcher.group(1) : CniResult.VERSIONS.getLast();
    }

    /** A text as JSON (RFC 8259 s7). */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(character -> {
            if (character == '"' || character == '\\') {
                json.append('\\').append((char) character);
            } else if (character < ' ') {
                json.append("\\u%04x".formatted(character));
            } else {
                json.append((char) character);
            }
        });
        return json.append('"').toString();
    }
}
