package io.weavemesh.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The Docker Engine of this host, seen from outside: how its process was started. No request is sent to it.
 *
 * @param arguments of its process; none if it does not run
 */
record DockerEngine(List<String> arguments) {

    private static final Path DEFAULT_CONFIGURATION = Path.of("/etc/docker/daemon.json");

    /** Finds the engine; one in a container has files of its own and is not meant. */
    static DockerEngine find() {
        Optional<Path> ours = mounts(ProcessHandle.current().pid());
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> Path.of(command).endsWith("dockerd"))
                        .isPresent())
                .filter(process -> mounts(process.pid()).equals(ours))
                .min(Comparator.comparingLong(ProcessHandle::pid))
                .flatMap(process -> process.info().arguments())
                .map(arguments -> new DockerEngine(List.of(arguments)))
                .orElse(new DockerEngine(List.of()));
    }

    private static Optional<Path> mounts(long pid) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/mnt")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Its configuration file, which need not exist. */
    Path configuration() {
        return option("--config-file").map(Path::of).orElse(DEFAULT_CONFIGURATION);
    }

    /**
     * The option that sets resolvers or search domains by the command line, if one does: with the same in the file as well the
     * engine does not start.
     */
    Optional<String> dnsOption() {
        return List.of("--dns", "--dns-search").stream()
                .filter(name -> option(name).isPresent())
                .findFirst();
    }

    private Optional<String> option(String name) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(name + "=")) {
                return Optional.of(argument.substring(name.length() + 1));
            }
            if (argument.equals(name) && i + 1 < arguments.size()) {
                return Optional.of(arguments.get(i + 1));
            }
        }
        return Optional.empty();
    }
}
