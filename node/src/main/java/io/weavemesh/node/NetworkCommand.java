package io.weavemesh.node;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weave network}: networks that every host has. */
@Command(
        name = "network",
        description = {
            "Make and remove Docker networks on every host at once.",
            "Hosts that join, come back or boot later follow by themselves."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {NetworkCreateCommand.class, NetworkRemoveCommand.class, NetworkListCommand.class})
final class NetworkCommand implements Runnable {

    @Mixin
    HelpOption help = new HelpOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before run().
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
    }
}
