package io.weavemesh.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The identity of a peer, which is a host of the overlay: 48 bits in the form of a MAC address. Not its host name or
 * address, which may change.
 *
 * @param bits the name in the lower 48 bits
 */
public record PeerName(long bits) implements Comparable<PeerName> {

    private static final int PAIRS = 6;

    public PeerName {
        Check.argument(bits >>> 48 == 0 && bits != 0, "a peer name has 48 bits and is not zero, got %x", bits);
    }

    /**
     * Reads {@code 2e:11:0a:9f:44:01}, and {@code ::1} for {@code 00:00:00:00:00:01}: two colons stand for as many pairs of
     * zeros as are missing.
     *
     * @throws IllegalArgumentException if the text is not six pairs of hexadecimal digits with colons, or all zero
     */
    public static PeerName parse(String text) {
        String full = expanded(text);
        Check.argument(
                full.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"),
                "'%s' is not a peer name (expected for example 2e:11:0a:9f:44:01)",
                text);
        return new PeerName(MacAddress.parse(full).bits());
    }

    private static String expanded(String text) {
        int gap = text.indexOf("::");
        if (gap < 0
                || !text.matches("([0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2})*)?::([0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2})*)?")) {
            return text;
        }
        List<String> before = pairs(text.substring(0, gap));
        List<String> after = pairs(text.substring(gap + 2));
        List<String> all = new ArrayList<>(before);
        while (all.size() + after.size() < PAIRS) {
            all.add("00");
        }
        all.addAll(after);
        return String.join(":", all);
    }

    private static List<String> pairs(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(":", -1))
                        .map(pair -> pair.length() == 1 ? "0" + pair : pair)
                        .toList();
    }

    @Override
    public int compareTo(PeerName other) {
        return Long.compare(bits, other.bits);
    }

    @Override
    public String toString() {
        return new MacAddress(bits).toString();
    }
}
