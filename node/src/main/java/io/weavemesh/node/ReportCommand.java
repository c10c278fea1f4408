package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave report}. */
@Command(name = "report", description = "Show everything this peer knows, as JSON.")
final class ReportCommand implements Callable<Integer> {

    @Mixin
    private HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        System.out.println(ControlClient.require(
                        ControlClient.fromEnvironment(System.getenv()).get("/report"))
                .stripTrailing());
        return 0;
    }
}
