package io.weavemesh.node;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave forget peer …}. */
@Command(name = "forget", description = "No longer search for these peers.")
final class ForgetCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Parameters(arity = "1..*", paramLabel = "PEER", description = "host[:port], as given before")
    private List<String> peers = List.of();

    @Override
    public Integer call() {
        ControlClient.require(ControlClient.fromEnvironment(System.getenv())
                .post(
                        "/forget",
                        peers.stream().map(peer -> Map.entry("peer", peer)).toList()));
        return 0;
    }
}
