package io.weavemesh.plugin;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells what is really missing from what is only on its way: that which was missing in every comparison over some time. A
 * single comparison proves nothing, since Docker writes down an endpoint only after it heard our answer.
 */
public final class Absences<K> {

    private final Duration patience;
    private final Map<K, Duration> since = new HashMap<>();

    /** What has been missing for at least this long is believed to be. */
    public Absences(Duration patience) {
        this.patience = patience;
    }

    /**
     * Takes what a comparison found missing; what has been missing for long enough.
     *
     * @param now on a clock that only goes forward, from any beginning
     */
    public Set<K> confirm(Set<K> missing, Duration now) {
        since.keySet().retainAll(missing);
        Set<K> confirmed = new HashSet<>();
        for (K key : missing) {
            Duration first = since.computeIfAbsent(key, unseen -> now);
            if (now.minus(first).compareTo(patience) >= 0) {
                confirmed.add(key);
            }
        }
        return confirmed;
    }
}
