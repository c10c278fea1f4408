package io.weavemesh.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What must be true of this host before a peer can be launched on it. */
final class Preflight {

    /** linux/capability.h: CAP_NET_ADMIN. */
    private static final int CAP_NET_ADMIN = 12;

    private Preflight() {}

    /** @throws UserError if this process may not make network interfaces */
    static void requirePrivileges(String command) {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new UserError(command + " runs on Linux only, this is " + System.getProperty("os.name"));
        }
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            long effective = lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .findFirst()
                    .orElse(0);
            if ((effective >>> CAP_NET_ADMIN & 1) == 0) {
                throw new UserError(command + " makes network interfaces and needs root: run it as root or with sudo");
            }
        } catch (IOException e) {
            throw new UserError("cannot read /proc/self/status: " + e.getMessage());
        }
    }

    /** Whether Docker's API socket is there, that is, whether Docker runs. */
    static boolean dockerRuns(Path dockerSocket) {
        return Files.exists(dockerSocket);
    }

    /** @throws UserError if there is neither a running nor an installed Docker Engine */
    static void requireDocker(Path dockerSocket, String searchPath) {
        boolean installed = Arrays.stream((searchPath + ":/usr/sbin:/usr/bin:/usr/local/bin").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "dockerd")));
        if (!installed && !dockerRuns(dockerSocket)) {
            throw new UserError("no Docker Engine on this host (no dockerd in PATH, no " + dockerSocket
                    + "): install it, for example with 'apt-get install docker.io', or give --docker-socket");
        }
    }
}
