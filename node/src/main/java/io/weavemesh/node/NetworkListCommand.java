package io.weavemesh.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave network ls}. */
@Command(
        name = "ls",
        description = "Show the networks made by 'weave network create', on how many hosts they are, and what is wrong"
                + " where.")
final class NetworkListCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(names = "--json", description = "For programs: as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        LogFile.toNowhere();
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        System.out.print(ControlClient.require(json ? api.getJson("/network") : api.get("/network")));
        return 0;
    }
}
