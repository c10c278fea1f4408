package io.weavemesh.node;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave dns-remove [ip …] container [-h fqdn]} and {@code weave dns-remove ip … [-h fqdn]}. */
@Command(
        name = "dns-remove",
        description = {
            "Take names from a container, or from any address.",
            "A name the container has by itself is gone until the container is started or connected again."
        })
final class DnsRemoveCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "IP|CONTAINER",
            description = "Addresses, by default those the container has; then a container, or none.")
    private List<String> arguments = List.of();

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "FQDN",
            description = "Only this name, by default all of them; without a dot it gets the domain.")
    private Optional<String> name = Optional.empty();

    @Override
    public Integer call() {
        LogFile.toNowhere(); // Else the JSON library says which parts of it are there.
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        NamedAddresses named = NamedAddresses.of(api, arguments, name, false);
        String query =
                named.name().map(fqdn -> "?fqdn=" + ControlClient.encode(fqdn)).orElse("");
        named.addresses()
                .forEach(address -> ControlClient.require(
                        api.delete("/name/" + ControlClient.encode(named.container()) + "/" + address + query)));
        return 0;
    }
}
