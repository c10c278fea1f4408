package io.weavemesh.node;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weave}: the root of the command line. */
@Command(
        name = "weave",
        description = "One Docker network across many hosts, with no external store.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SetupCommand.class,
            LaunchCommand.class,
            StopCommand.class,
            ConnectCommand.class,
            ForgetCommand.class,
            PrimeCommand.class,
            RemovePeerCommand.class,
            ResetCommand.class,
            StatusCommand.class,
            ReportCommand.class,
            PsCommand.class,
            NetworkCommand.class,
            AttachCommand.class,
            DetachCommand.class,
            ExposeCommand.class,
            HideCommand.class,
            DnsArgsCommand.class,
            SetupDnsCommand.class,
            DnsLookupCommand.class,
            DnsAddCommand.class,
            DnsRemoveCommand.class,
            DockerBridgeIpCommand.class,
            DoctorCommand.class,
            LogsCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class,
            ServiceCommand.class,
            TrainCommand.class,
            KubePeersCommand.class,
        })
final class WeaveCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before run().
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
    }
}
