package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Option(
            names = "--rewrite-hosts",
            description = "The container's own names in its /etc/hosts stand for these addresses from now on.")
    private boolean rewriteHosts;

    @Option(
            names = "--add-host",
            paramLabel = "NAME:ADDRESS",
            description = "One more name in the container's /etc/hosts. May be repeated.")
    private List<String> addHosts = List.of();

    @Override
    public Integer call() throws InterruptedException {
        LogFile.toNowhere();
        List<Map.Entry<IpAddress, List<String>>> more =
                addHosts.stream().map(AttachCommand::host).toList();
        // Asked for before anything is done, so that what cannot be is refused as a whole.
        Optional<ContainerHosts> hosts = rewriteHosts || !more.isEmpty()
                ? Optional.of(ContainerHosts.of(arguments.getLast()))
                : Optional.empty();
        String path = AttachedTo.path(arguments)
                + (withoutDns ? "&names=false" : "")
                + (noMulticastRoute ? "&multicast=false" : "");
        String addresses = ControlClient.require(
                ControlClient.fromEnvironment(System.getenv()).post(path, List.of()));
        System.out.println(addresses);
        hosts.ifPresent(file -> file.put(entries(file.names(), addresses, more)));
        return 0;
    }

    private List<Map.Entry<IpAddress, List<String>>> entries(
            List<String> own, String addresses, List<Map.Entry<IpAddress, List<String>>> more) {
        List<Map.Entry<IpAddress, List<String>>> entries = new ArrayList<>();
        if (rewriteHosts) {
            for (String address : addresses.strip().split("\\s+", -1)) {
                entries.add(Map.entry(Cidr.parse(address).address(), own));
            }
        }
        entries.addAll(more);
        return entries;
    }

    private static Map.Entry<IpAddress, List<String>> host(String text) {
        int colon = text.indexOf(':');
        try {
            return Map.entry(
                    IpAddress.parse(text.substring(colon + 1)),
                    List.of(HostsFile.name(text.substring(0, Math.max(0, colon)))));
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    "--add-host '" + text + "': expected NAME:ADDRESS, as printer:192.0.2.7 (" + e.getMessage() + ")");
        }
    }
}
