package io.weavemesh.dns.edge;

import io.weavemesh.dns.ResolvConf;
import io.weavemesh.dns.ResolvConf.NameServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's resolvers, as its resolv.conf has them now, without ourselves. Safe to use from any thread. */
final class Upstreams {

    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

    /** How often the file is looked at; in between, questions cost no system call. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    /** A resolv.conf has some hundred octets; the rest of a larger file is not read. */
    private static final int MAX_FILE_BYTES = 1 << 16;

    /** More than any other resolver library asks. */
    private static final int MAX_SERVERS = 8;

    private final HostFile file;
    private final Predicate<NameServer> ourselves;
    private long lookedAt = System.nanoTime() - LOOK_NANOS;
    private String text = "";
    private List<NameServer> servers = List.of();
    private int version;

    Upstreams(HostFile file, Predicate<NameServer> ourselves) {
        this.file = file;
        this.ourselves = ourselves;
    }

    /** The resolvers to ask, in order; none if the file is not there. */
    synchronized List<NameServer> servers() {
        look();
        return servers.stream().filter(server -> !ourselves.test(server)).toList();
    }

    /** Another number whenever the resolvers are others. */
    synchronized int version() {
        look();
        return version;
    }

    /**
     * Reads the file if it was not for a second. Its content is compared and not its time of change: it may be written in
     * place, replaced, or be a symbolic link that leads elsewhere now.
     */
    private void look() {
        long now = System.nanoTime();
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        String present = read();
        if (present.equals(text)) {
            return;
        }
        text = present;
        List<NameServer> found =
                ResolvConf.parse(present).stream().distinct().limit(MAX_SERVERS).toList();
        if (!found.equals(servers)) {
            servers = found;
            version++;
            LOG.info("Other names are asked of the host's resolvers. file={} servers={}", file, servers);
        }
    }

    private String read() {
        try (InputStream in = Files.newInputStream(file.locate())) {
            return new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            LOG.warn("Resolvers cannot be read. file={} reason={}", file, e.toString());
            return "";
        }
    }
}
