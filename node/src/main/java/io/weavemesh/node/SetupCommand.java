package io.weavemesh.node;

import io.weavemesh.netlink.BridgeSpec;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.netlink.VxlanOptions;
import io.weavemesh.netlink.VxlanSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave setup}: what a launch would find missing, or would do for the first time. */
@Command(
        name = "setup",
        description = {
            "Prepare this host, so that 'weave launch' is quick and has all it needs.",
            "Loads the kernel's modules, makes our directories, and says what is missing. May be repeated.",
            "With --systemd the peer becomes a service that starts before Docker at every boot, with the peers given and, after"
                    + " '--', the options of 'weave launch'."
        })
final class SetupCommand implements Callable<Integer> {

    /** Devices that are there for a millisecond: making one loads its module. */
    private static final String NAME = "weave-setup";

    private static final String OTHER_END = "weave-setup-end";

    /** Of nobody's tunnel, but it need not even be free: the device stays down. */
    private static final VxlanOptions VXLAN = VxlanOptions.programmed(1, 65_534);

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = "--systemd",
            description = "Write the unit weave.service and enable it; or remove it, see --remove.")
    private boolean systemd;

    @Option(names = "--remove", description = "With --systemd: stop the service and remove it.")
    private boolean remove;

    @Option(
            names = "--print",
            paramLabel = "SCRIPT",
            hidden = true,
            description =
                    "With --systemd: print the unit of a package that has the command weave at SCRIPT; nothing else.")
    private Optional<Path> print = Optional.empty();

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "PEER",
            description = "With --systemd: other hosts, host[:port]. Default: those of the last time.")
    private List<String> launch = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (print.isPresent()) {
            System.out.print(SystemdUnit.packaged(print.get()));
            return 0;
        }
        if (!systemd && (remove || !launch.isEmpty())) {
            throw new UserError("peers, options of a launch and --remove are for 'weave setup --systemd' only");
        }
        if (systemd && remove) {
            Preflight.requirePrivileges("weave setup");
            SystemdUnit.ofThisHost().remove();
            return 0;
        }
        LaunchCommand checked = systemd ? parsed() : new LaunchCommand();
        Preflight.requirePrivileges("weave setup");
        Preflight.requireDocker(
                DockerSocket.fromEnvironment(System.getenv()), System.getenv().getOrDefault("PATH", ""));
        try (Netlink netlink = Netlink.open()) {
            require(netlink, "bridge", () -> netlink.createBridge(BridgeSpec.named(NAME)));
            require(netlink, "veth", () -> netlink.createVeth(VethSpec.named(NAME, OTHER_END)));
            require(netlink, "vxlan", () -> netlink.createVxlan(VxlanSpec.named(NAME, VXLAN)));
        }
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        Files.createDirectories(paths.state());
        Files.createDirectories(paths.run());
        if (systemd) {
            checked.checkArguments();
            install();
        } else {
            System.out.println("This host is ready for: weave launch [peer …]");
        }
        return 0;
    }

    /** What would be refused at the next boot is refused now. */
    private LaunchCommand parsed() {
        LaunchCommand command = new LaunchCommand();
        CommandLine line = new CommandLine(command);
        line.setCommandName("weave launch");
        Converters.register(line);
        try {
            line.parseArgs(launch.toArray(String[]::new));
        } catch (CommandLine.ParameterException e) {
            throw new UserError(e.getMessage() + " (see weave launch --help)");
        }
        return command;
    }

    private void install() throws InterruptedException {
        String script = System.getenv("WEAVE_SCRIPT");
        if (script == null) {
            throw new UserError("WEAVE_SCRIPT is not set: call this by the script 'weave'");
        }
        SystemdUnit unit = SystemdUnit.ofThisHost();
        unit.install(SystemdUnit.text(Path.of(script), Path.of(System.getProperty("java.home")), launch));
        System.out.println("Wrote " + unit.file() + ": weave starts before Docker at every boot.");
        System.out.println(
                SystemdUnit.systemdRuns()
                        ? "Now: systemctl restart weave"
                        : "systemd does not run here now; 'systemctl enable weave' where it does.");
    }

    private static void require(Netlink netlink, String kind, Runnable make) {
        try {
            if (netlink.link(NAME).isPresent()) {
                netlink.deleteLink(NAME); // Of a command that was killed here.
            }
            make.run();
            netlink.deleteLink(NAME);
        } catch (NetlinkException e) {
            throw new UserError("this kernel makes no devices of kind '" + kind + "' (" + e.getMessage()
                    + "): install the package with its modules, and kmod, or boot another kernel");
        }
    }
}
