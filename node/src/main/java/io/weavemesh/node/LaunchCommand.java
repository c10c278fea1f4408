package io.weavemesh.node;

import io.weavemesh.cluster.Store;
import io.weavemesh.contract.Service;
import io.weavemesh.router.edge.RouterVerticle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code weave launch [options] [peer …]}: the four services in this process until it is told to end. The script
 * {@code weave} starts it in the background and returns when it is ready, see {@link Launcher}.
 */
@Command(
        name = "launch",
        description = "Start the peer on this host, connect it to the others, and return when it is ready.")
final class LaunchCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Mixin
    private PeerOptions options = new PeerOptions();

    @Option(
            names = "--resume",
            description =
                    "Connect to the peers of the last time: those given then, connected to and not forgotten since.")
    private boolean resume;

    @Option(
            names = "--no-restart",
            description = "Do not start the peer again should it crash. Seen by the script 'weave' only.")
    boolean noRestart;

    @Option(
            names = "--quiet",
            description = "Do not show, at a terminal, how far it is. Seen by the script 'weave' only.")
    boolean quiet;

    @Option(
            names = "--foreground",
            description = "Stay in the foreground and log to standard output, for whatever supervises processes on this"
                    + " host; it is told by sd_notify(3) when Docker may start.")
    private boolean foreground;

    @Parameters(index = "0..*", arity = "0..*", paramLabel = "PEER", description = "Other hosts: host[:port].")
    private List<String> peers = List.of();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try {
            check();
        } catch (UserError e) {
            throw foreground ? new UserError(String.valueOf(e.getMessage()), SystemdUnit.BAD_CONFIGURATION) : e;
        }
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        return PeerProcess.run(
                options,
                targets(paths),
                EnumSet.allOf(Service.class),
                foreground ? PeerProcess.LogTo.STANDARD_OUTPUT : PeerProcess.LogTo.FILE);
    }

    /** What will not be better at the next attempt. */
    void check() throws InterruptedException, ExecutionException {
        checkArguments();
        Preflight.requirePrivileges("weave launch");
        if (!foreground && SystemdUnit.systemdRuns() && SystemdUnit.ofThisHost().isInstalled()) {
            throw new UserError("weave is a service of systemd on this host: start it with 'systemctl start weave', or"
                    + " give it other options and peers by 'weave setup --systemd'");
        }
        takeOver(HostPaths.fromEnvironment(System.getenv()));
        Preflight.requireDocker(options.dockerSocket(), System.getenv().getOrDefault("PATH", ""));
    }

    /** What can be said of the command line without a look at this host. */
    void checkArguments() {
        options.check();
        if (resume && !peers.isEmpty()) {
            throw new UserError(
                    "--resume and a list of peers cannot be given together: the list is that of the last time");
        }
        PeerOptions.checkPeers(PeerOptions.peers(peers));
        options.checkInit();
    }

    /** A peer that runs is left alone. One that crashed and is being started again makes way for this launch. */
    private static void takeOver(HostPaths paths) throws InterruptedException, ExecutionException {
        Optional<Supervisor> supervisor = Supervisor.running(paths).filter(s -> !s.startedUs());
        if (supervisor.filter(s -> s.restarts() > 0).isPresent() && !Files.exists(paths.readyFile())) {
            StopCommand.stop(paths);
        } else if (supervisor.isPresent() || PidFile.running(paths.pidFile()).isPresent()) {
            throw new UserError(PidFile.alreadyRunning(paths.pidFile()));
        }
    }

    /**
     * After a crash those of the crashed peer, which knew better than the command line it was launched with; so does the last
     * run of a service of systemd that names no peers.
     */
    private List<String> targets(HostPaths paths) {
        if (resume) {
            return remembered(paths);
        }
        boolean restart = Supervision.isRestart(System.getenv())
                || System.getenv(SystemdUnit.VARIABLE) != null && peers.isEmpty();
        return restart && Files.exists(routerStore(paths)) ? remembered(paths) : PeerOptions.peers(peers);
    }

    private static Path routerStore(HostPaths paths) {
        return paths.store(Service.ROUTER.label());
    }

    private static List<String> remembered(HostPaths paths) {
        Path file = routerStore(paths);
        if (!Files.exists(file)) {
            throw new UserError("--resume: there was no last time on this host (no " + file
                    + "): launch it with the peers to connect to");
        }
        try (Store store = Store.open(file)) {
            return RouterVerticle.savedTargets(store);
        } catch (IllegalStateException e) {
            throw new UserError("--resume: " + e.getMessage());
        }
    }

    PeerOptions options() {
        return options;
    }
}
