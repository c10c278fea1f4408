package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether Docker finds its driver: a socket nobody serves makes it wait at every start. */
record SocketsCheck(String directory) implements Check {

    private static final String SUBJECT = "sockets";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isPresent() && !host.exists(directory)) {
            return List.of(Finding.note(
                    SUBJECT, directory + " is not there, so its sockets were not looked at", "run this on the host"));
        }
        List<Finding> findings = new ArrayList<>();
        List<String> served = new ArrayList<>();
        for (String name : List.of("weave.sock", "weavemesh.sock")) {
            String socket = directory + "/" + name;
            Optional<String> answer = host.activate(socket);
            if (answer.filter(text -> text.contains("NetworkDriver")).isPresent()) {
                served.add(socket);
            } else if (host.exists(socket)) {
                findings.add(Finding.problem(
                        SUBJECT,
                        socket + " is there and nobody answers: dockerd waits for it",
                        peer.isEmpty() ? "weave launch, or delete the file" : "weave logs"));
            } else if (peer.isPresent()) {
                findings.add(Finding.problem(
                        SUBJECT, socket + " is not there, so Docker does not find the driver", "weave logs"));
            }
        }
        if (findings.isEmpty()) {
            findings.add(
                    served.isEmpty()
                            ? Finding.ok(SUBJECT, "none is left behind in " + directory)
                            : Finding.ok(SUBJECT, String.join(" and ", served) + " answer"));
        }
        return findings;
    }
}
