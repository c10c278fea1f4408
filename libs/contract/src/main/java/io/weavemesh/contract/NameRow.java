package io.weavemesh.contract;

import java.util.List;

/**
 * One name of one endpoint with one address.
 *
 * @param name the full name
 * @param address what it resolves to
 * @param container whose name it is, for people
 * @param endpoint the endpoint whose life bounds the record's
 * @param ports what the container serves there, at most {@value #MAX_PORTS}, each once
 * @param healthy false while Docker's {@code HEALTHCHECK} of the container fails
 */
public record NameRow(
        Fqdn name,
        IpAddress address,
        ContainerId container,
        EndpointId endpoint,
        List<ExposedPort> ports,
        boolean healthy)
        implements TableRow {

    /** Images expose a handful; a page of a thousand rows with so many stays far below what the bus carries. */
    public static final int MAX_PORTS = 32;

    public NameRow {
        ports = List.copyOf(ports);
        Check.argument(
                ports.size() <= MAX_PORTS, "%s has %d ports (expected at most %d)", name, ports.size(), MAX_PORTS);
    }

    /** A name of something that serves no port we know of, and is well as far as we know. */
    public NameRow(Fqdn name, IpAddress address, ContainerId container, EndpointId endpoint) {
        this(name, address, container, endpoint, List.of(), true);
    }

    @Override
    public String key() {
        return name + " " + address + " " + endpoint;
    }
}
