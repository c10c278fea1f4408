package io.weavemesh.dns;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsRequest.RemoveNames;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import java.util.Optional;

/**
 * A change to the names of this host that somebody made by hand. It is kept on disk.
 *
 * @param endpoint what it lives as long as; nothing for a name that stands until it is removed
 */
public record HandMade(Kind kind, Fqdn name, IpAddress address, ContainerId container, Optional<EndpointId> endpoint) {

    /** The disk's map of these. */
    public static final String MAP = "by-hand";

    /** Names that stand are of an endpoint of their own, which Docker does not know. */
    private static final String STANDING = "name:";

    /** What was done. */
    public enum Kind {
        /** The address got the name. */
        ADDED,
        /** The name, which the container has by itself, was taken away. */
        WITHDRAWN
    }

    /** That a row an endpoint has by itself is taken away. */
    static HandMade withdrawal(NameRow row) {
        return new HandMade(Kind.WITHDRAWN, row.name(), row.address(), row.container(), Optional.of(row.endpoint()));
    }

    /** Identifies it among all of this host. */
    public String key() {
        return kind + " " + name + " " + address + " " + container
                + endpoint.map(bound -> " " + bound).orElse("");
    }

    HandMade as(Kind other) {
        return new HandMade(other, name, address, container, endpoint);
    }

    HandMade of(EndpointId bound) {
        return new HandMade(kind, name, address, container, Optional.of(bound));
    }

    /** Whose row it becomes. */
    EndpointId rowEndpoint() {
        return endpoint.orElseGet(() -> new EndpointId(STANDING + container + ":" + address));
    }

    boolean matches(RemoveNames request) {
        return request.container().map(container::equals).orElse(true)
                && request.address().map(address::equals).orElse(true)
                && request.name().map(name::equals).orElse(true);
    }
}
