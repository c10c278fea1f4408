package io.weavemesh.plugin;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest;
import io.weavemesh.contract.DnsRequest.DeregisterName;
import io.weavemesh.contract.DnsRequest.RegisterName;
import io.weavemesh.contract.DnsRequest.RetainNames;
import io.weavemesh.contract.Done;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.PluginReply.ContainerFound;
import io.weavemesh.plugin.ContainerFacts.Attachment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The containers on our networks, as Docker showed them last. Each look at one becomes what dns-service is to be told, and a
 * comparison with all of Docker's containers drops those that went without a word. Not who has which address: that is the
 * {@link EndpointBook}'s.
 */
public final class ContainerBook {

    private final Fqdn domain;
    private final EndpointBook endpoints;
    private final AttachmentBook attachments;
    private final Supplier<Set<EndpointId>> others;
    private final Map<ContainerId, Map<EndpointId, AttachedContainer>> containers = new TreeMap<>();

    /** Containers looked at since the running comparison began; they are up to date. */
    private final Set<ContainerId> seen = new HashSet<>();

    /**
     * The containers of a host where something besides Docker makes endpoints.
     *
     * @param others those endpoints, whose names are somebody else's to tell
     */
    public ContainerBook(
            Fqdn domain, EndpointBook endpoints, AttachmentBook attachments, Supplier<Set<EndpointId>> others) {
        this.domain = domain;
        this.endpoints = endpoints;
        this.attachments = attachments;
        this.others = others;
    }

    public ContainerBook(Fqdn domain, EndpointBook endpoints, AttachmentBook attachments) {
        this(domain, endpoints, attachments, Set::of);
    }

    /**
     * Takes what Docker shows of a container.
     *
     * @param gateways its addresses on {@code docker_gwbridge}: its questions come from there, or from a network that is not
     *     ours
     */
    public List<DnsRequest<Done>> inspected(ContainerFacts facts, List<IpAddress> gateways) {
        Map<EndpointId, AttachedContainer> attached = new LinkedHashMap<>();
        List<DnsRequest<Done>> news = new ArrayList<>();
        List<IpAddress> askFrom = askFrom(facts, gateways);
        for (Attachment attachment : facts.attachments()) {
            ours(attachment).ifPresent(endpoint -> {
                attached.put(
                        endpoint.id(),
                        new AttachedContainer(
                                facts.id(), facts.name(), endpoint.id(), endpoint.mac(), endpoint.addresses()));
                news.add(new RegisterName(
                        endpoint.id(),
                        facts.id(),
                        names(facts, attachment.aliases()),
                        endpoint.addresses(),
                        askFrom,
                        facts.ports(),
                        facts.healthy()));
            });
        }
        if (facts.running()) {
            attachments.of(facts.id()).forEach(endpoint -> {
                attached.put(endpoint.id(), attached(facts, endpoint));
                if (endpoint.names()) {
                    news.add(new RegisterName(
                            endpoint.id(),
                            facts.id(),
                            names(facts, List.of()),
                            endpoint.addresses(),
                            askFrom,
                            facts.ports(),
                            facts.healthy()));
                }
            });
        }
        replace(facts.id(), attached).forEach(endpoint -> news.addFirst(new DeregisterName(endpoint)));
        return news;
    }

    private static AttachedContainer attached(ContainerFacts facts, AttachedEndpoint endpoint) {
        return new AttachedContainer(facts.id(), facts.name(), endpoint.id(), endpoint.mac(), endpoint.addresses());
    }

    /** Docker has no such container. */
    public List<DnsRequest<Done>> gone(ContainerId container) {
        return replace(container, Map.of()).stream()
                .<DnsRequest<Done>>map(DeregisterName::new)
                .toList();
    }

    /** From now on every container Docker lists is looked at. */
    public void beginComparison() {
        seen.clear();
    }

    /** Every container Docker listed was looked at since the beginning: others do not run. */
    public RetainNames endComparison() {
        containers.keySet().retainAll(seen);
        Set<EndpointId> kept = new HashSet<>(others.get());
        attached().forEach(container -> kept.add(container.endpoint()));
        return new RetainNames(kept);
    }

    /** Containers with their endpoints of ours, in order. */
    public List<AttachedContainer> attached() {
        return containers.values().stream()
                .flatMap(attached -> attached.values().stream())
                .filter(container ->
                        endpoints.endpoint(container.endpoint()).isPresent() || attachments.has(container.endpoint()))
                .toList();
    }

    /** What somebody who names a container means: its first name, and its addresses on our networks. */
    public ContainerFound describe(ContainerFacts facts) {
        List<IpAddress> addresses = Stream.concat(
                        facts.attachments().stream()
                                .flatMap(attachment -> ours(attachment).stream())
                                .flatMap(endpoint -> endpoint.addresses().stream()),
                        attachments.of(facts.id()).stream().flatMap(endpoint -> endpoint.addresses().stream()))
                .map(Cidr::address)
                .toList();
        return new ContainerFound(facts.id(), names(facts, List.of()).stream().findFirst(), facts.running(), addresses);
    }

    private List<Fqdn> names(ContainerFacts facts, List<String> aliases) {
        return ContainerNames.of(facts.id(), facts.name(), facts.hostname(), facts.domainname(), aliases, domain);
    }

    /** Its endpoints that are there no more. */
    private Set<EndpointId> replace(ContainerId container, Map<EndpointId, AttachedContainer> attached) {
        seen.add(container);
        Map<EndpointId, AttachedContainer> before =
                attached.isEmpty() ? containers.remove(container) : containers.put(container, attached);
        Set<EndpointId> gone = new LinkedHashSet<>();
        if (before != null) {
            gone.addAll(before.keySet());
        }
        gone.removeAll(attached.keySet());
        return gone;
    }

    private Optional<Endpoint> ours(Attachment attachment) {
        return endpoints.network(attachment.network()).isEmpty()
                ? Optional.empty()
                : endpoints.endpoint(attachment.endpoint());
    }

    private List<IpAddress> askFrom(ContainerFacts facts, List<IpAddress> gateways) {
        Set<IpAddress> addresses = new LinkedHashSet<>(gateways);
        facts.attachments().stream()
                .filter(attachment -> ours(attachment).isEmpty())
                .forEach(attachment -> addresses.addAll(attachment.addresses()));
        return List.copyOf(addresses);
    }
}
