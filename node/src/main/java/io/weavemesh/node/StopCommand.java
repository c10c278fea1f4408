package io.weavemesh.node;

import io.vertx.core.Vertx;
import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave stop}. */
@Command(name = "stop", description = "Stop the peer on this host. Containers keep running and keep their addresses.")
final class StopCommand implements Callable<Integer> {

    /** The peer removes its Docker network and closes its store; both are bounded by less. */
    private static final int GRACE_SECONDS = 15;

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        LogFile.toNowhere();
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        List<String> users = users();
        int status = stop(paths);
        users.forEach(System.out::println);
        SetupDnsCommand.remind(paths);
        return status;
    }

    /**
     * Who keeps which network of ours, a line for each. Asked before the peer ends, since it is the peer that removes the network
     * 'weave' where nobody does.
     */
    private static List<String> users() throws InterruptedException {
        Path socket = DockerSocket.fromEnvironment(System.getenv());
        if (!Preflight.dockerRuns(socket)) {
            return List.of();
        }
        Vertx vertx = Vertx.vertx();
        try {
            List<String> lines = new ArrayList<>();
            new DockerNetworks(new DockerApi(vertx, socket))
                    .users()
                    .forEach((network, containers) ->
                            lines.add("network " + network + " stays, it is used by " + String.join(", ", containers)));
            if (!lines.isEmpty()) {
                lines.add(
                        "While weave does not run, Docker waits for it whenever it stops or starts one of these containers"
                                + " (see docs/when-docker-waits.md)");
            }
            return lines;
        } catch (UserError e) {
            return List.of("Docker was not asked who uses our networks: " + e.getMessage());
        } finally {
            vertx.close();
        }
    }

    private static void stopContainers(HostPaths paths) throws InterruptedException {
        List<String> containers = ServiceContainers.running();
        if (containers.isEmpty()) {
            List<Service> alone = RunningServices.alone(paths);
            throw new UserError(
                    alone.isEmpty()
                            ? "weave is not running on this host"
                            : "weave's services run each by itself here (" + RunningServices.labels(alone)
                                    + "), and Docker knows no containers of theirs: stop them where they were started");
        }
        ServiceContainers.stop(containers, name -> System.out.println("container " + name + " is stopped"));
        System.out.println("They start again by 'docker start " + String.join(" ", containers.reversed())
                + "' or 'docker compose up -d', and by themselves when Docker does;"
                + " 'docker compose down' removes them");
    }

    /** Ends the supervisor as well, or first of all where the peer has just crashed. */
    static int stop(HostPaths paths) throws InterruptedException, ExecutionException {
        if (Supervisor.isSystemd(paths) && SystemdUnit.systemdRuns()) {
            SystemdUnit.ofThisHost().stop();
            return 0;
        }
        List<ProcessHandle> processes = Stream.concat(
                        Supervisor.running(paths).map(Supervisor::process).stream(),
                        PidFile.running(paths.pidFile()).stream())
                .toList();
        if (processes.isEmpty()) {
            stopContainers(paths);
            return 0;
        }
        for (ProcessHandle process : processes) {
            if (!process.destroy() && process.isAlive()) {
                throw new UserError("cannot stop process " + process.pid() + ": not permitted; run as root");
            }
        }
        CompletableFuture<?> ended = CompletableFuture.allOf(
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new));
        try {
            ended.get(GRACE_SECONDS, TimeUnit.SECONDS);
            return 0;
        } catch (TimeoutException e) {
            processes.forEach(ProcessHandle::destroyForcibly); // The supervisor comes first, or it would do its work.
            ended.join();
            throw new UserError("process " + processes.getLast().pid() + " did not end within " + GRACE_SECONDS
                    + " s and was killed (see: weave logs)");
        }
    }
}
