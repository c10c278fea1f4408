package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import java.util.Map;

/**
 * What Docker shows of a container to whom wants to enter its network.
 *
 * @param pid of its first process, 0 while it does not run
 * @param hostNetwork whether it has the host's network and none of its own
 */
public record SandboxFacts(ContainerId container, long pid, boolean hostNetwork) {

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
                        .equals("host"));
    }

    /** The file of its network namespace, as every process of the host sees it. */
    public String namespace() {
        return "/proc/" + pid + "/ns/net";
    }
}
