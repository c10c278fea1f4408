package io.weavemesh.node.doctor;

import java.util.List;
import java.util.Optional;

/** Whether a peer runs here, all four services of it, in the version of this command. */
record PeerCheck(String version) implements Check {

    private static final String SUBJECT = "peer";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isEmpty()) {
            return List.of(Finding.problem(
                    SUBJECT,
                    "no peer runs on this host, or its control API does not answer",
                    "weave launch [peer …], or docker compose up -d; if it was launched: weave logs"));
        }
        PeerReport found = peer.get();
        String who = found.name() + "(" + found.nickname() + ")";
        if (!found.ready()) {
            return List.of(Finding.problem(
                    SUBJECT, who + " runs, but not all of its services", "weave status says which; weave logs why"));
        }
        if (!found.version().equals(version)) {
            return List.of(
                    Finding.problem(
                            SUBJECT,
                            who + " has version " + found.version() + ", this command " + version,
                            "weave stop, and launch again with this version; in containers: docker compose up -d with its image"));
        }
        return List.of(Finding.ok(SUBJECT, who + " is ready, version " + found.version()));
    }
}
