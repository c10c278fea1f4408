package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether there is anything that belongs to no container any more: endpoints, interfaces, addresses. The reconciler removes
 * such things within a minute, so what is found here while containers come and go is no problem unless it stays.
 */
record LeaksCheck() implements Check {

    private static final String SUBJECT = "leaks";

    /** What Docker shows instead of a container's identifier. */
    private static final String NO_CONTAINER_HERE = "ep-";

    private static final String FIX = "it should be gone within a minute; if it stays: weave logs";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isEmpty()) {
            return List.of();
        }
        PeerReport report = peer.get();
        List<Finding> findings = new ArrayList<>();
        for (PeerReport.Network network : report.networks()) {
            host.list("/sys/class/net/" + network.bridge() + "/brif").stream()
                    .filter(port -> host.read("/sys/class/net/" + port + "/operstate")
                            .map(String::strip)
                            .filter("lowerlayerdown"::equals)
                            .isPresent())
                    .forEach(port -> findings.add(Finding.problem(
                            SUBJECT, "interface " + port + " on " + network.bridge() + " leads nowhere", FIX)));
        }
        Optional<Map<String, Boolean>> docker = endpoints(host);
        if (docker.isEmpty()) {
            return List.of(
                    Finding.note(SUBJECT, "Docker was not asked which endpoints it has", "run this on the host"));
        }
        Set<String> ours = new HashSet<>(report.endpoints());
        Set<String> leaked = new HashSet<>(ours);
        leaked.removeAll(docker.get().keySet());
        leaked.removeIf(id -> !id.matches("[0-9a-f]{64}")); // Exposed and attached ones Docker does not know.
        leaked.forEach(id -> findings.add(
                Finding.problem(SUBJECT, "endpoint " + id.substring(0, 12) + " is unknown to Docker", FIX)));
        Set<String> lost = new HashSet<>(docker.get().keySet());
        lost.removeIf(id -> !docker.get().getOrDefault(id, false) || ours.contains(id));
        lost.forEach(id -> findings.add(Finding.problem(
                SUBJECT,
                "endpoint " + id.substring(0, Math.min(12, id.length())) + " of a running container is unknown to us",
                "restart that container")));
        if (findings.isEmpty()) {
            findings.add(Finding.ok(SUBJECT, ours.size() + " endpoints, each of them in use"));
        }
        return findings;
    }

    /** Those Docker has, and whether a container of this host is in them: a network of global scope has those of all hosts. */
    private static Optional<Map<String, Boolean>> endpoints(Host host) {
        Map<String, Boolean> ids = new HashMap<>();
        for (String driver : List.of("weave", "weavemesh")) {
            Host.Output networks = host.run("docker", "network", "ls", "-q", "--filter", "driver=" + driver);
            if (!networks.ok()) {
                return Optional.empty();
            }
            for (String network : networks.out().lines().toList()) {
                Host.Output found = host.run(
                        "docker",
                        "network",
                        "inspect",
                        network,
                        "--format",
                        "{{range $holder, $endpoint := .Containers}}{{$holder}}={{$endpoint.EndpointID}} {{end}}");
                found.out()
                        .lines()
                        .flatMap(line -> Stream.of(line.split(" ", -1)))
                        .map(pair -> pair.split("=", -1))
                        .filter(pair -> pair.length == 2)
                        .forEach(pair -> ids.put(pair[1], !pair[0].startsWith(NO_CONTAINER_HERE)));
            }
        }
        return Optional.of(ids);
    }
}
