package io.weavemesh.node;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave dns-add [ip …] container [-h fqdn]} and {@code weave dns-add ip … -h fqdn}. */
@Command(
        name = "dns-add",
        description = {
            "Give a container, or any address, a name.",
            "A name for an address a container has goes with the container; any other stays until it is removed."
        })
final class DnsAddCommand implements Callable<Integer> {

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
            description = "The name, by default the container's own; without a dot it gets the domain.")
    private Optional<String> name = Optional.empty();

    @Override
    public Integer call() {
        LogFile.toNowhere(); // Else the JSON library says which parts of it are there.
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        NamedAddresses named = NamedAddresses.of(api, arguments, name, true);
        String fqdn =
                named.name().orElseThrow(() -> new UserError("the name is missing (say: weave dns-add … -h NAME)"));
        named.addresses()
                .forEach(address -> ControlClient.require(api.put("/name/" + ControlClient.encode(named.container())
                        + "/" + address + "?fqdn=" + ControlClient.encode(fqdn))));
        return 0;
    }
}
