package io.weavemesh.node;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave ps [container …]}: rows of container, MAC address and addresses. */
@Command(name = "ps", description = "Show the containers of this host on weave networks, with their addresses.")
final class PsCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(arity = "0..*", paramLabel = "CONTAINER", description = "Only these, by the start of their id.")
    private List<String> containers = List.of();

    @Option(names = "--json", description = "For programs: all of them as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        if (json) {
            System.out.print(ControlClient.require(api.getJson("/ps")));
            return 0;
        }
        String rows = ControlClient.require(api.get("/ps"));
        rows.lines().filter(this::wanted).forEach(System.out::println);
        return 0;
    }

    private boolean wanted(String row) {
        return containers.isEmpty()
                || containers.stream().anyMatch(id -> row.startsWith(id) || id.startsWith(row.split(" ", 2)[0]));
    }
}
