package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave version}. */
@Command(name = "version", description = "Show the version of this command, and of what runs on this host.")
final class VersionCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        lines(Version.current(), running(System.getenv())).forEach(System.out::println);
        return 0;
    }

    /**
     * What is printed. A peer that was launched before an upgrade runs on as what it was, and so does each service in a container
     * of its own.
     *
     * @param command the version of this command
     * @param running who runs with which version
     */
    static List<String> lines(String command, Map<String, String> running) {
        List<String> lines = new ArrayList<>(List.of("weave " + command));
        running.forEach((who, version) -> lines.add(who + " " + version + " runs on this host"
                + (version.equals(command) ? "" : ", and is not of this version: start it again")));
        return lines;
    }

    /** The whole peer, or the services in containers of their own, by what to call them. */
    private static Map<String, String> running(Map<String, String> environment) {
        Optional<String> router = router(environment);
        Map<String, String> others = new LinkedHashMap<>();
        for (Service service : List.of(Service.IPAM, Service.DNS, Service.PLUGIN)) {
            ServiceVersion.of(service, environment).ifPresent(version -> others.put(service.label(), version));
        }
        Map<String, String> running = new LinkedHashMap<>();
        router.ifPresent(version -> running.put(others.isEmpty() ? "peer" : Service.ROUTER.label(), version));
        running.putAll(others);
        return running;
    }

    private static Optional<String> router(Map<String, String> environment) {
        try {
            ControlClient.Answer answer = ControlClient.fromEnvironment(environment)
                    .get("/report?format=" + ControlClient.encode("{{.Version}}"));
            return answer.ok() ? Optional.of(answer.body().strip()) : Optional.empty();
        } catch (UserError e) {
            return Optional.empty(); // None runs, and that is no failure of this command.
        }
    }
}
