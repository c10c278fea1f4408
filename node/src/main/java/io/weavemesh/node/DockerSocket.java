package io.weavemesh.node;

import java.nio.file.Path;
import java.util.Map;

/** Where Docker's API is on this host. */
final class DockerSocket {

    private static final String UNIX = "unix://";

    private DockerSocket() {}

    /** {@code WEAVE_DOCKER_SOCKET}, or {@code DOCKER_HOST} if that is a Unix socket, or Docker's usual place. */
    static Path fromEnvironment(Map<String, String> environment) {
        String host = environment.getOrDefault("DOCKER_HOST", "");
        String usual = host.startsWith(UNIX) ? host.substring(UNIX.length()) : "/var/run/docker.sock";
        return Path.of(environment.getOrDefault("WEAVE_DOCKER_SOCKET", usual));
    }
}
