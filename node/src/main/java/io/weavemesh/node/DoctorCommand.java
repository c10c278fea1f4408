package io.weavemesh.node;

import io.weavemesh.node.doctor.Doctor;
import io.weavemesh.node.doctor.Finding;
import io.weavemesh.node.doctor.Host;
import io.weavemesh.node.doctor.ThisHost;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave doctor}: looks for everything that is known to go wrong. */
@Command(
        name = "doctor",
        description = "Look for everything that is known to go wrong on this host, and say what to do about it.",
        footer = {"", "Exit status 0 only if there is no problem. Changes nothing; starts one container for a moment."})
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(names = "--no-container", description = "Do not try it out in a container.")
    private boolean noContainer;

    @Option(names = "--quiet", description = "Print problems only.")
    private boolean quiet;

    @Option(names = "--json", description = "For programs: each finding as a line of JSON.")
    private boolean json;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "6783",
            description = "The port the peer was launched with. Default: 6783.")
    private int port;

    @Option(
            names = "--plugin-directory",
            paramLabel = "DIR",
            defaultValue = "/run/docker/plugins",
            description = "Where Docker looks for plugins. Default: /run/docker/plugins.")
    private String plugins = "/run/docker/plugins";

    @Override
    public Integer call() {
        Map<String, String> environment = System.getenv();
        ControlClient api = ControlClient.fromEnvironment(environment);
        Host host = new ThisHost(path -> page(api, path));
        Doctor doctor = new Doctor(new Doctor.Setup(
                Version.current(),
                port,
                HostPaths.fromEnvironment(environment).state().toString(),
                plugins,
                !noContainer));
        try (Progress progress = Progress.atTerminal(quiet || json)) {
            boolean well = doctor.examine(
                    host,
                    finding -> progress.aside(() -> print(finding)),
                    (number, of, what) -> progress.show(number, of, "looking at " + what));
            return well ? 0 : 1;
        }
    }

    private void print(Finding finding) {
        if (!quiet || finding.level() == Finding.Level.PROBLEM) {
            System.out.println(json ? finding.json() : finding.line());
            System.out.flush();
        }
    }

    private static Optional<String> page(ControlClient api, String path) {
        try {
            return Optional.of(api.get(path)).filter(ControlClient.Answer::ok).map(ControlClient.Answer::body);
        } catch (UserError e) {
            return Optional.empty();
        }
    }
}
