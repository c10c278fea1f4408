package io.weavemesh.contract;

import java.util.Locale;
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
        String note = name.orElse(kind == Kind.RESERVED ? "a gateway or --aux-address" : "");
        return kind.name().toLowerCase(Locale.ROOT) + " " + id + (note.isEmpty() ? "" : " (" + note + ")");
    }
}
