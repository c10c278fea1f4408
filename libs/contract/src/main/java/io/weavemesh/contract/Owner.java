package io.weavemesh.contract;

import java.util.Optional;

/**
 * Who holds an address.
 *
 * @param kind what sort of holder
 * @param id the endpoint, container or token that identifies the holder within its kind
 * @param name the container's name, where somebody told us
 */
public record Owner(Kind kind, String id, Optional<String> name) {

    /** The sorts of holders. */
    public enum Kind {
        /** Asked for by Docker, which does not say for which endpoint until {@code CreateEndpoint}. */
        UNBOUND,
        /** An endpoint of a Docker network. */
        ENDPOINT,
        /** A container attached by command. */
        CONTAINER,
        /** The host itself, by {@code weave expose}. */
        EXPOSE,
        /** A gateway or auxiliary address of a Docker network. */
        RESERVED
    }

    public Owner {
        Identifiers.check("owner", id);
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + id
                + name.map(n -> " (" + n + ")").orElse("");
    }
}
