package io.weavemesh.node;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weave rmpeer peer …}. */
@Command(
        name = "rmpeer",
        description = "Take over the addresses of peers that are gone for good. Safe to repeat, and on several hosts.")
final class RemovePeerCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(arity = "1..*", paramLabel = "PEER", description = "name or nickname, see: weave status ipam")
    private List<String> peers = List.of();

    @Override
    public Integer call() {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        // Several may be gone together: the ones named first are taken when the last one is known to be gone, too.
        List<ControlClient.Answer> answers = peers.stream()
                .map(peer -> api.delete("/peer/" + ControlClient.encode(peer)))
                .toList();
        System.out.println(ControlClient.require(answers.getLast()).strip());
        peers.subList(0, peers.size() - 1)
                .forEach(peer ->
                        System.out.println(ControlClient.require(api.delete("/peer/" + ControlClient.encode(peer)))
                                .strip()));
        return 0;
    }
}
