package io.weavemesh.contract;

/** The rule all opaque identifiers obey. */
final class Identifiers {

    /** Docker's own have 64 characters, pool identifiers up to about 100; more is not an identifier but an attack. */
    static final int MAX_LENGTH = 255;

    private Identifiers() {}

    static void check(String type, String value) {
        boolean fits = !value.isEmpty() && value.length() <= MAX_LENGTH;
        Check.argument(
                fits && value.chars().allMatch(c -> c > ' ' && c < 0x7f),
                "'%s' is not a %s (expected 1 to %d printable characters without spaces)",
                value.length() > MAX_LENGTH ? value.substring(0, 40) + "…" : value,
                type,
                MAX_LENGTH);
    }
}
