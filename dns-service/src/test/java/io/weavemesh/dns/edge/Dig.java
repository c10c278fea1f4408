package io.weavemesh.dns.edge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The {@code dig} of BIND, which knows nothing of our code. */
final class Dig {

    private final String address;
    private final int port;

    Dig(String address, int port) {
        this.address = address;
        this.port = port;
    }

    /** What dig prints, to the end. */
    String ask(String arguments) {
        List<String> command = new ArrayList<>(
                List.of("dig", "@" + address, "-p", String.valueOf(port), "+tries=1", "+time=10", "+nocookie"));
        command.addAll(List.of(arguments.split(" ", -1)));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("dig cannot be run (Debian: apt-get install bind9-dnsutils)", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while dig ran", e);
        }
    }

    /** The answers' data only, sorted. */
    List<String> shortly(String arguments) {
        return ask(arguments + " +short").lines().sorted().toList();
    }

    /** The lines that hold one of these. */
    static List<String> lines(String output, String... parts) {
        return output.lines()
                .filter(line -> Stream.of(parts).anyMatch(line::contains))
                .toList();
    }
}
