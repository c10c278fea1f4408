package io.weavemesh.router;

import io.weavemesh.contract.PeerName;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
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
        SortedMap<String, Long> dropped,
        long firewallRepairs,
        List<String> warnings,
        Map<PeerName, Integer> pathMtus,
        Map<PeerName, String> paths) {

    /** Nothing to say. */
    public static final RouterNotes NONE = new RouterNotes(new TreeMap<>(), 0, List.of(), Map.of(), Map.of());

    public RouterNotes {
        dropped = Collections.unmodifiableSortedMap(new TreeMap<>(dropped));
        warnings = List.copyOf(warnings);
        pathMtus = Map.copyOf(pathMtus);
        paths = Map.copyOf(paths);
    }
}
