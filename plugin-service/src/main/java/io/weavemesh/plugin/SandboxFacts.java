package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import java.util.List;
import java.util.Map;

/**
 * What Docker shows of a container to whom wants to enter its network.
 *
 * @param pid of its first process, 0 while it does not run
 * @param hostNetwork whether it has the host's network and none of its own
 * @param key the file Docker keeps its network namespace in; empty where it uses another container's
 */
public record SandboxFacts(ContainerId container, long pid, boolean hostNetwork, String key) {

    /** Reads Docker's answer. */
    public static SandboxFacts of(Fields inspected) {
        Map<String, String> state = inspected.object("State").texts();
        String pid = state.getOrDefault("Pid", "0");
        boolean running = "true".equals(state.get("Running")) && !"true".equals(state.get("Restarting"));
        return new SandboxFacts(
                ContainerId.parse(inspected.text("Id")),
                running && pid.matches("\\d{1,10}") ? Long.parseLong(pid) : 0,
                inspected
                        .object("HostConfig")
                        .optionalText("NetworkMode")
                        .orElse("")
                        .equals("host"),
                inspected.object("NetworkSettings").optionalText("SandboxKey").orElse(""));
    }

    /**
     * The files of its network namespace: the one that every process of the host sees, and the one that also a router in a
     * container sees, which has no such processes.
     */
    public List<String> namespaces() {
        String byProcess = "/proc/" + pid + "/ns/net";
        return key.isEmpty() ? List.of(byProcess) : List.of(byProcess, key);
    }
}
