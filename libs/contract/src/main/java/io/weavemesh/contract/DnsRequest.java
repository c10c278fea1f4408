package io.weavemesh.contract;

import java.util.List;
import java.util.Set;

/** What dns-service is asked to do. */
public sealed interface DnsRequest<R extends Reply> extends Request<R> {

    /**
     * Gives an endpoint exactly these names for exactly these addresses, in place of those it had. Names outside the
     * domain are left out.
     *
     * @param addresses each with the prefix length of the subnet it is in, or with its full length if it is in none of ours
     * @param askFrom further addresses this container's questions come from, such as that on {@code docker_gwbridge}
     * @param ports what the container serves; of more than {@value NameRow#MAX_PORTS} the first in order are told to others
     * @param healthy false only while Docker's {@code HEALTHCHECK} says unhealthy; true without one, and while it starts
     */
    record RegisterName(
            EndpointId endpoint,
            ContainerId container,
            List<Fqdn> names,
            List<Cidr> addresses,
            List<IpAddress> askFrom,
            List<ExposedPort> ports,
            boolean healthy)
            implements DnsRequest<Done> {
        public RegisterName {
            names = List.copyOf(names);
            addresses = List.copyOf(addresses);
            askFrom = List.copyOf(askFrom);
            ports = List.copyOf(ports);
        }
    }

    /** Removes all names of an endpoint. Success if it has none. */
    record DeregisterName(EndpointId endpoint) implements DnsRequest<Done> {}

    /** Removes the names of every endpoint of this host that is not in the set. */
    record RetainNames(Set<EndpointId> endpoints) implements DnsRequest<Done> {
        public RetainNames {
            endpoints = Set.copyOf(endpoints);
        }
    }

    /** Asks for every name of every peer. */
    record ListNames() implements DnsRequest<DnsReply.Names> {}

    /** Asks how name service is doing. */
    record DnsStatusQuery() implements DnsRequest<DnsReply.DnsStatus> {}
}
