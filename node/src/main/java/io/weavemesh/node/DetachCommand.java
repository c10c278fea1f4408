package io.weavemesh.node;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave detach [address …] container}: the inverse of {@code weave attach}. */
@Command(name = "detach", description = "Take a container's addresses of 'weave attach' away again.")
final class DetachCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "ADDRESS|CONTAINER",
            description = "net:default, net:SUBNET, or an address with its prefix length, by default net:default;"
                    + " then the container.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        String addresses = ControlClient.require(
                ControlClient.fromEnvironment(System.getenv()).delete(AttachedTo.path(arguments)));
        if (!addresses.isEmpty()) {
            System.out.println(addresses);
        }
        return 0;
    }
}
