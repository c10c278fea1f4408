package io.weavemesh.node;

import io.weavemesh.netlink.BridgeSpec;
import io.weavemesh.netlink.Netlink;
import io.weavemesh.netlink.NetlinkException;
import io.weavemesh.netlink.VethSpec;
import io.weavemesh.netlink.VxlanOptions;
import io.weavemesh.netlink.VxlanSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave setup}: what a launch would find missing, or would do for the first time. */
@Command(
        name = "setup",
        description = {
            "Prepare this host, so that 'weave launch' is quick and has all it needs.",
            "Loads the kernel's modules, makes our directories, and says what is missing. May be repeated."
        })
final class SetupCommand implements Callable<Integer> {

    /** Devices that are there for a millisecond: making one loads its module. */
    private static final String NAME = "weave-setup";

    private static final String OTHER_END = "weave-setup-end";

    /** Of nobody's tunnel, but it need not even be free: the device stays down. */
    private static final VxlanOptions VXLAN = VxlanOptions.programmed(1, 65_534);

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException {
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
        System.out.println("This host is ready for: weave launch [peer …]");
        return 0;
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
