package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.weavemesh.contract.Cidr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a host leaves: what is done with the peer's help, what is done without it, and what is forgotten at last. Not what
 * the kernel holds, see {@link io.weavemesh.router.edge.HostSweep}.
 *
 * @param force whether what the peer or Docker refuses is only said
 * @param progress shows what is going on, and where lines for the user go by
 */
record HostLeave(HostPaths paths, boolean force, Progress progress) {

    private static final Path PLUGINS = Path.of("/run/docker/plugins");

    /** While the peer runs; whether all of it was done. */
    boolean orderly() throws InterruptedException {
        try {
            ControlClient api = ControlClient.fromEnvironment(System.getenv());
            List<Cidr> exposed = ExposedAddresses.exposed(api); // First, since it says whether the peer answers at all.
            ControlClient.require(api.delete("/network")); // It would make again what Docker is about to lose.
            emptyDocker();
            progress.show("taking attached containers and this host out of our networks");
            ControlClient.require(api.delete("/attach"));
            for (Cidr address : exposed) {
                ControlClient.require(api.delete("/expose/" + address));
            }
            long used = api.get("/ip").body().split("containerid", -1).length - 1L;
            if (used > 0) {
                tell(used
                        + " addresses that were claimed by hand, or left by a call of Docker's that ended half-way,"
                        + " are given up");
            }
            progress.show("handing this host's addresses to another one");
            tell(ControlClient.require(api.delete("/peer")).strip());
            return true;
        } catch (UserError e) {
            if (!force) {
                throw e;
            }
            tell("the peer did not leave in order: " + e.getMessage());
            return false;
        }
    }

    private void tell(String line) {
        progress.aside(() -> System.out.println(line));
    }

    /** When the peer is gone: somebody must answer Docker, or each of its calls waits for a quarter of a minute. */
    void withoutPeer() throws IOException, InterruptedException {
        Path socket = DockerSocket.fromEnvironment(System.getenv());
        if (!Preflight.dockerRuns(socket)) {
            tell("Docker does not run: its networks of our drivers stay, remove them with 'docker network rm'");
            return;
        }
        Vertx vertx = Vertx.vertx();
        StandInPlugin plugin = StandInPlugin.open(vertx, PLUGINS);
        try {
            new DockerNetworks(new DockerApi(vertx, socket)).remove(this::tell, progress::show);
        } catch (UserError e) {
            tell(String.valueOf(e.getMessage()));
        } finally {
            plugin.close();
            vertx.close();
        }
    }

    private void emptyDocker() throws InterruptedException {
        Path socket = DockerSocket.fromEnvironment(System.getenv());
        if (!Preflight.dockerRuns(socket)) {
            throw new UserError("Docker does not run, and has endpoints of ours: start it first, or give --force");
        }
        Vertx vertx = Vertx.vertx();
        try {
            new DockerNetworks(new DockerApi(vertx, socket)).remove(this::tell, progress::show);
        } finally {
            vertx.close();
        }
    }

    /** Removes what we keep on the disk, and the sockets. What {@code setup-dns} noted stays as long as that is in effect. */
    void forget() throws IOException {
        for (Path socket : StandInPlugin.sockets(PLUGINS)) {
            Files.deleteIfExists(socket);
        }
        removeOurs(paths.state());
        removeOurs(paths.run());
        if (!paths.state().equals(paths.run()) && Files.isDirectory(paths.run()) && isEmpty(paths.run())) {
            Files.delete(paths.run());
        }
    }

    private static void removeOurs(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var files = Files.list(directory)) {
            List<Path> ours =
                    files.filter(file -> isOurs(file.getFileName().toString())).toList();
            for (Path file : ours) {
                Files.delete(file);
            }
        }
    }

    private static boolean isOurs(String name) {
        return name.endsWith(".db")
                || name.endsWith(".pid")
                || name.startsWith("weave.supervisor")
                || name.equals("weave.ready")
                || name.startsWith("peer-name")
                || name.startsWith("weave.log");
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }
}
