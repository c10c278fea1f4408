package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave network create NAME}. */
@Command(
        name = "create",
        description = {
            "Make a Docker network on every host. The same again is no error.",
            "Waits until the hosts that are there have it, 10 s at most, and says where something is wrong."
        })
final class NetworkCreateCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(index = "0", paramLabel = "NAME", description = "What Docker is to call it.")
    private String name = "";

    @Option(
            names = "--subnet",
            paramLabel = "SUBNET",
            description = "One for IPv4, and one for IPv6 if wanted; by default one that nobody else has.")
    private List<Cidr> subnets = List.of();

    @Option(
            names = {"-o", "--opt"},
            paramLabel = "KEY=VALUE",
            description = "An option of the driver: works.weave.multicast, works.weave.mtu. May be repeated.")
    private List<String> options = List.of();

    @Option(names = "--ipv6", description = "Have an IPv6 subnet chosen, too.")
    private boolean ipv6;

    @Option(names = "--quiet", description = "Do not show, at a terminal, how far it is.")
    private boolean quiet;

    @Override
    public Integer call() {
        LogFile.toNowhere();
        List<Map.Entry<String, String>> form = new ArrayList<>();
        subnets.forEach(subnet -> form.add(Map.entry("subnet", subnet.toString())));
        options.forEach(option -> form.add(Map.entry("opt", option)));
        form.add(Map.entry("ipv6", Boolean.toString(ipv6)));
        DefinedNetwork network;
        try (Progress progress = Progress.atTerminal(quiet)) {
            progress.show("defining network " + name + " for all hosts");
            network = DefinedNetwork.asked(api -> api.post("/network/" + ControlClient.encode(name), form))
                    .settled(progress);
        }
        network.complain();
        network.here().ifPresent(trouble -> {
            throw new UserError(
                    "network '" + name + "' is defined for all hosts, but is not on this one yet: " + trouble);
        });
        System.out.println(network.summary());
        return 0;
    }
}
