package io.weavemesh.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave reset}. */
@Command(
        name = "reset",
        description =
                "Leave the cluster for good: hand this peer's addresses to the others, stop, and forget everything.")
final class ResetCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(names = "--force", description = "Do so even if containers here use addresses, or nobody takes them over.")
    private boolean force;

    @Override
    public Integer call() throws Exception {
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        Preflight.requirePrivileges("weave reset");
        if (PidFile.running(paths.pidFile()).isPresent()) {
            leave();
            StopCommand.stop(paths);
        } else if (!force) {
            throw new UserError("weave is not running on this host, so its addresses cannot be handed over: launch it"
                    + " first, or give --force and use 'weave rmpeer' on another host");
        }
        forget(paths);
        SetupDnsCommand.remind(paths);
        return 0;
    }

    private void leave() {
        ControlClient api = ControlClient.fromEnvironment(System.getenv()).patient();
        long used = api.get("/ip").body().split("containerid", -1).length - 1L;
        if (used > 0 && !force) {
            throw new UserError(used + " addresses are in use on this host: remove the containers of our networks"
                    + " first (see: weave ps), or give --force");
        }
        ControlClient.Answer answer = api.delete("/peer");
        if (!answer.ok() && !force) {
            throw new UserError(answer.body().strip());
        }
        System.out.println(answer.body().strip());
    }

    private static void forget(HostPaths paths) throws IOException {
        if (!Files.isDirectory(paths.state())) {
            return;
        }
        try (var files = Files.list(paths.state())) {
            List<Path> ours = files.filter(file -> file.toString().endsWith(".db")
                            || file.getFileName().toString().equals("peer-name"))
                    .toList();
            for (Path file : ours) {
                Files.delete(file);
            }
        }
    }
}
