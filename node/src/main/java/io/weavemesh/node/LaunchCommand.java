package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Parameters(index = "0..*", arity = "0..*", paramLabel = "PEER", description = "Other hosts: host[:port].")
    private List<String> peers = List.of();

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        PeerOptions.checkPeers(PeerOptions.peers(peers));
        options.checkInit();
        Preflight.requirePrivileges("weave launch");
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        if (PidFile.running(paths.pidFile()).isPresent()) {
            throw new UserError(PidFile.alreadyRunning(paths.pidFile()));
        }
        Preflight.requireDocker(options.dockerSocket(), System.getenv().getOrDefault("PATH", ""));
        return PeerProcess.run(options, PeerOptions.peers(peers), EnumSet.allOf(Service.class), PeerProcess.LogTo.FILE);
    }

    PeerOptions options() {
        return options;
    }
}
