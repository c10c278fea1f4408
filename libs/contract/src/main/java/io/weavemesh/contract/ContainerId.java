package io.weavemesh.contract;

/**
 * Docker's identifier of a container, or one of our own such as {@code weave:extern}.
 *
 * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
 */
public record ContainerId(String value) implements Comparable<ContainerId> {

    public ContainerId {
        Identifiers.check("ContainerId", value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static ContainerId parse(String text) {
        return new ContainerId(text);
    }

    @Override
    public int compareTo(ContainerId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
