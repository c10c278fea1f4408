package io.weavemesh.router;

import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What router-service found out about this host and its paths, for status pages.
 *
 * @param dropped packets the firewall dropped, by reason
 * @param firewallRepairs how often somebody had changed it
 * @param warnings what somebody should do something about, a sentence each
 * @param pathMtus the largest packet that reaches a peer, in bytes of IP, where it is known
 * @param paths what is wrong with the path to a peer
 */
public record RouterNotes(
        NavigableMap<String, Long> dropped,
        long firewallRepairs,
        List<String> warnings,
        Map<PeerName, Integer> pathMtus,
        Map<PeerName, String> paths) {

    /** Nothing to say. */
    public static final RouterNotes NONE = new RouterNotes(new TreeMap<>(), 0, List.of(), Map.of(), Map.of());

    /** What there is to say about a firewall, paths and interfaces. */
    public static RouterNotes of(
            NavigableMap<String, Long> dropped,
            long firewallRepairs,
            OverlayMtus mtus,
            Map<PeerName, PathProbes.Verdict> verdicts,
            Collection<PeerDescription> peers) {
        Map<PeerName, Integer> pathMtus = new TreeMap<>();
        Map<PeerName, String> paths = new TreeMap<>();
        List<String> warnings = new ArrayList<>();
        for (PeerDescription peer : peers) {
            switch (verdicts.getOrDefault(peer.name(), new PathProbes.Verdict.Unknown())) {
                case PathProbes.Verdict.Unknown _ -> {}
                case PathProbes.Verdict.Carries(int bytes) -> pathMtus.put(peer.name(), bytes);
                case PathProbes.Verdict.TooNarrow(int passing, int lost) -> {
                    pathMtus.put(peer.name(), passing);
                    paths.put(peer.name(), "path-mtu=" + passing + " (too small, needs " + lost + ")");
                    warnings.add("packets of " + lost + " bytes do not reach " + peer.nickname() + " (" + peer.vtep()
                            + "), those of " + passing + " do: repair the path, or launch every peer with --mtu "
                            + (passing - mtus.overhead()));
                }
            }
        }
        if (mtus.outgrown() > 0) {
            warnings.add(mtus.outgrown() + " interfaces of containers have a larger MTU than the hosts' network carries"
                    + " now (" + mtus.fresh() + "): start these containers again");
        }
        return new RouterNotes(dropped, firewallRepairs, warnings, pathMtus, paths);
    }

    public RouterNotes {
        dropped = Collections.unmodifiableNavigableMap(new TreeMap<>(dropped));
        warnings = List.copyOf(warnings);
        pathMtus = Map.copyOf(pathMtus);
        paths = Map.copyOf(paths);
    }
}
