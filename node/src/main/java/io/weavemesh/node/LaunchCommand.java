package io.weavemesh.node;

import java.io.BufferedReader;
import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weave launch [options] [peer …]}: starts the peer in the background and returns when it is ready. */
@Command(
        name = "launch",
        description = "Start the peer on this host, connect it to the others, and return when it is ready.")
final class LaunchCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Mixin
    private PeerOptions options = new PeerOptions();

    @Parameters(index = "0..*", arity = "0..*", paramLabel = "PEER", description = "Other hosts: host[:port].")
    private List<String> peers = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before call().
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        options.check();
        PeerOptions.checkPeers(PeerOptions.peers(peers));
        options.checkInit();
        Preflight.requirePrivileges("weave launch");
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        if (PidFile.running(paths.pidFile()).isPresent()) {
            throw new UserError(PidFile.alreadyRunning(paths.pidFile()));
        }
        Preflight.requireDocker(options.dockerSocket(), System.getenv().getOrDefault("PATH", ""));
        makeDirectories(paths);
        Process peer = start(paths);
        await(peer, paths);
        howToGoOn();
        return 0;
    }

    private static void makeDirectories(HostPaths paths) throws IOException {
        try {
            Files.createDirectories(paths.state());
            Files.createDirectories(paths.run());
        } catch (AccessDeniedException e) {
            throw new UserError("cannot create " + e.getFile() + ": permission denied; run as root");
        }
    }

    /** In a session of its own, so that it outlives this terminal. Its standard output is the pipe we listen on. */
    private Process start(HostPaths paths) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", javaBinary()));
        command.addAll(Home.peerJvmArguments());
        command.addAll(List.of(Main.class.getName(), "peer"));
        List<String> given = spec.commandLine().getParseResult().originalArgs();
        command.addAll(given.subList(given.indexOf(spec.name()) + 1, given.size()));
        File log = paths.logFile().toFile();
        return new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private static String javaBinary() {
        return ProcessHandle.current().info().command().orElse(System.getProperty("java.home") + "/bin/java");
    }

    private static void await(Process peer, HostPaths paths) throws IOException {
        boolean terminal = isTerminal();
        try (BufferedReader news =
                new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = news.readLine(); line != null; line = news.readLine()) {
                if (line.startsWith(Launcher.PROGRESS) && terminal) {
                    System.err.println(line.substring(Launcher.PROGRESS.length()));
                } else if (line.startsWith(Launcher.FAILED)) {
                    throw new UserError(line.substring(Launcher.FAILED.length()));
                } else if (line.equals(Launcher.READY)) {
                    return;
                }
            }
        }
        throw new UserError("the peer ended before it was ready (see " + paths.logFile() + ")");
    }

    @SuppressWarnings(
            "SystemConsoleNull") // It says there may be none, and means it: in a container without a terminal.
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void howToGoOn() {
        System.out.println("weave is ready. Go on with, for example:");
        System.out.println("  docker run --net=weave --name foo -h foo."
                + options.domain().value().replaceAll("\\.$", "") + " $(weave dns-args) -ti busybox sh");
        System.out.println("  weave status");
        if (!Preflight.dockerRuns(options.dockerSocket())) {
            System.out.println("Docker is not running yet; the network 'weave' appears as soon as it is.");
        }
    }
}
