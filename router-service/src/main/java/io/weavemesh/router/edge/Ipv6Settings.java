package io.weavemesh.router.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Keeps the host from believing what containers say in router advertisements (CVE-2020-11091), and from giving our devices
 * IPv6 addresses nobody asked for. Where IPv6 is absent there is nothing to do.
 */
final class Ipv6Settings {

    /** Writes one line to a file of /proc/sys. */
    @FunctionalInterface
    interface Writer {
        void write(Path file, String value) throws IOException;
    }

    private static final Path NET = Path.of("/proc/sys/net");
    private static final Path CONF = NET.resolve("ipv6/conf");

    /** Where {@code /proc/sys/net} is writable, in a container: Docker mounts the one in its usual place read-only. */
    private static final String ELSEWHERE = "WEAVE_PROC_SYS_NET";

    private final Writer writer;

    Ipv6Settings(Writer writer) {
        this.writer = writer;
    }

    /** Those of the namespace this process is in. */
    static Ipv6Settings ofThisHost() {
        Path net = writable();
        return new Ipv6Settings((file, value) -> Files.writeString(net.resolve(NET.relativize(file)), value));
    }

    /** Where the settings of the namespace a thread is in can be written. */
    static Path writable() {
        return Path.of(System.getenv().getOrDefault(ELSEWHERE, NET.toString()));
    }

    /** A bridge may be given an address by us, but makes none up. Documentation/networking/ip-sysctl.rst. */
    void hardenBridge(String device) {
        set(device, "accept_ra", "0");
        set(device, "autoconf", "0");
        set(device, "addr_gen_mode", "1");
    }

    /** A port of a bridge has no use for addresses at all. */
    void hardenPort(String device) {
        set(device, "disable_ipv6", "1");
    }

    /** A container's interface has IPv6 only where it has an address for it, as Docker does. */
    void hardenGuest(String device, boolean ipv6) {
        set(device, "accept_ra", "0");
        set(device, "disable_ipv6", ipv6 ? "0" : "1");
    }

    private void set(String device, String setting, String value) {
        Path file = CONF.resolve(device).resolve(setting);
        try {
            writer.write(file, value);
        } catch (NoSuchFileException e) {
            return; // A kernel without IPv6 has no such directory.
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("write " + value + " to " + file + ": " + e.getMessage(), e);
        }
    }
}
