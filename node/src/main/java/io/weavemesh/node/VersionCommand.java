package io.weavemesh.node;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave version}. */
@Command(name = "version", description = "Show the version of this command, and that of the peer if it is another one.")
final class VersionCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        System.out.println("weave " + Version.current());
        running()
                .filter(version -> !version.equals(Version.current()))
                .ifPresent(version -> System.out.println("weave " + version + " runs on this host"));
        return 0;
    }

    /** A peer that was launched before an upgrade runs on as what it was. */
    private static Optional<String> running() {
        try {
            ControlClient.Answer answer = ControlClient.fromEnvironment(System.getenv())
                    .get("/report?format=" + ControlClient.encode("{{.Version}}"));
            return answer.ok() ? Optional.of(answer.body().strip()) : Optional.empty();
        } catch (UserError e) {
            return Optional.empty(); // None runs, and that is no failure of this command.
        }
    }
}
