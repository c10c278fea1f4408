package io.weavemesh.dns.edge;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Fqdn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How names are served.
 *
 * @param domain what we are authoritative for, {@code --dns-domain}
 * @param listen where we answer, {@code --dns-listen-address}
 * @param ttl how long others may keep our answers, {@code --dns-ttl}
 * @param fallbackTimeout after this, a question no resolver answers fails, {@code --dns-fallback-timeout}
 * @param resolvConf the file that names the host's resolvers, {@code --resolv-conf}
 * @param localFirst whether addresses of containers on this host come before those of other hosts, {@code --dns-local-first}
 * @param enabled whether questions are answered on this host; names are told to other peers either way
 */
public record DnsSettings(
        Fqdn domain,
        List<ListenAddress> listen,
        Duration ttl,
        Duration fallbackTimeout,
        Path resolvConf,
        boolean localFirst,
        boolean enabled) {

    public DnsSettings {
        listen = List.copyOf(listen);
        Check.argument(!ttl.isNegative(), "DNS TTL %s is negative", ttl);
        Check.argument(fallbackTimeout.isPositive(), "DNS fallback timeout %s is not positive", fallbackTimeout);
    }
}
