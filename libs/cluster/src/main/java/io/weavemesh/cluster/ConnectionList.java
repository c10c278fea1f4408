package io.weavemesh.cluster;

import io.weavemesh.cluster.Membership.PeerRefused;
import io.weavemesh.cluster.Probe.Finding;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.RouterReply.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What status pages show of peers and targets, made from one snapshot. Pure.
 *
 * @param peers those accepted
 * @param present the ones among them that have a member now
 * @param refused those that are there but not accepted
 * @param targets what we were told to connect to
 * @param findings what was found there
 */
record ConnectionList(
        PeerDescription self,
        Map<PeerName, PeerDescription> peers,
        Set<PeerName> present,
        List<PeerRefused> refused,
        List<Target> targets,
        Map<Target, Finding> findings) {

    /** Peers by name, then those refused, then targets where there is no peer. */
    List<Connection> connections() {
        Set<String> outbound = new HashSet<>();
        findings.values().forEach(finding -> finding.address().ifPresent(outbound::add));
        List<Connection> connections = new ArrayList<>();
        Set<String> shown = new HashSet<>(Set.of(address(self)));
        peers.values().stream().sorted((a, b) -> a.name().compareTo(b.name())).forEach(peer -> {
            String address = address(peer);
            shown.add(address);
            boolean there = present.contains(peer.name());
            connections.add(new Connection(
                    address,
                    outbound.contains(address),
                    there ? "established" : "retrying",
                    Optional.of(peer),
                    there ? "" : "no sign of life"));
        });
        for (PeerRefused refusal : refused) {
            String address = address(refusal.peer());
            if (shown.add(address) || address.equals(address(self))) {
                connections.add(new Connection(
                        address, outbound.contains(address), "failed", Optional.of(refusal.peer()), refusal.reason()));
            }
        }
        for (Target target : targets) {
            Finding finding = findings.get(target);
            if (finding == null) {
                connections.add(new Connection(target.text(), true, "connecting", Optional.empty(), ""));
            } else if (shown.add(finding.address().orElse(target.text()))) {
                connections.add(new Connection(
                        finding.address().orElse(target.text()),
                        true,
                        state(finding),
                        Optional.empty(),
                        finding.text()));
            }
        }
        return connections;
    }

    private static String state(Finding finding) {
        if (finding.address().isEmpty()) {
            return "failed";
        }
        return finding.answers() ? "connecting" : "retrying";
    }

    private static String address(PeerDescription peer) {
        return Target.at(peer.vtep(), peer.controlPort());
    }
}
