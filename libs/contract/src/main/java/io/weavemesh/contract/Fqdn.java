package io.weavemesh.contract;

import java.util.Locale;

/**
 * A fully qualified domain name, kept in lower case with its trailing dot, since names compare without regard to case
 * (RFC 4343). Not the spelling a question used: answers repeat that from the question.
 *
 * @param value for example {@code foo.weave.local.}
 */
public record Fqdn(String value) implements Comparable<Fqdn> {

    /** RFC 1035 s2.3.4, less the length octet and the root label. */
    private static final int MAX_LENGTH = 254;

    /** RFC 1035 s2.3.4. */
    private static final int MAX_LABEL_LENGTH = 63;

    public Fqdn {
        value = value.toLowerCase(Locale.ROOT);
        Check.argument(value.endsWith("."), "'%s' is not fully qualified: it has no trailing dot", value);
        Check.argument(value.length() <= MAX_LENGTH, "'%s' is longer than %d characters", value, MAX_LENGTH);
        if (!value.equals(".")) {
            for (String label : value.substring(0, value.length() - 1).split("\\.", -1)) {
                Check.argument(
                        !label.isEmpty() && label.length() <= MAX_LABEL_LENGTH,
                        "'%s' is not a domain name: label '%s' must have 1 to %d characters",
                        value,
                        label,
                        MAX_LABEL_LENGTH);
                Check.argument(
                        label.chars().allMatch(c -> c > ' ' && c < 0x7f),
                        "'%s' is not a domain name: label '%s' has characters that are not printable ASCII",
                        value,
                        label);
            }
        }
    }

    /** Reads {@code foo.weave.local} or {@code foo.weave.local.}; either is taken as fully qualified. */
    public static Fqdn parse(String text) {
        return new Fqdn(text.endsWith(".") ? text : text + ".");
    }

    /** Whether this name is the domain itself or below it. */
    public boolean isWithin(Fqdn domain) {
        return domain.value.equals(".") || value.equals(domain.value) || value.endsWith("." + domain.value);
    }

    /** This label or relative name put in front of a domain: {@code foo} in {@code weave.local.}. */
    public static Fqdn qualify(String relative, Fqdn domain) {
        return new Fqdn(domain.value.equals(".") ? relative + "." : relative + "." + domain.value);
    }

    @Override
    public int compareTo(Fqdn other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
