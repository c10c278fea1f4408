package io.weavemesh.netlink;

import java.util.HexFormat;
import java.util.stream.Collectors;

/** Bytes as annotated text: hexadecimal digits in any grouping, a comment after each {@code #}. */
final class Hex {

    private Hex() {}

    static byte[] bytes(String annotated) {
        String digits = annotated
                .lines()
                .map(line -> line.replaceAll("#.*", "").replaceAll("\\s", ""))
                .collect(Collectors.joining());
        return HexFormat.of().parseHex(digits);
    }

    /** A reader over the body of a message. */
    static MessageReader reader(String annotated) {
        byte[] bytes = bytes(annotated);
        return new MessageReader("test", bytes, 0, bytes.length);
    }
}
