package io.weavemesh.contract;

import java.util.List;
import java.util.Set;

/** What dns-service is asked to do. */
public sealed interface DnsRequest<R extends Reply> extends Request<R> {

    /**
     * Gives an endpoint exactly these names for exactly these addresses, in place of those it had. Names outside the
     * domain are left out.
     */
    record RegisterName(EndpointId endpoint, ContainerId container, List<Fqdn> names, List<IpAddress> addresses)
            implements DnsRequest<Done> {
        public RegisterName {
            names = List.copyOf(names);
            addresses = List.copyOf(addresses);
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
