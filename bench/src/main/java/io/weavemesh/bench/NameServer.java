package io.weavemesh.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A DNS server in a process of its own at 127.0.0.number, which knows containers of the peer with that number: ours, or one
 * of those it is compared with, which have the same names as local data. All answer from one thread.
 */
final class NameServer implements AutoCloseable {

    private final int number;
    private final int containers;
    private final Process process;
    private String target = "";

    private NameServer(int number, int containers, Process process) {
        this.number = number;
        this.containers = containers;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // Should this process be ended.
    }

    /** Ours, with a peer's JVM options. */
    static NameServer ours(int number, int containers, String... targets) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@node/src/main/dist/peer.jvmopts",
                "-cp",
                System.getProperty("java.class.path"),
                NamesPeer.class.getName(),
                Integer.toString(number)));
        command.addAll(List.of(targets));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        NameServer server = new NameServer(number, containers, process);
        server.target = server.readLine();
        server.command("names " + containers);
        return server;
    }

    static NameServer dnsmasq(Path directory, int number, int containers) throws IOException {
        Path hosts = directory.resolve("hosts" + number);
        write(hosts, number, containers, "", "%2$s %1$s", "");
        return started(
                number,
                containers,
                List.of(
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--port=" + NamesPeer.DNS_PORT,
                        "--listen-address=127.0.0." + number,
                        "--bind-interfaces",
                        "--no-resolv",
                        "--no-hosts",
                        "--addn-hosts=" + hosts.toAbsolutePath(),
                        "--local=/weave.local/",
                        "--local-ttl=1",
                        "--pid-file=",
                        "--user=" + System.getProperty("user.name")));
    }

    static NameServer unbound(Path directory, int number, int containers) throws IOException {
        Path configuration = directory.resolve("unbound" + number + ".conf");
        String head = """
                server:
                  interface: 127.0.0.%d@%d
                  num-threads: 1
                  username: ""
                  chroot: ""
                  directory: "%s"
                  pidfile: ""
                  use-syslog: no
                  do-daemonize: no
                  verbosity: 0
                  module-config: "iterator"
                  local-zone: "weave.local." static
                """.formatted(number, NamesPeer.DNS_PORT, directory.toAbsolutePath());
        String tail = "remote-control:\n  control-enable: no\n";
        write(configuration, number, containers, head, "  local-data: \"%s. 1 IN A %s\"", tail);
        return started(number, containers, List.of("unbound", "-d", "-c", configuration.toString()));
    }

    private static void write(Path file, int number, int containers, String head, String line, String tail)
            throws IOException {
        Files.writeString(
                file,
                IntStream.range(0, containers)
                        .mapToObj(i -> line.formatted(NamesPeer.name(number, i), NamesPeer.address(number, i)))
                        .collect(Collectors.joining("\n", head, "\n" + tail)));
    }

    private static NameServer started(int number, int containers, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        NameServer server = new NameServer(number, containers, process);
        try (Question last = server.question(containers - 1)) {
            last.awaitAnswer();
        }
        return server;
    }

    int number() {
        return number;
    }

    /** Where others join our own server's cluster. */
    String target() {
        return target;
    }

    /** The processor time it has used since it was started. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** The question for the address of a container of its own. */
    Question question(int container) throws IOException {
        return question(number, container);
    }

    /** The question for the address of a container of any peer. */
    Question question(int peer, int container) throws IOException {
        return new Question("127.0.0." + number, NamesPeer.DNS_PORT, NamesPeer.name(peer, container));
    }

    /** For {@code dnsperf}: each line asks for one of the names this server knows, in the order of the seed. */
    Path questions(Path directory, int lines) throws IOException {
        Random random = new Random(1);
        Path file = directory.resolve("questions" + number);
        Files.writeString(
                file,
                IntStream.range(0, lines)
                        .mapToObj(i -> NamesPeer.name(number, random.nextInt(containers)) + " A")
                        .collect(Collectors.joining("\n", "", "\n")));
        return file;
    }

    /** Tells our own server to do something; the answer is its heap in use afterwards, in octets. */
    long command(String command) throws IOException {
        process.outputWriter(StandardCharsets.US_ASCII)
                .append(command)
                .append('\n')
                .flush();
        return Long.parseLong(readLine());
    }

    private String readLine() throws IOException {
        BufferedReader reader = process.inputReader(StandardCharsets.US_ASCII);
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the peer's process ended by itself");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
