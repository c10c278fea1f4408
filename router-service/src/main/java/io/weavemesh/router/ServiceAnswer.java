package io.weavemesh.router;

import java.util.Optional;

/**
 * What a service of this host said when it was asked for a page: its status, or why there is none.
 *
 * @param <T> the status
 */
public sealed interface ServiceAnswer<T> {

    /** It answered. */
    record Up<T>(T status) implements ServiceAnswer<T> {}

    /** It did not; the reason is for people. */
    record Down<T>(String reason) implements ServiceAnswer<T> {}

    /** The status, if there is one. */
    default Optional<T> known() {
        return this instanceof Up<T>(T status) ? Optional.of(status) : Optional.empty();
    }
}
