package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave docker-bridge-ip}: without a line end, for use in other commands. */
@Command(name = "docker-bridge-ip", description = "Show the address of Docker's bridge, where names are served.")
final class DockerBridgeIpCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        String given = System.getenv().getOrDefault("DOCKER_BRIDGE_IP", "");
        if (!given.isEmpty()) {
            System.out.print(given);
            System.out.flush();
            return 0;
        }
        String bridge = DockerBridge.interfaceName(System.getenv());
        System.out.print(DockerBridge.address(bridge)
                .orElseThrow(() -> new UserError("there is no interface " + bridge
                        + " with an IPv4 address: start Docker, or name its bridge in DOCKER_BRIDGE")));
        System.out.flush();
        return 0;
    }
}
