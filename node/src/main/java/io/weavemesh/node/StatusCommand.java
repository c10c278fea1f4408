package io.weavemesh.node;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weave status [targets|connections|peers|dns|ipam]}. */
@Command(name = "status", description = "Show how this peer is doing.")
final class StatusCommand implements Callable<Integer> {

    /** The pages of the control API. */
    enum Page {
        targets,
        connections,
        peers,
        dns,
        ipam
    }

    @Mixin
    HelpOption help = new HelpOption();

    @Parameters(arity = "0..1", paramLabel = "PAGE", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Optional<Page> page = Optional.empty();

    @Option(names = "--json", description = "For programs: as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        String path = page.map(p -> "/status/" + p).orElse("/status");
        ControlClient api = ControlClient.fromEnvironment(System.getenv());
        ControlClient.Answer answer = json ? api.getJson(path) : api.get(path);
        // 503 is a normal page of a peer that is still starting.
        String text = answer.status() == 503 ? answer.body() : ControlClient.require(answer);
        System.out.print(json || page.isPresent() ? text : "\n" + text + supervision() + "\n");
        return 0;
    }

    private static String supervision() {
        return Supervisor.running(HostPaths.fromEnvironment(System.getenv()))
                .map(supervisor -> "\n   Supervisor: " + supervisor.story() + "\n")
                .orElse("");
    }
}
