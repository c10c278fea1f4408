package io.weavemesh.node.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether the other peers are reached, and whether each is somebody of its own. */
record OtherPeersCheck(String version) implements Check {

    private static final String SUBJECT = "peers";
    private static final String ESTABLISHED = "established";

    @Override
    public List<Finding> look(Host host, Optional<PeerReport> peer) {
        if (peer.isEmpty()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        PeerReport report = peer.get();
        for (PeerReport.Connection connection : report.connections()) {
            if (!connection.state().equals(ESTABLISHED)) {
                findings.add(unreached(connection));
            }
        }
        report.peers().stream()
                .collect(Collectors.groupingBy(PeerReport.Peer::nickname))
                .forEach((nickname, namesakes) -> {
                    if (namesakes.size() > 1) {
                        findings.add(Finding.note(
                                SUBJECT,
                                namesakes.size() + " peers have the nickname " + nickname + ": " + addresses(namesakes),
                                "launch all but one with --nickname"));
                    }
                });
        List<PeerReport.Peer> others = report.peers().stream()
                .filter(other -> !other.version().equals(report.version()))
                .toList();
        if (!others.isEmpty()) {
            findings.add(Finding.note(
                    SUBJECT,
                    others.size() + " of " + report.peers().size() + " peers have another version: "
                            + others.stream()
                                    .map(other -> other.nickname() + " " + other.version())
                                    .collect(Collectors.joining(", ")),
                    "upgrade them one after the other"));
        }
        if (findings.isEmpty()) {
            int reached = report.peers().size() - 1;
            findings.add(
                    reached <= 0
                            ? Finding.note(SUBJECT, "this peer knows no other", "weave connect HOST")
                            : Finding.ok(SUBJECT, reached + " reached"));
        }
        return findings;
    }

    private static Finding unreached(PeerReport.Connection connection) {
        String text = connection.address() + " is " + connection.state() + ": " + connection.info();
        boolean clash = connection.info().contains("--name");
        return Finding.problem(
                SUBJECT,
                text,
                clash
                        ? "launch one of the two with another --name (clones of one machine have the same)"
                        : "is it launched there, and open between the hosts: TCP 6783 and 6785, UDP 6784?"
                                + " If it is gone for good: weave forget " + connection.address());
    }

    private static String addresses(List<PeerReport.Peer> peers) {
        return peers.stream().map(PeerReport.Peer::vtep).collect(Collectors.joining(", "));
    }
}
