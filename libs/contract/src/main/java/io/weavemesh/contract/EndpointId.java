package io.weavemesh.contract;

import java.util.Arrays;

/** Docker's identifier of an endpoint: the attachment of one sandbox to one network. */
public final class EndpointId implements Comparable<EndpointId> {

    private final byte[] packed;

    /**
     * The identifier in this text.
     *
     * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
     */
    public EndpointId(String value) {
        Identifiers.check("EndpointId", value);
        packed = Identifiers.pack(value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static EndpointId parse(String text) {
        return new EndpointId(text);
    }

    /** The text, made anew at each call. */
    public String value() {
        return Identifiers.text(packed);
    }

    @Override
    public int compareTo(EndpointId other) {
        return value().compareTo(other.value());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EndpointId same && Arrays.equals(packed, same.packed);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(packed);
    }

    @Override
    public String toString() {
        return value();
    }
}
