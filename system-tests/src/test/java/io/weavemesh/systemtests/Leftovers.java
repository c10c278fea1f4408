package io.weavemesh.systemtests;

import io.weavemesh.systemtests.HostState.Container;
import io.weavemesh.systemtests.HostState.Held;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is too much or missing on hosts, and since when. A call that was cut short leaves something behind, which is
 * repaired within a known time; what stays for longer is a leak. So nobody has to wait for the repair before going on.
 */
final class Leftovers {

    private final Duration patience;
    private final Map<String, Instant> since = new HashMap<>();

    /** What is seen for longer than this is a leak. */
    Leftovers(Duration patience) {
        this.patience = patience;
    }

    /** Takes all that is seen now; what of it was seen at every look since longer ago than patience goes. */
    List<String> look(Set<String> seen, Instant now) {
        since.keySet().retainAll(seen);
        seen.forEach(one -> since.putIfAbsent(one, now));
        return since.entrySet().stream()
                .filter(entry -> entry.getValue().plus(patience).isBefore(now))
                .map(entry -> entry.getKey() + ", since " + entry.getValue())
                .sorted()
                .toList();
    }

    /** What was seen at the last look. */
    Set<String> now() {
        return new TreeSet<>(since.keySet());
    }

    /** In what a host's peer and kernel have, compared with Docker, which is right. */
    static Set<String> of(HostState state) {
        Set<String> seen = new TreeSet<>();
        Set<String> interfaces = new TreeSet<>();
        Set<Held> endpoints = new HashSet<>();
        Set<Held> shown = new HashSet<>();
        for (Container container : state.running()) {
            for (Held endpoint : container.attached()) {
                interfaces.add("vethwl" + endpoint.holder().substring(0, 9));
                endpoints.add(endpoint);
                shown.add(new Held(container.id().substring(0, 12), endpoint.address()));
            }
        }
        differences(state.host() + ": interface", state.interfaces(), interfaces, seen);
        differences(state.host() + ": given address", state.given(), endpoints, seen);
        differences(state.host() + ": line of 'weave ps'", state.shown(), shown, seen);
        return seen;
    }

    private static <T> void differences(String what, Set<T> there, Set<T> expected, Set<String> seen) {
        there.stream().filter(one -> !expected.contains(one)).forEach(one -> seen.add(what + " too much: " + one));
        expected.stream().filter(one -> !there.contains(one)).forEach(one -> seen.add(what + " missing: " + one));
    }
}
