package io.weavemesh.contract;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A fully qualified domain name, kept in lower case with its trailing dot, since names compare without regard to case
 * (RFC 4343). Not the spelling a question used: answers repeat that from the question.
 *
 * <p>It is kept in the form it has in messages, because the dns service of every peer needs that of every name there is.
 */
public final class Fqdn implements Comparable<Fqdn> {

    /** RFC 1035 s2.3.4, less the length octet and the root label. */
    private static final int MAX_LENGTH = 254;

    /** RFC 1035 s2.3.4. */
    private static final int MAX_LABEL_LENGTH = 63;

    private final byte[] wire;

    /**
     * The name in this text.
     *
     * @param value for example {@code foo.weave.local.}
     */
    public Fqdn(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        Check.argument(lower.endsWith("."), "'%s' is not fully qualified: it has no trailing dot", lower);
        Check.argument(lower.length() <= MAX_LENGTH, "'%s' is longer than %d characters", lower, MAX_LENGTH);
        if (!lower.equals(".")) {
            for (String label : lower.substring(0, lower.length() - 1).split("\\.", -1)) {
                check(lower, label);
            }
        }
        this.wire = lower.equals(".") ? new byte[1] : wire(lower);
    }

    private static void check(String name, String label) {
        Check.argument(
                !label.isEmpty() && label.length() <= MAX_LABEL_LENGTH,
                "'%s' is not a domain name: label '%s' must have 1 to %d characters",
                name,
                label,
                MAX_LABEL_LENGTH);
        Check.argument(
                label.chars().allMatch(c -> c > ' ' && c < 0x7f),
                "'%s' is not a domain name: label '%s' has characters that are not printable ASCII",
                name,
                label);
    }

    /** A length octet before each label takes the place of the dot behind the one before it. */
    private static byte[] wire(String name) {
        byte[] wire = ("." + name).getBytes(StandardCharsets.US_ASCII);
        int end = wire.length - 1;
        wire[end] = 0;
        for (int i = end - 1; i >= 0; i--) {
            if (wire[i] == '.') {
                wire[i] = (byte) (end - i - 1);
                end = i;
            }
        }
        return wire;
    }

    /** Reads {@code foo.weave.local} or {@code foo.weave.local.}; either is taken as fully qualified. */
    public static Fqdn parse(String text) {
        return new Fqdn(text.endsWith(".") ? text : text + ".");
    }

    /** This label or relative name put in front of a domain: {@code foo} in {@code weave.local.}. */
    public static Fqdn qualify(String relative, Fqdn domain) {
        return new Fqdn(domain.wire.length == 1 ? relative + "." : relative + "." + domain);
    }

    /** The text with its last dot, made anew at each call. */
    public String value() {
        if (wire.length == 1) {
            return ".";
        }
        byte[] text = wire.clone();
        for (int dot = wire[0] + 1; dot < wire.length; dot += wire[dot] + 1) {
            text[dot] = '.';
        }
        return new String(text, 1, text.length - 1, StandardCharsets.US_ASCII);
    }

    /**
     * The name as in messages: labels, each behind its length, and a zero (RFC 1035 s3.1). It is not a copy, so that it need
     * not be kept twice: do not change it.
     */
    public byte[] wire() {
        return wire;
    }

    /** Whether this name is the domain itself or below it. */
    public boolean isWithin(Fqdn domain) {
        int start = 0;
        while (wire.length - start > domain.wire.length) {
            start += wire[start] + 1;
        }
        return Arrays.equals(wire, start, wire.length, domain.wire, 0, domain.wire.length);
    }

    @Override
    public int compareTo(Fqdn other) {
        return value().compareTo(other.value());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fqdn same && Arrays.equals(wire, same.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    @Override
    public String toString() {
        return value();
    }
}
