package io.weavemesh.cluster;

import io.weavemesh.cluster.Probe.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses of members we know of, present or not, and the targets somebody gave us. Pure. An address stays until it is
 * forgotten by command: a partition may last longer than anybody's patience.
 */
final class AddressBook {

    /** More addresses than a cluster of the size we are made for has in its lifetime; a bound against nonsense. */
    private static final int MAX_ADDRESSES = 10_000;

    private final String own;
    private final boolean discovery;
    private final Set<String> local;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private Map<Target, Finding> findings = Map.of();

    AddressBook(String own, Collection<String> localMembers) {
        this(own, localMembers, true);
    }

    /**
     * @param localMembers those of this host's other services
     * @param discovery whether to remember addresses that are no target's
     */
    AddressBook(String own, Collection<String> localMembers, boolean discovery) {
        this.own = own;
        this.local = Set.copyOf(localMembers);
        this.discovery = discovery;
        local.forEach(this::learn);
    }

    void addTarget(Target target) {
        targets.put(target.text(), target);
    }

    /** Removes targets; what is left are the addresses nobody has to look at any longer. */
    Set<String> removeTargets(Collection<String> texts, Set<String> members) {
        Set<String> unwanted = new LinkedHashSet<>();
        for (String text : texts) {
            Target target = targets.remove(text);
            if (target != null) {
                address(target).ifPresent(unwanted::add);
            }
        }
        unwanted.removeIf(address -> !forget(address, members));
        return unwanted;
    }

    /** Forgets an address, unless it is that of a member or of a target of ours; whether it did. */
    boolean forget(String address, Set<String> members) {
        boolean needed = members.contains(address) || isTargets(address);
        if (!needed) {
            known.remove(address);
        }
        return !needed;
    }

    /** Adds an address somebody knows of; whether it is new. */
    boolean learn(String address) {
        return !address.equals(own)
                && (discovery || local.contains(address) || isTargets(address))
                && known.size() < MAX_ADDRESSES
                && known.add(address);
    }

    /** What is worth looking at: targets that are no members, and, for the oldest member, every address that is none. */
    List<Target> toLookAt(Set<String> members, boolean oldest) {
        List<Target> absent = new ArrayList<>();
        targets.values().stream()
                .filter(target -> !address(target).map(members::contains).orElse(false))
                .forEach(absent::add);
        if (oldest) {
            Set<String> looked = new HashSet<>();
            absent.forEach(target -> address(target).ifPresent(looked::add));
            known.stream()
                    .filter(address -> !members.contains(address) && looked.add(address))
                    .forEach(address -> absent.add(Target.parse(address)));
        }
        return absent;
    }

    /** Takes what was found, in place of what was found before; gives the addresses that answered. */
    Set<String> found(Map<Target, Finding> found) {
        Map<Target, Finding> now = new LinkedHashMap<>();
        targets.values().forEach(target -> {
            Finding finding = found.getOrDefault(target, findings.get(target));
            if (finding != null) {
                now.put(target, finding);
            }
        });
        findings = now;
        now.values().forEach(finding -> finding.address().ifPresent(this::learn));
        Set<String> answering = new LinkedHashSet<>();
        found.values().stream()
                .filter(finding -> finding.answers() && !finding.address().equals(Optional.of(own)))
                .forEach(finding -> finding.address().ifPresent(answering::add));
        return answering;
    }

    /** The addresses we answer for, to be told to the others: those of our targets. */
    Set<String> targetAddresses() {
        Set<String> addresses = new LinkedHashSet<>();
        targets.values().forEach(target -> address(target).ifPresent(addresses::add));
        return addresses;
    }

    List<Target> targets() {
        return List.copyOf(targets.values());
    }

    Map<Target, Finding> findings() {
        return Map.copyOf(findings);
    }

    private boolean isTargets(String address) {
        return targets.values().stream().anyMatch(target -> address(target).equals(Optional.of(address)));
    }

    private Optional<String> address(Target target) {
        return Optional.ofNullable(findings.get(target)).flatMap(Finding::address);
    }
}
