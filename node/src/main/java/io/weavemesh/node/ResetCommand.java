package io.weavemesh.node;

import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.router.edge.HostSweep;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave reset}. */
@Command(
        name = "reset",
        description = {
            "Leave the cluster for good: take the containers of this host out of our networks, hand its addresses to the"
                    + " others, stop, and remove everything of ours from this host.",
            "The containers go on running, without our networks."
        })
final class ResetCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = "--force",
            description = "Do so even if the peer does not answer, or nobody takes its addresses over.")
    private boolean force;

    @Option(names = "--quiet", description = "Do not show, at a terminal, how far it is.")
    private boolean quiet;

    @Override
    public Integer call() throws Exception {
        LogFile.toNowhere();
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        Preflight.requirePrivileges("weave reset");
        try (Progress progress = Progress.atTerminal(quiet)) {
            reset(paths, progress);
        }
        SetupDnsCommand.remind(paths);
        return 0;
    }

    private void reset(HostPaths paths, Progress progress) throws Exception {
        HostLeave leave = new HostLeave(paths, force, progress);
        boolean left = false;
        boolean process = PidFile.running(paths.pidFile()).isPresent();
        List<String> containers = process ? List.of() : ServiceContainers.running();
        if (process) {
            left = leave.orderly();
            progress.show("stopping the peer");
            stop(paths);
        } else if (!containers.isEmpty()) {
            left = leave.orderly();
            ServiceContainers.remove(containers);
            containers.forEach(name -> System.out.println("container " + name + " is removed"));
        } else if (force && Supervisor.running(paths).isPresent()) {
            stop(paths); // It would start the peer again meanwhile.
        } else if (!force) {
            throw new UserError("weave is not running on this host, so its addresses cannot be handed over: launch it"
                    + " first, or give --force and use 'weave rmpeer' on another host");
        }
        if (!left) {
            leave.withoutPeer();
        }
        progress.show("removing interfaces, firewall and files");
        try {
            HostSweep.run();
        } catch (NetlinkException e) {
            throw new UserError("not everything of ours could be removed: " + e.getMessage() + "; try again");
        }
        SystemdUnit.ofThisHost().remove();
        leave.forget();
    }

    /** One that does not end in time is killed, and that is all that was wanted. */
    private void stop(HostPaths paths) throws Exception {
        try {
            StopCommand.stop(paths);
        } catch (UserError e) {
            if (!force || PidFile.running(paths.pidFile()).isPresent()) {
                throw e;
            }
        }
    }
}
