package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave expose [address …] [-h fqdn] [--without-masquerade]}. */
@Command(
        name = "expose",
        description = {
            "Give this host an address in a network, so that it and the network's containers reach each other.",
            "Lasts until 'weave hide', across restarts."
        })
final class ExposeCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(
            arity = "0..*",
            paramLabel = "ADDRESS",
            description = "net:default, net:SUBNET, or an address with its prefix length; by default net:default.")
    private List<String> arguments = List.of();

    @Option(
            names = {"-h", "--hostname"},
            paramLabel = "FQDN",
            description = "A name for the addresses; without a dot it gets the domain.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--without-masquerade",
            description = "Packets between the network and others keep their source address.")
    private boolean withoutMasquerade;

    @Override
    public Integer call() {
        List<ExposedAddresses> wanted = ExposedAddresses.parseAll(arguments);
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        Optional<String> fqdn = name.map(text -> NamedAddresses.qualified(api, text));
        Set<String> exposed = new LinkedHashSet<>();
        for (ExposedAddresses addresses : wanted) {
            String address = addresses.claim(api);
            expose(api, address);
            fqdn.ifPresent(text -> ControlClient.require(api.put(
                    "/name/weave:expose/" + Cidr.parse(address).address() + "?fqdn=" + ControlClient.encode(text))));
            exposed.add(address);
        }
        System.out.println(String.join(" ", exposed));
        return 0;
    }

    /** What could not be exposed is held no longer, unless it was exposed before. */
    private void expose(ControlClient api, String address) {
        ControlClient.Answer answer =
                api.post("/expose/" + address + (withoutMasquerade ? "?skipNAT=true" : ""), List.of());
        if (!answer.ok() && !ExposedAddresses.exposed(api).contains(Cidr.parse(address))) {
            api.delete("/expose/" + address);
        }
        ControlClient.require(answer);
    }
}
