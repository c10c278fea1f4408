package io.weavemesh.node;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave network rm NAME}. */
@Command(
        name = "rm",
        description = {
            "Remove a network from every host. Refused while it is used on this one.",
            "Where it is used on others it goes as soon as nobody uses it, see 'weave network ls'."
        })
final class NetworkRemoveCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Networks made by 'weave network create'.")
    private List<String> names = List.of();

    @Option(names = "--quiet", description = "Do not show, at a terminal, how far it is.")
    private boolean quiet;

    @Override
    public Integer call() {
        LogFile.toNowhere();
        for (String name : names) {
            DefinedNetwork network;
            try (Progress progress = Progress.atTerminal(quiet)) {
                progress.show("removing network " + name + " from all hosts");
                network = DefinedNetwork.asked(api -> api.delete("/network/" + ControlClient.encode(name)))
                        .settled(progress);
            }
            network.here().ifPresent(trouble -> System.err.println("weave: this host: " + trouble));
            network.complain();
            System.out.println(name);
        }
        return 0;
    }
}
