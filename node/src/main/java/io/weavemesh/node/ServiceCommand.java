package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave service NAME}: one of the four services in this process, for a container of its own. */
@Command(
        name = "service",
        description = "Run one service in the foreground, for a container of its own.",
        hidden = true)
final class ServiceCommand implements Callable<Integer> {

    /** The names of the services on the command line. */
    enum Name {
        router,
        ipam,
        dns,
        plugin
    }

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(index = "0", paramLabel = "SERVICE", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Name name = Name.router;

    @Mixin
    private PeerOptions options = new PeerOptions();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "PEER", description = "Other hosts: host[:port].")
    private List<String> peers = List.of();

    @Override
    public Integer call() throws InterruptedException {
        return PeerProcess.run(
                options, PeerOptions.peers(peers), EnumSet.of(service()), PeerProcess.LogTo.STANDARD_OUTPUT);
    }

    private Service service() {
        return switch (name) {
            case router -> Service.ROUTER;
            case ipam -> Service.IPAM;
            case dns -> Service.DNS;
            case plugin -> Service.PLUGIN;
        };
    }
}
