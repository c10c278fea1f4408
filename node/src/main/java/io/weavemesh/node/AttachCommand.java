package io.weavemesh.node;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave attach [address …] container}. */
@Command(
        name = "attach",
        description = {
            "Give a container that was started on another network addresses in ours.",
            "Lasts as long as it runs, or until 'weave detach'."
        })
final class AttachCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "ADDRESS|CONTAINER",
            description = "net:default, net:SUBNET, or an address with its prefix length, by default net:default;"
                    + " then the container.")
    private List<String> arguments = List.of();

    @Option(names = "--without-dns", description = "Do not register the container's names for these addresses.")
    private boolean withoutDns;

    @Option(names = "--no-multicast-route", description = "Multicast does not leave by these addresses.")
    private boolean noMulticastRoute;

    @Override
    public Integer call() {
        String path = AttachedTo.path(arguments)
                + (withoutDns ? "&names=false" : "")
                + (noMulticastRoute ? "&multicast=false" : "");
        System.out.println(ControlClient.require(
                ControlClient.fromEnvironment(System.getenv()).post(path, List.of())));
        return 0;
    }
}
