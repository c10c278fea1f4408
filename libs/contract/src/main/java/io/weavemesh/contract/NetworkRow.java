package io.weavemesh.contract;

/**
 * What a peer knows of a network that is defined for all hosts, and how far it is with it on its own host.
 *
 * @param definition the latest one this peer knows
 * @param detail for people: who uses it, what Docker said; empty if there is nothing to say
 */
public record NetworkRow(NetworkDefinition definition, Progress progress, String detail) implements TableRow {

    /** Docker's errors are shorter; see {@link NetworkDefinition#MAX_NAME} for why there is a limit. */
    private static final int MAX_DETAIL = 1_000;

    /** How far a host is with what the definition wants: to have the network, or not to have it. */
    public enum Progress {
        /** It has not looked yet. */
        WAITING,
        /** It is so. */
        DONE,
        /** A network made for an earlier definition has containers in it; it goes as soon as nobody uses it. */
        IN_USE,
        /** Docker has a network of this name there that somebody made otherwise. */
        CONFLICT,
        /** It could not be done; it is tried again. */
        FAILED
    }

    public NetworkRow {
        detail = detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL);
    }

    @Override
    public String key() {
        return definition.name();
    }
}
