package io.weavemesh.dns;

import io.weavemesh.contract.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A message as text in zone-file form, by a decoder that has nothing in common with the one under test. Addresses are sorted
 * to remove the noise of their shuffling. Fails on anything that is not exactly one well-formed message.
 */
final class MessageText {

    private static final List<String> RCODES =
            List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

    private final byte[] message;
    private final boolean sorted;
    private int at = 12;

    private MessageText(byte[] message, boolean sorted) {
        this.message = message;
        this.sorted = sorted;
    }

    /** First line: RCODE and flags. Then the question behind a semicolon, and each section's records. */
    static String of(byte[] message) {
        return new MessageText(message, true).text();
    }

    /** The same, with the records of each section as they are. */
    static String inOrder(byte[] message) {
        return new MessageText(message, false).text();
    }

    private String text() {
        int flags = u16(2);
        StringBuilder text = new StringBuilder();
        List<String> records = new ArrayList<>();
        for (int i = 0; i < u16(4); i++) {
            String question = ";" + name() + " " + typeName(u16(at)) + "\n";
            at += 4;
            records.add(question);
        }
        int extended = 0;
        String[] sections = {"", "authority ", "additional "};
        List<String> lines = new ArrayList<>();
        for (int section = 0; section < 3; section++) {
            List<String> inSection = new ArrayList<>();
            for (int i = 0; i < u16(6 + 2 * section); i++) {
                int optAt = at;
                String record = record();
                if (record.startsWith("OPT")) {
                    extended = message[optAt + 5] & 0xff;
                }
                inSection.add(sections[section] + record + "\n");
            }
            if (sorted) {
                Collections.sort(inSection);
            }
            lines.addAll(inSection);
        }
        if (at != message.length) {
            throw new AssertionError("message of " + message.length + " octets has " + at);
        }
        int rcode = extended << 4 | flags & 0xf;
        text.append(rcode == 16 ? "BADVERS" : RCODES.get(rcode));
        String[] names = {"qr", "", "", "", "", "aa", "tc", "rd", "ra", "z", "ad", "cd"};
        for (int bit = 0; bit < names.length; bit++) {
            if (!names[bit].isEmpty() && (flags & 0x8000 >>> bit) != 0) {
                text.append(' ').append(names[bit]);
            }
        }
        text.append('\n');
        records.forEach(text::append);
        lines.forEach(text::append);
        return text.toString();
    }

    private String record() {
        String owner = name();
        int type = u16(at);
        int rrClass = u16(at + 2);
        int ttl = u16(at + 4) << 16 | u16(at + 6);
        int length = u16(at + 8);
        at += 10;
        int end = at + length;
        String data = type == 41 ? "" : data(type, end);
        if (type == 41) {
            at = end;
            return "OPT size=" + rrClass + " version=" + (ttl >> 16 & 0xff) + ((ttl & 0x8000) != 0 ? " do" : "");
        }
        if (at != end) {
            throw new AssertionError("data of " + owner + " ends at " + at + ", not at " + end);
        }
        return owner + " " + ttl + " " + (rrClass == 1 ? "IN" : "CLASS" + rrClass) + " " + typeName(type) + " " + data;
    }

    private String data(int type, int end) {
        return switch (type) {
            case 1, 28 -> IpAddress.ofBytes(octetsTo(end)).toString();
            case 2, 12 -> name();
            case 33 -> {
                String numbers = u16(at) + " " + u16(at + 2) + " " + u16(at + 4) + " ";
                at += 6;
                yield numbers + name();
            }
            case 6 -> {
                StringBuilder text = new StringBuilder(name()).append(' ').append(name());
                for (int i = 0; i < 5; i++, at += 4) {
                    text.append(' ').append(i == 0 ? "SERIAL" : String.valueOf(u16(at) << 16 | u16(at + 2)));
                }
                yield text.toString();
            }
            default -> HexFormat.of().formatHex(octetsTo(end));
        };
    }

    private byte[] octetsTo(int end) {
        byte[] octets = Arrays.copyOfRange(message, at, end);
        at = end;
        return octets;
    }

    private String name() {
        StringBuilder text = new StringBuilder();
        int here = at;
        boolean jumped = false;
        for (int steps = 0; ; steps++) {
            if (steps > 200) {
                throw new AssertionError("a name has no end at " + at);
            }
            int size = message[here] & 0xff;
            if (size >= 0xc0) {
                at = jumped ? at : here + 2;
                jumped = true;
                here = (size & 0x3f) << 8 | message[here + 1] & 0xff;
            } else if (size == 0) {
                at = jumped ? at : here + 1;
                return text.isEmpty() ? "." : text.toString();
            } else {
                text.append(new String(message, here + 1, size, StandardCharsets.ISO_8859_1))
                        .append('.');
                here += size + 1;
            }
        }
    }

    static int typeNumber(String name) {
        return switch (name) {
            case "A" -> 1;
            case "NS" -> 2;
            case "SOA" -> 6;
            case "PTR" -> 12;
            case "MX" -> 15;
            case "TXT" -> 16;
            case "AAAA" -> 28;
            case "SRV" -> 33;
            case "DS" -> 43;
            case "IXFR" -> 251;
            case "AXFR" -> 252;
            case "ANY" -> 255;
            default -> Integer.parseInt(name.substring("TYPE".length()));
        };
    }

    private static String typeName(int type) {
        for (String name : List.of("A", "NS", "SOA", "PTR", "MX", "TXT", "AAAA", "SRV", "DS", "IXFR", "AXFR", "ANY")) {
            if (typeNumber(name) == type) {
                return name;
            }
        }
        return String.format(Locale.ROOT, "TYPE%d", type);
    }

    private int u16(int offset) {
        return (message[offset] & 0xff) << 8 | message[offset + 1] & 0xff;
    }
}
