package io.weavemesh.contract;

import java.util.Locale;

/**
 * A port a container says it serves, as in {@code EXPOSE 80/tcp}. Not a port published on the host.
 *
 * @param number 1 to 65535
 */
public record ExposedPort(Transport transport, int number) implements Comparable<ExposedPort> {

    /** What Docker lets a container expose. */
    public enum Transport {
        TCP,
        UDP,
        SCTP
    }

    private static final int MAX_NUMBER = 65_535;

    public ExposedPort {
        Check.argument(number >= 1 && number <= MAX_NUMBER, "port %d is not between 1 and %d", number, MAX_NUMBER);
    }

    /**
     * Reads {@code 80/tcp}, as Docker writes it; the inverse of {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text is not a number, a slash and a transport
     */
    public static ExposedPort parse(String text) {
        int slash = text.indexOf('/');
        String number = slash < 0 ? "" : text.substring(0, slash);
        boolean decimal = !number.isEmpty()
                && number.length() <= 5
                && number.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        Check.argument(decimal, "'%s' is not a port (expected for example 80/tcp)", text);
        for (Transport transport : Transport.values()) {
            if (transport.name().equals(text.substring(slash + 1).toUpperCase(Locale.ROOT))) {
                return new ExposedPort(transport, Integer.parseInt(number));
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not a port (expected /tcp, /udp or /sctp)");
    }

    @Override
    public int compareTo(ExposedPort other) {
        int byTransport = transport.compareTo(other.transport);
        return byTransport != 0 ? byTransport : Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return number + "/" + transport.name().toLowerCase(Locale.ROOT);
    }
}
