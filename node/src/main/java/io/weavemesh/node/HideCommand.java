package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave hide [address …]}: the inverse of {@code weave expose}. */
@Command(name = "hide", description = "Take an address of this host in a network away again, and its names.")
final class HideCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(
            arity = "0..*",
            paramLabel = "ADDRESS",
            description = "net:default, net:SUBNET, or an address with its prefix length; by default net:default.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        List<ExposedAddresses> meant = ExposedAddresses.parseAll(arguments);
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        List<Cidr> exposed = ExposedAddresses.exposed(api);
        List<Cidr> addresses = meant.stream()
                .flatMap(some -> some.among(exposed, api))
                .distinct()
                .toList();
        addresses.forEach(address -> ControlClient.require(api.delete("/expose/" + address)));
        if (!addresses.isEmpty()) {
            System.out.println(
                    String.join(" ", addresses.stream().map(Cidr::toString).toList()));
        }
        return 0;
    }
}
