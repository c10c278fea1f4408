package io.weavemesh.dns;

import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.ExposedPort;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PeerName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Questions, rows and hex for tests. */
final class Packets {

    static final PeerName HERE = PeerName.parse("02:00:00:00:00:01");
    static final PeerName THERE = PeerName.parse("02:00:00:00:00:02");
    static final Fqdn DOMAIN = Fqdn.parse("weave.local");

    private Packets() {}

    /** A question: {@code foo.weave.local. A}, then {@code +edns=1232 +do +version=1 +norec +cd +class=3 +opcode=4}. */
    static byte[] question(String text) {
        String[] words = text.split(" ", -1);
        int flags = 0x0100;
        int edns = -1;
        int version = 0;
        int dnssecOk = 0;
        int questionClass = 1;
        for (String word : Arrays.copyOfRange(words, 2, words.length)) {
            int value = word.contains("=") ? Integer.parseInt(word.substring(word.indexOf('=') + 1)) : 0;
            switch (word.replaceAll("=.*", "")) {
                case "+edns" -> edns = value;
                case "+version" -> version = value;
                case "+do" -> dnssecOk = 0x8000;
                case "+norec" -> flags &= ~0x0100;
                case "+cd" -> flags |= 0x0010;
                case "+class" -> questionClass = value;
                case "+opcode" -> flags |= value << 11;
                default -> throw new IllegalArgumentException(word);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        put16(out, 0xbeef, flags, 1, 0, 0, edns < 0 ? 0 : 1);
        out.writeBytes(name(words[0]));
        put16(out, MessageText.typeNumber(words[1]), questionClass);
        if (edns >= 0) {
            out.write(0);
            put16(out, 41, edns, version, dnssecOk, 0);
        }
        return out.toByteArray();
    }

    private static byte[] name(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : text.equals(".") ? new String[0] : text.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
        }
        out.write(0);
        return out.toByteArray();
    }

    private static void put16(ByteArrayOutputStream out, int... values) {
        for (int value : values) {
            out.write(value >>> 8);
            out.write(value);
        }
    }

    /** Octets written as hex, with spaces, and remarks from a semicolon to the end of a line. */
    static byte[] hex(String annotated) {
        return HexFormat.of().parseHex(annotated.replaceAll(";[^\n]*", "").replaceAll("\\s", ""));
    }

    /** {@code name address [container [endpoint]] [80/tcp 53/udp …] [unhealthy]}. */
    static NameRow row(String text) {
        List<String> words = new ArrayList<>(List.of(text.split(" ", -1)));
        boolean healthy = !words.remove("unhealthy");
        List<ExposedPort> ports = words.stream()
                .filter(word -> word.contains("/"))
                .map(ExposedPort::parse)
                .toList();
        words.removeIf(word -> word.contains("/"));
        String container = words.size() > 2 ? words.get(2) : "c-" + words.get(0).replaceAll("\\..*", "");
        String endpoint = words.size() > 3 ? words.get(3) : "e-" + container;
        return new NameRow(
                Fqdn.parse(words.get(0)),
                IpAddress.parse(words.get(1)),
                new ContainerId(container),
                new EndpointId(endpoint),
                ports,
                healthy);
    }

    static Zone zone(String... rows) {
        return Zone.empty(DOMAIN, Duration.ofSeconds(1))
                .with(HERE, Arrays.stream(rows).map(Packets::row).toList(), List.of());
    }
}
