package io.weavemesh.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weave setup}: what a launch would find missing, or would do for the first time. */
@Command(
        name = "setup",
        description = {
            "Prepare this host, so that 'weave launch' is quick and has all it needs.",
            "Loads the kernel's modules, makes our directories, and says what is missing. May be repeated."
        })
final class SetupCommand implements Callable<Integer> {

    /** What our devices and rules are made of; built into some kernels, modules in most. */
    private static final List<String> MODULES = List.of("bridge", "veth", "vxlan", "nf_tables");

    private static final int MODPROBE_SECONDS = 20;

    @Mixin
    HelpOption help = new HelpOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Preflight.requirePrivileges("weave setup");
        Preflight.requireDocker(
                DockerSocket.fromEnvironment(System.getenv()), System.getenv().getOrDefault("PATH", ""));
        for (String module : MODULES) {
            load(module);
        }
        HostPaths paths = HostPaths.fromEnvironment(System.getenv());
        Files.createDirectories(paths.state());
        Files.createDirectories(paths.run());
        System.out.println("This host is ready for: weave launch [peer …]");
        return 0;
    }

    private static void load(String module) throws IOException, InterruptedException {
        if (Files.exists(Path.of("/sys/module", module))) {
            return;
        }
        try {
            Process modprobe = new ProcessBuilder("modprobe", module)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean done = modprobe.waitFor(MODPROBE_SECONDS, TimeUnit.SECONDS) && modprobe.exitValue() == 0;
            if (!done) {
                modprobe.destroyForcibly();
                throw new UserError("the kernel has no module '" + module + "', and it is not built in: install the"
                        + " package with this kernel's modules, or boot another kernel");
            }
        } catch (IOException e) {
            throw new UserError("cannot load the kernel's module '" + module + "': " + e.getMessage()
                    + " (install kmod)");
        }
    }
}
