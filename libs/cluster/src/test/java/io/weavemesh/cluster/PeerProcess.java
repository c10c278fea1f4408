package io.weavemesh.cluster;

import io.vertx.core.Future;
import io.weavemesh.contract.DnsReply;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.Service;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A peer in a process of its own, to be killed or stopped by a test. It ends by itself when the test's process does. */
final class PeerProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader out;

    PeerProcess(LoopbackHost host, String target) throws IOException {
        process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PeerProcess.class.getName(),
                        host.name().toString(),
                        host.ip(),
                        host.range(),
                        Integer.toString(host.memberPort()),
                        Integer.toString(host.busPort()),
                        target)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Waits until it says that it is ready; gives the milliseconds its start took by its own clock. */
    long awaitReady() throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("READY ")) {
                return Long.parseLong(line.substring("READY ".length()));
            }
        }
        throw new IOException("the process of a peer ended before it was ready");
    }

    void kill() {
        process.toHandle().destroyForcibly();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        kill();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    public static void main(String[] arguments) throws Exception {
        LoopbackHost host = new LoopbackHost(
                io.weavemesh.contract.PeerName.parse(arguments[0]),
                arguments[1],
                arguments[2],
                Integer.parseInt(arguments[3]),
                Integer.parseInt(arguments[4]));
        long start = System.nanoTime();
        ClusterNode node = ClusterNode.start(host.options(List.of(arguments[5])))
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        node.bus()
                .serve(
                        Service.DNS,
                        (from, request) -> Future.succeededFuture(
                                new DnsReply.DnsStatus(Fqdn.parse("child"), List.of(), List.of(), 1, 0)),
                        (from, message) -> {})
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        System.out.println("READY " + (System.nanoTime() - start) / 1_000_000);
        while (System.in.read() >= 0) {
            // Our parent's end of the pipe closes when it dies, however it dies.
        }
        Runtime.getRuntime().halt(0);
    }
}
