package io.weavemesh.node;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weave logs [-f] [-n N]}. */
@Command(name = "logs", description = "Show what the peer on this host wrote to its log.")
final class LogsCommand implements Callable<Integer> {

    @Mixin
    HelpOption help = new HelpOption();

    @Option(
            names = {"-f", "--follow"},
            description = "Go on showing what is added, until interrupted.")
    private boolean follow;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            description = "Only the last lines.")
    private int tail = Integer.MAX_VALUE;

    @Override
    public Integer call() throws IOException, InterruptedException {
        LogFile.toNowhere();
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        if (SystemdUnit.systemdRuns()
                && (Supervisor.isSystemd(paths) || SystemdUnit.ofThisHost().isInstalled())) {
            return journal();
        }
        List<String> containers = PidFile.running(paths.pidFile()).isPresent() ? List.of() : ServiceContainers.all();
        if (!containers.isEmpty()) {
            ServiceLogs logs = new ServiceLogs(containers, DockerSocket.fromEnvironment(System.getenv()));
            logs.show(tail);
            if (follow) {
                logs.follow();
            }
            return 0;
        }
        Path file = paths.logFile();
        if (!Files.isReadable(file)) {
            throw new UserError("there is no log at " + file + " that you may read: weave was not launched on this"
                    + " host, or you are not root");
        }
        long shown = Files.size(file);
        long lines;
        try (var all = Files.lines(file)) {
            lines = all.count();
        }
        try (var all = Files.lines(file)) {
            all.skip(Math.max(0, lines - tail)).forEach(System.out::println);
        }
        if (follow) {
            follow(file, shown);
        }
        return 0;
    }

    private int journal() throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("journalctl", "-u", SystemdUnit.NAME, "-o", "cat", "--no-pager"));
        command.addAll(follow ? List.of("-f") : List.of());
        command.addAll(tail == Integer.MAX_VALUE ? List.of("-n", "all") : List.of("-n", Integer.toString(tail)));
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static void follow(Path file, long from) throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            Path directory = HostPaths.fromEnvironment(System.getenv()).state();
            directory.register(watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
            long position = from;
            while (true) {
                position = copyFrom(file, position);
                WatchKey key = watch.take();
                key.pollEvents();
                key.reset();
            }
        }
    }

    private static long copyFrom(Path file, long position) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            long start = in.size() < position ? 0 : position; // Smaller than before: it was rolled over.
            long copied = in.transferTo(start, in.size() - start, Channels.newChannel(System.out));
            System.out.flush();
            return start + copied;
        }
    }
}
