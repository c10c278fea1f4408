package io.weavemesh.node;

import io.weavemesh.contract.Service;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a peer keeps its files.
 *
 * @param state what must survive a reboot: {@code WEAVE_STATE}, by default {@code /var/lib/weave}
 * @param run what must not: {@code WEAVE_RUN}, by default {@code /run/weave}
 */
record HostPaths(Path state, Path run) {

    static HostPaths fromEnvironment(Map<String, String> environment) {
        return new HostPaths(
                Path.of(environment.getOrDefault("WEAVE_STATE", "/var/lib/weave")),
                Path.of(environment.getOrDefault("WEAVE_RUN", "/run/weave")));
    }

    /** Held by the running peer for as long as it lives; contains its process id. */
    Path pidFile() {
        return run.resolve("weave.pid");
    }

    /** The same of a service that is a process of its own. */
    Path pidFile(Service service) {
        return run.resolve(service.label() + ".pid");
    }

    /** Who starts the peer again after a crash, see {@link Supervisor}. */
    Path supervisorFile() {
        return run.resolve("weave.supervisor");
    }

    /** There when the peer has been ready since its last start. */
    Path readyFile() {
        return run.resolve("weave.ready");
    }

    /** Where plugin-service serves the CNI plugin, see {@link CniMain}. */
    Path cniSocket() {
        return run.resolve("cni.sock");
    }

    /** What {@code setup-dns} did to Docker's configuration; there as long as that is in effect. */
    Path dockerDnsNote() {
        return state.resolve("setup-dns.json");
    }

    Path logFile() {
        return state.resolve("weave.log");
    }

    Path store(String service) {
        return state.resolve(service + ".db");
    }
}
