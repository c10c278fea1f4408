package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave peer}: the four services in this process, in the foreground. What {@code launch} starts. */
@Command(name = "peer", description = "Run the peer in the foreground.", hidden = true)
final class PeerCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Mixin
    private PeerOptions options = new PeerOptions();

    @Parameters(index = "0..*", arity = "0..*", paramLabel = "PEER", description = "Other hosts: host[:port].")
    private List<String> peers = List.of();

    @Override
    public Integer call() throws InterruptedException {
        return PeerProcess.run(options, PeerOptions.peers(peers), EnumSet.allOf(Service.class), PeerProcess.LogTo.FILE);
    }
}
