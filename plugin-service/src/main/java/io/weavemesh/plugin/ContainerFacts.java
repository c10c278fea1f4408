package io.weavemesh.plugin;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NetworkId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What Docker says of a container ({@code GET /containers/ID/json}), as far as its names depend on it.
 *
 * @param name without the slash Docker puts before it
 * @param ports what the image or its user exposes
 * @param running not while it waits for its restart
 * @param healthy false only while the {@code HEALTHCHECK} fails; true without one, and while the first one runs
 * @param attachments to networks of any driver; none while the container does not run
 */
public record ContainerFacts(
        ContainerId id,
        String name,
        String hostname,
        String domainname,
        List<ExposedPort> ports,
        boolean running,
        boolean healthy,
        List<Attachment> attachments) {

    private static final String UNHEALTHY = "unhealthy";

    public ContainerFacts {
        ports = List.copyOf(ports);
        attachments = List.copyOf(attachments);
    }

    /** A container's place in a network. */
    public record Attachment(NetworkId network, EndpointId endpoint, List<String> aliases, List<IpAddress> addresses) {
        public Attachment {
            aliases = List.copyOf(aliases);
            addresses = List.copyOf(addresses);
        }
    }

    /** Reads Docker's answer. */
    public static ContainerFacts of(Fields inspected) {
        String name = inspected.optionalText("Name").orElse("");
        Fields config = inspected.object("Config");
        Fields settings = inspected.object("NetworkSettings");
        List<Attachment> attachments = new ArrayList<>();
        Fields networks = settings.object("Networks");
        networks.names().forEach(network -> attachment(networks.object(network)).ifPresent(attachments::add));
        Fields state = inspected.object("State");
        Optional<String> health = state.object("Health").optionalText("Status");
        return new ContainerFacts(
                ContainerId.parse(inspected.text("Id")),
                name.startsWith("/") ? name.substring(1) : name,
                config.optionalText("Hostname").orElse(""),
                config.optionalText("Domainname").orElse(""),
                ports(
                        config.object("ExposedPorts").names(),
                        settings.object("Ports").names()),
                state.flag("Running") && !state.flag("Restarting"),
                !health.equals(Optional.of(UNHEALTHY)),
                attachments);
    }

    /** A network the container is in without running has no endpoint. */
    private static Optional<Attachment> attachment(Fields settings) {
        Optional<String> network = settings.optionalText("NetworkID");
        Optional<String> endpoint = settings.optionalText("EndpointID");
        if (network.isEmpty() || endpoint.isEmpty()) {
            return Optional.empty();
        }
        List<IpAddress> addresses = new ArrayList<>();
        settings.optionalText("IPAddress").map(IpAddress::parse).ifPresent(addresses::add);
        settings.optionalText("GlobalIPv6Address").map(IpAddress::parse).ifPresent(addresses::add);
        return Optional.of(new Attachment(
                NetworkId.parse(network.get()), EndpointId.parse(endpoint.get()), settings.list("Aliases"), addresses));
    }

    private static List<ExposedPort> ports(Set<String> exposed, Set<String> published) {
        Set<ExposedPort> ports = new TreeSet<>();
        exposed.forEach(text -> port(text).ifPresent(ports::add));
        published.forEach(text -> port(text).ifPresent(ports::add));
        return List.copyOf(ports);
    }

    private static Optional<ExposedPort> port(String text) {
        try {
            return Optional.of(ExposedPort.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional
                    .empty(); // Docker's API takes ranges such as 8000-8010/tcp; which of them is served, nobody knows.
        }
    }
}
