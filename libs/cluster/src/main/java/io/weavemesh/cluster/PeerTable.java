package io.weavemesh.cluster;

import io.weavemesh.cluster.Membership.PeerDown;
import io.weavemesh.cluster.Membership.PeerEvent;
import io.weavemesh.cluster.Membership.PeerRefused;
import io.weavemesh.cluster.Membership.PeerUp;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns the cluster's members into peers. Pure: the members come in, in the order they joined, with the time; what
 * changed comes out.
 *
 * <p>A peer is there as long as one of its members is, and for a grace period after. It is accepted if its settings match
 * ours and nobody else had its name first.
 */
final class PeerTable {

    /** A member speaks each second; one that missed its turn is not heard any more. */
    static final Duration SILENT = Duration.ofSeconds(2);

    private final PeerDescription self;
    private final Duration departure;
    private final int limit;
    private final Map<PeerName, PeerDescription> accepted = new TreeMap<>();
    private final Map<String, PeerRefused> refused = new LinkedHashMap<>();
    private final Map<PeerName, Instant> leaving = new HashMap<>();
    private boolean nameTaken;

    PeerTable(PeerDescription self, Duration departure) {
        this(self, departure, ClusterOptions.NO_LIMIT);
    }

    /** With at most so many peers besides ourselves; the members that joined last are the ones too many. */
    PeerTable(PeerDescription self, Duration departure, int limit) {
        this.self = self;
        this.departure = departure;
        this.limit = limit;
    }

    /** Takes the members, oldest first, ourselves among them; all of them are heard. */
    List<PeerEvent> members(List<PeerDescription> members, Instant now) {
        return members(members, members, now);
    }

    /**
     * Takes the members, oldest first, ourselves among them.
     *
     * @param heard those that were not silent for {@link #SILENT}; a peer none of whose members is heard is not present, but keeps its name
     */
    List<PeerEvent> members(List<PeerDescription> members, Collection<PeerDescription> heard, Instant now) {
        Map<PeerName, PeerDescription> holders = new HashMap<>();
        members.forEach(member -> holders.putIfAbsent(member.name(), member));
        Map<String, PeerRefused> refusedNow = new LinkedHashMap<>();
        Map<PeerName, PeerDescription> present = new TreeMap<>();
        for (PeerDescription member : members) {
            Optional<String> reason = refusal(member, holders)
                    .or(() ->
                            present.containsKey(member.name()) ? Optional.empty() : overLimit(member, present.size()));
            if (reason.isPresent()) {
                refusedNow.put(key(member), new PeerRefused(member, reason.get()));
            } else if (!member.name().equals(self.name())) {
                present.putIfAbsent(member.name(), member);
            }
        }
        present.values().retainAll(heard);
        nameTaken = refusedNow.containsKey(key(self));
        if (nameTaken) {
            present.clear(); // Everybody refuses us, so nobody is a peer of ours.
        }
        List<PeerEvent> events = new ArrayList<>();
        refusedNow.forEach((key, refusal) -> {
            if (!refusal.equals(refused.get(key))) {
                events.add(refusal);
            }
        });
        refused.clear();
        refused.putAll(refusedNow);
        Set<PeerName> silent = new HashSet<>();
        members.forEach(member -> silent.add(member.name()));
        events.addAll(departures(present, silent, now));
        present.forEach((name, peer) -> {
            leaving.remove(name);
            if (!peer.equals(accepted.put(name, peer))) {
                events.add(new PeerUp(peer));
            }
        });
        events.addAll(tick(now));
        return events;
    }

    /** A peer that is there but no longer accepted is gone at once, one that is not there only after a while. */
    private List<PeerEvent> departures(Map<PeerName, PeerDescription> present, Set<PeerName> silent, Instant now) {
        List<PeerEvent> events = new ArrayList<>();
        accepted.values().removeIf(peer -> {
            boolean gone = !present.containsKey(peer.name()) && (nameTaken || refused.containsKey(key(peer)));
            if (gone) {
                leaving.remove(peer.name());
                events.add(new PeerDown(peer.name()));
            }
            return gone;
        });
        accepted.keySet().stream()
                .filter(name -> !present.containsKey(name))
                .forEach(name -> leaving.putIfAbsent(
                        name, now.plus(silent.contains(name) ? departure.minus(SILENT) : departure)));
        return events;
    }

    /** Drops the peers whose grace period is over. */
    List<PeerEvent> tick(Instant now) {
        List<PeerEvent> events = new ArrayList<>();
        leaving.entrySet().removeIf(entry -> {
            if (now.isBefore(entry.getValue())) {
                return false;
            }
            accepted.remove(entry.getKey());
            events.add(new PeerDown(entry.getKey()));
            return true;
        });
        return events;
    }

    /** When {@link #tick} has something to do next. */
    Optional<Instant> nextTick() {
        return leaving.values().stream().min(Instant::compareTo);
    }

    Map<PeerName, PeerDescription> accepted() {
        return Map.copyOf(accepted);
    }

    /** Whether the peer has a member now, rather than being in its grace period. */
    boolean present(PeerName name) {
        return accepted.containsKey(name) && !leaving.containsKey(name);
    }

    /** Whether an older member has our name on another host, so that everybody refuses us. */
    boolean nameTaken() {
        return nameTaken;
    }

    List<PeerRefused> refused() {
        return List.copyOf(refused.values());
    }

    private Optional<String> refusal(PeerDescription peer, Map<PeerName, PeerDescription> holders) {
        PeerDescription holder = holders.getOrDefault(peer.name(), peer);
        String who = "peer " + peer.label() + " at " + peer.vtep();
        if (!holder.vtep().equals(peer.vtep())) {
            return Optional.of(
                    who + " has the name of the peer at " + holder.vtep() + ": launch it with another --name");
        }
        if (peer.name().equals(self.name())) {
            return peer.vtep().equals(self.vtep())
                    ? Optional.empty()
                    : Optional.of(who + " has the name of this peer at " + self.vtep()
                            + ": launch one of them with another --name");
        }
        if (peer.vtep().family() != self.vtep().family()) {
            return Optional.of(who + " has a tunnel of another address family than this peer at " + self.vtep()
                    + ": launch both with --host and an address of the same");
        }
        if (peer.protocol() != self.protocol()) {
            return Optional.of(who + " speaks protocol version " + peer.protocol() + " (" + peer.version()
                    + "), this peer speaks " + self.protocol() + " (" + self.version()
                    + "): run the same version on both");
        }
        if (!peer.universe().equals(self.universe())) {
            return Optional.of(who + " has address range " + peer.universe() + ", this peer has " + self.universe()
                    + ": launch both with the same --ipalloc-range");
        }
        if (!peer.poolRange().equals(self.poolRange())) {
            return Optional.of(who + " has pool range " + peer.poolRange() + ", this peer has " + self.poolRange()
                    + ": launch both with the same --ipalloc-pool-range");
        }
        if (!peer.domain().equals(self.domain())) {
            return Optional.of(who + " has domain " + peer.domain() + ", this peer has " + self.domain()
                    + ": launch both with the same --dns-domain");
        }
        return Optional.empty();
    }

    private Optional<String> overLimit(PeerDescription peer, int others) {
        return limit == ClusterOptions.NO_LIMIT || others < limit || peer.name().equals(self.name())
                ? Optional.empty()
                : Optional.of("peer " + peer.label() + " at " + peer.vtep()
                        + " is one too many: this peer connects to at" + " most " + limit + " (--conn-limit)");
    }

    private static String key(PeerDescription peer) {
        return peer.name() + " " + peer.vtep();
    }
}
