package io.weavemesh.node;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave report [-f template]}. */
@Command(name = "report", description = "Show everything this peer knows, as JSON or by a template.")
final class ReportCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "TEMPLATE",
            description = "What to show of it, in the manner of Go's templates: '{{.Router.Name}}',"
                    + " '{{len .DNS.Entries}}', '{{range .Router.Targets}}{{.}} {{end}}', '{{json .IPAM}}'.")
    private Optional<String> format = Optional.empty();

    @Override
    public Integer call() {
        String query =
                format.map(text -> "?format=" + ControlClient.encode(text)).orElse("");
        System.out.println(ControlClient.require(
                        ControlClient.fromEnvironment(System.getenv()).get("/report" + query))
                .stripTrailing());
        return 0;
    }
}
