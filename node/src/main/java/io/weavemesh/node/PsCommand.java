package io.weavemesh.node;

import io.vertx.core.json.JsonObject;
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

    @Parameters(
            arity = "0..*",
            paramLabel = "CONTAINER",
            description = "Only these: a name, an id or the start of one, or weave:expose for the host itself.")
    private List<String> containers = List.of();

    @Option(names = "--json", description = "For programs: all of them as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        LogFile.toNowhere();
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        if (json) {
            System.out.print(ControlClient.require(api.getJson("/ps")));
            return 0;
        }
        List<String> wanted = containers.stream().map(name -> id(api, name)).toList();
        ControlClient.require(api.get("/ps"))
                .lines()
                .filter(row -> wanted.isEmpty() || wanted.stream().anyMatch(id -> id.startsWith(row.split(" ", 2)[0])))
                .forEach(System.out::println);
        return 0;
    }

    private static String id(ControlClient api, String reference) {
        return reference.equals("weave:expose")
                ? reference
                : new JsonObject(ControlClient.require(api.get("/container/" + ControlClient.encode(reference))))
                        .getString("ContainerID");
    }
}
