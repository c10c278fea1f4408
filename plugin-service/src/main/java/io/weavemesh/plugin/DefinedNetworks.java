package io.weavemesh.plugin;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.NetworkDefinition;
import io.weavemesh.contract.NetworkRow;
import io.weavemesh.contract.NetworkRow.Progress;
import io.weavemesh.contract.PeerName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/*
 * Idea: every peer keeps all definitions and tells all of them to every other, each as a row of its own part of a replicated
 * table. Whoever comes back learns from anybody what was defined and removed meanwhile, whether its author is there or not.
 * A name's latest definition wins, and a removal is a definition too, so peers that know the same definitions agree, in
 * whatever order they heard them. A clock that goes before the others' decides between two sides of a partition only: who
 * changes a network makes a later version than any that is known to it.
 *
 * Removals are kept, or a host that was away would bring the network back; as many as are worth a disk's page, the latest.
 */

/**
 * The networks that are defined for all hosts, as far as this peer knows, and how far this host is with each. Decides what
 * counts; what to do about it decides {@link NetworkPlan}. Not safe for several threads.
 */
public final class DefinedNetworks {

    /** The journal's map of definitions, by name. */
    public static final String MAP = "defined-networks";

    /** A page of the table; a host has no more bridges than this by far. */
    static final int MAX_NETWORKS = 1_000;

    /** Who was away while more than this many were removed may bring one back. */
    static final int MAX_REMOVED = 1_000;

    private final PeerName self;
    private final Map<String, NetworkRow> rows = new TreeMap<>();

    /** Takes what the journal holds. */
    public DefinedNetworks(PeerName self, Collection<NetworkDefinition> kept) {
        this.self = self;
        kept.forEach(definition -> rows.put(definition.name(), waiting(definition)));
    }

    /**
     * What is different now.
     *
     * @param written definitions to keep
     * @param erased names whose removal is to be remembered no longer
     */
    public record Change(List<NetworkDefinition> written, Set<String> erased) {
        public Change {
            written = List.copyOf(written);
            erased = Set.copyOf(erased);
        }

        public boolean isEmpty() {
            return written.isEmpty() && erased.isEmpty();
        }
    }

    /** How far this host is with each, by name: our part of the table. */
    public List<NetworkRow> rows() {
        return List.copyOf(rows.values());
    }

    public Optional<NetworkRow> row(String name) {
        return Optional.ofNullable(rows.get(name));
    }

    /** The latest definition of a network that is not removed. */
    public Optional<NetworkDefinition> live(String name) {
        return row(name).map(NetworkRow::definition).filter(definition -> !definition.removed());
    }

    /** Whether there is one that is defined, with this subnet. */
    public boolean hasSubnet(Cidr subnet) {
        return living().stream().anyMatch(definition -> definition.subnets().contains(subnet));
    }

    /** Takes definitions from wherever; those that are not the latest of their name change nothing. */
    public Change learn(Collection<NetworkDefinition> heard) {
        Set<String> changed = new LinkedHashSet<>();
        for (NetworkDefinition definition : heard) {
            Optional<NetworkDefinition> known = row(definition.name()).map(NetworkRow::definition);
            if (known.isEmpty() || definition.isLaterThan(known.get())) {
                rows.put(definition.name(), waiting(definition));
                changed.add(definition.name());
            }
        }
        Set<String> erased = forgetOldest();
        changed.removeAll(erased);
        return new Change(
                changed.stream()
                        .flatMap(name -> row(name).stream())
                        .map(NetworkRow::definition)
                        .toList(),
                erased);
    }

    /**
     * A later definition of a network than any we know, which is to be kept and then learnt.
     *
     * @throws IllegalArgumentException if another network has one of the subnets, or there are too many
     */
    public NetworkDefinition define(NewNetwork wanted, List<Cidr> subnets, Instant now) {
        List<NetworkDefinition> others = living().stream()
                .filter(other -> !other.name().equals(wanted.name()))
                .toList();
        for (NetworkDefinition other : others) {
            for (Cidr subnet : other.subnets()) {
                Check.argument(
                        subnets.stream().noneMatch(subnet::overlaps),
                        "network '%s' with %s: network '%s' is defined with %s already",
                        wanted.name(),
                        texts(subnets),
                        other.name(),
                        subnet);
            }
        }
        Check.argument(
                others.size() < MAX_NETWORKS,
                "%d networks are defined for all hosts, which is the most there can be: remove some (weave network rm)",
                others.size());
        return new NetworkDefinition(wanted.name(), next(wanted.name(), now), self, false, subnets, wanted.options());
    }

    /** The removal of a network we know, which is to be kept and then learnt. */
    public NetworkDefinition undefine(NetworkDefinition definition, Instant now) {
        return new NetworkDefinition(
                definition.name(),
                next(definition.name(), now),
                self,
                true,
                definition.subnets(),
                definition.options());
    }

    /** This host is so far with a definition; whether that is news. Nothing happens if there is a later one by now. */
    public boolean settle(NetworkDefinition definition, Progress progress, String detail) {
        NetworkRow row = new NetworkRow(definition, progress, detail);
        boolean news = row(definition.name())
                .filter(known -> known.definition().equals(definition) && !known.equals(row))
                .isPresent();
        if (news) {
            rows.put(definition.name(), row);
        }
        return news;
    }

    private List<NetworkDefinition> living() {
        return rows.values().stream()
                .map(NetworkRow::definition)
                .filter(definition -> !definition.removed())
                .toList();
    }

    private long next(String name, Instant now) {
        return Math.max(row(name).map(row -> row.definition().version() + 1).orElse(0L), now.toEpochMilli());
    }

    /** Of the removed ones that are too many the oldest. The same on every peer that has heard the same. */
    private Set<String> forgetOldest() {
        List<NetworkDefinition> removed = new ArrayList<>(rows.values().stream()
                .map(NetworkRow::definition)
                .filter(NetworkDefinition::removed)
                .toList());
        Set<String> erased = new LinkedHashSet<>();
        removed.sort(Comparator.comparingLong(NetworkDefinition::version).thenComparing(NetworkDefinition::author));
        for (NetworkDefinition oldest : removed.subList(0, Math.max(0, removed.size() - MAX_REMOVED))) {
            rows.remove(oldest.name());
            erased.add(oldest.name());
        }
        return erased;
    }

    private static NetworkRow waiting(NetworkDefinition definition) {
        return new NetworkRow(definition, Progress.WAITING, "");
    }

    static String texts(List<Cidr> subnets) {
        return String.join(" and ", subnets.stream().map(Cidr::toString).toList());
    }
}
