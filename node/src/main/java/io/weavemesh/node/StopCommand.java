package io.weavemesh.node;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave stop}. */
@Command(name = "stop", description = "Stop the peer on this host. Containers keep running and keep their addresses.")
final class StopCommand implements Callable<Integer> {

    /** The peer removes its Docker network and closes its store; both are bounded by less. */
    private static final int GRACE_SECONDS = 15;

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        int status = stop(paths);
        SetupDnsCommand.remind(paths);
        return status;
    }

    static int stop(HostPaths paths) throws InterruptedException, ExecutionException {
        Optional<ProcessHandle> peer = PidFile.running(paths.pidFile());
        if (peer.isEmpty()) {
            throw new UserError("weave is not running on this host");
        }
        ProcessHandle process = peer.get();
        if (!process.destroy()) {
            throw new UserError("cannot stop process " + process.pid() + ": not permitted; run as root");
        }
        try {
            process.onExit().get(GRACE_SECONDS, TimeUnit.SECONDS);
            return 0;
        } catch (TimeoutException e) {
            process.destroyForcibly();
            process.onExit().join();
            throw new UserError("process " + process.pid() + " did not end within " + GRACE_SECONDS
                    + " s and was killed (see: weave logs)");
        }
    }
}
