package io.weavemesh.plugin;

import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What CNI made on this host. What is in it is in the journal, too. */
public final class CniBook {

    /** Between the two it takes to make an endpoint the router has it not yet; a busy machine may take seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Map<EndpointId, CniAttachment> attachments = new TreeMap<>();
    private final Absences<EndpointId> lost = new Absences<>(PATIENCE);

    /** Takes what the journal holds. */
    public CniBook(Collection<CniAttachment> journal) {
        journal.forEach(this::put);
    }

    void put(CniAttachment attachment) {
        attachments.put(attachment.id(), attachment);
    }

    void remove(EndpointId id) {
        attachments.remove(id);
    }

    public boolean has(EndpointId id) {
        return attachments.containsKey(id);
    }

    Optional<CniAttachment> find(EndpointId id) {
        return Optional.ofNullable(attachments.get(id));
    }

    public List<CniAttachment> all() {
        return List.copyOf(attachments.values());
    }

    public Set<EndpointId> ids() {
        return Set.copyOf(attachments.keySet());
    }

    /** Whether no other one is in the segment of this one. */
    boolean lastInSegment(CniAttachment attachment) {
        return attachments.values().stream()
                .noneMatch(other ->
                        !other.id().equals(attachment.id()) && other.segment().equals(attachment.segment()));
    }

    /**
     * Those whose interface is gone for good, and with it the container's network: the host was switched off, or the runtime
     * never said so.
     *
     * @param routed all endpoints the router has on this host
     * @param uptime on a clock that only goes forward
     */
    public List<CniAttachment> lost(Set<EndpointId> routed, Duration uptime) {
        Set<EndpointId> missing = new HashSet<>(attachments.keySet());
        missing.removeAll(routed);
        return lost.confirm(missing, uptime).stream()
                .flatMap(id -> find(id).stream())
                .toList();
    }

    /** For the status. */
    public List<AttachedContainer> attached() {
        return attachments.values().stream()
                .flatMap(one -> one
                        .mac()
                        .map(mac -> new AttachedContainer(
                                one.container(),
                                one.names().stream()
                                        .findFirst()
                                        .map(Object::toString)
                                        .orElse(one.container().value()),
                                one.id(),
                                mac,
                                one.addresses()))
                        .stream())
                .toList();
    }
}
