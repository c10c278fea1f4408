package io.weavemesh.node;

import io.vertx.core.Future;
import io.weavemesh.cluster.ClusterNode;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamRequest;
import io.weavemesh.contract.Service;
import io.weavemesh.netlink.Netlink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code weave train}: a peer's start and a container's life on loopback, so that a JVM started with
 * {@code -XX:AOTCacheOutput} records what they need (JEP 483, 514, 515). The launcher script runs it once after a build.
 * Docker is played by {@link RehearsedDocker}.
 */
@Command(name = "train", description = "Record what a start needs, for faster ones.", hidden = true)
final class TrainCommand implements Callable<Integer> {

    private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int CONTAINERS = 20;

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = "--with-router",
            description = "Rehearse the router as well; only in a network namespace of its own, which it changes.")
    boolean withRouter;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("weave-train");
        try {
            LogFile.toFile(directory.resolve("weave.log"), PeerOptions.LogLevel.info);
            train(directory);
        } finally {
            try (var files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return 0;
    }

    private void train(Path directory) throws Exception {
        Set<Service> services = EnumSet.allOf(Service.class);
        if (withRouter) {
            try (Netlink netlink = Netlink.open()) {
                netlink.setUp("lo");
            }
        } else {
            services.remove(Service.ROUTER);
        }
        LaunchCommand launch = new LaunchCommand();
        CommandLine line = new CommandLine(launch);
        Converters.register(line);
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        Path docker = directory.resolve("docker.sock");
        line.parseArgs(
                "--host=" + LOOPBACK,
                "--port=" + freePort(),
                "--http-addr=" + LOOPBACK + ":" + freePort(),
                "--status-addr=" + LOOPBACK + ":" + freePort(),
                "--dns-listen-address=" + LOOPBACK + ":" + freePort(),
                "--plugin-dir=" + plugins,
                "--docker-socket=" + docker);
        HostPaths paths = new HostPaths(directory, directory);
        try (RehearsedDocker dockerd = RehearsedDocker.start(docker, plugins.resolve("weavemesh.sock"))) {
            PeerProcess.rehearse(
                    PeerSettings.resolve(launch.options(), List.of(), services, paths),
                    cluster -> exercise(cluster, dockerd));
        }
    }

    private void exercise(ClusterNode cluster, RehearsedDocker docker) throws Exception {
        await(cluster.bus().request(Service.IPAM, new IpamRequest.IpamStatusQuery(), DEADLINE));
        if (withRouter) { // Who else would make the endpoint?
            for (int i = 0; i < CONTAINERS; i++) {
                docker.runContainer();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK.toString()))) {
            return socket.getLocalPort();
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
