package io.weavemesh.contract;

/**
 * What {@code RequestPool} answered: the opaque name of a pool of addresses.
 *
 * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
 */
public record PoolId(String value) implements Comparable<PoolId> {

    public PoolId {
        Identifiers.check("PoolId", value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static PoolId parse(String text) {
        return new PoolId(text);
    }

    @Override
    public int compareTo(PoolId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
