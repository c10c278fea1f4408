package io.weavemesh.dns.edge;

import io.weavemesh.dns.ResolvConf;
import io.weavemesh.dns.ResolvConf.NameServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's resolvers, as its resolv.conf has them now, without ourselves. Safe to use from any thread. */
final class Upstreams {

    private static final Logger LOG = LoggerFactory.getLogger(Upstreams.class);

    /** How often the file is looked at; in between, questions cost no system call. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    private final Path file;
    private final Supplier<Set<NameServer>> ourselves;
    private long lookedAt = System.nanoTime() - LOOK_NANOS;
    private Optional<Version> version = Optional.empty();
    private List<NameServer> servers = List.of();

    /** What tells that a file is another one, even if a symbolic link now leads elsewhere. */
    private record Version(Object modified, long size, Optional<Object> key) {
        static Optional<Version> of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return Optional.of(new Version(
                        attributes.lastModifiedTime(), attributes.size(), Optional.ofNullable(attributes.fileKey())));
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    Upstreams(Path file, Supplier<Set<NameServer>> ourselves) {
        this.file = file;
        this.ourselves = ourselves;
    }

    /** The resolvers to ask, in order; none if the file is not there. */
    synchronized List<NameServer> servers() {
        long now = System.nanoTime();
        if (now - lookedAt >= LOOK_NANOS) {
            lookedAt = now;
            look();
        }
        Set<NameServer> own = ourselves.get();
        return servers.stream().filter(server -> !own.contains(server)).toList();
    }

    private void look() {
        Optional<Version> present = Version.of(file);
        if (present.equals(version)) {
            return;
        }
        version = present;
        try {
            servers = present.isPresent() ? ResolvConf.parse(Files.readString(file)) : List.of();
        } catch (IOException e) {
            LOG.warn("Resolvers cannot be read. file={} reason={}", file, e.toString());
            servers = List.of();
        }
        LOG.info("Other names are asked of the host's resolvers. file={} servers={}", file, servers);
    }
}
