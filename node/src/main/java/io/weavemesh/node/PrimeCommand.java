package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave prime}. */
@Command(name = "prime", description = "Wait until addresses can be given: until the peers have met and divided them.")
final class PrimeCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        try (Progress progress = Progress.atTerminal(false)) {
            progress.show("waiting for enough peers to divide the addresses (see: weave status connections)");
            ControlClient.require(
                    ControlClient.fromEnvironment(System.getenv()).patient().get("/ring"));
        }
        return 0;
    }
}
