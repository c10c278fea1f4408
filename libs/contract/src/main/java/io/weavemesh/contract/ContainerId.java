package io.weavemesh.contract;

import java.util.Arrays;

/** Docker's identifier of a container, or one of our own such as {@code weave:extern}. */
public final class ContainerId implements Comparable<ContainerId> {

    private final byte[] packed;

    /**
     * The identifier in this text.
     *
     * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
     */
    public ContainerId(String value) {
        Identifiers.check("ContainerId", value);
        packed = Identifiers.pack(value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static ContainerId parse(String text) {
        return new ContainerId(text);
    }

    /** The text, made anew at each call. */
    public String value() {
        return Identifiers.text(packed);
    }

    @Override
    public int compareTo(ContainerId other) {
        return value().compareTo(other.value());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContainerId same && Arrays.equals(packed, same.packed);
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
