package io.weavemesh.contract;

/**
 * Docker's identifier of an endpoint: the attachment of one sandbox to one network.
 *
 * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
 */
public record EndpointId(String value) implements Comparable<EndpointId> {

    public EndpointId {
        Identifiers.check("EndpointId", value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static EndpointId parse(String text) {
        return new EndpointId(text);
    }

    @Override
    public int compareTo(EndpointId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
