package io.weavemesh.contract;

/**
 * Docker's identifier of a network on one host. The same network has another one on every host.
 *
 * @param value 1 to {@value Identifiers#MAX_LENGTH} characters, no spaces or control characters
 */
public record NetworkId(String value) implements Comparable<NetworkId> {

    public NetworkId {
        Identifiers.check("NetworkId", value);
    }

    /** The identifier in this text; the inverse of {@link #toString()}. */
    public static NetworkId parse(String text) {
        return new NetworkId(text);
    }

    @Override
    public int compareTo(NetworkId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
