package io.weavemesh.node;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerName;
import io.weavemesh.dns.edge.ListenAddress;
import io.weavemesh.ipam.edge.IpamSettings;
import io.weavemesh.plugin.NetworkDriver.Scope;
import io.weavemesh.router.PeerTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of {@code launch}, {@code peer} and {@code service}, checked for syntax only. */
final class PeerOptions {

    static final int MIN_MTU = 576;
    static final int MAX_MTU = 65_535;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "${env:WEAVE_HOST}",
            description = "This host's address as the peers see it. Default: the one used to reach the first peer.")
    private Optional<IpAddress> host = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:WEAVE_PORT:-6783}",
            description = "TCP port of the cluster; the overlay uses UDP PORT+1, the bus TCP PORT+2. Default: 6783.")
    private int port;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${env:WEAVE_NAME}",
            description = "This peer's identity, such as 2e:11:0a:9f:44:01. Default: derived from the machine.")
    private Optional<PeerName> name = Optional.empty();

    @Option(
            names = "--nickname",
            paramLabel = "NICKNAME",
            defaultValue = "${env:WEAVE_NICKNAME}",
            description = "What to call this peer in status pages. Default: the host name.")
    private Optional<String> nickname = Optional.empty();

    @Option(names = "--no-discovery", description = "Search for the peers given only, not for others these know of.")
    private boolean noDiscovery;

    @Option(
            names = "--conn-limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Accept no more than so many other peers; 0 for as many as there are. Default: 0.")
    private int connectionLimit;

    @Option(
            names = "--ipalloc-range",
            paramLabel = "CIDR",
            defaultValue = "${env:WEAVE_RANGE:-10.32.0.0/12}",
            description = "All addresses the peers may give out; the same on every peer. Default: 10.32.0.0/12.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Cidr range;

    @Option(
            names = "--ipalloc-default-subnet",
            paramLabel = "CIDR",
            defaultValue = "${env:WEAVE_DEFAULT_SUBNET}",
            description = "The subnet of the network 'weave'. Default: the whole range.")
    private Optional<Cidr> defaultSubnet = Optional.empty();

    @Option(
            names = "--ipalloc-pool-range",
            paramLabel = "CIDR",
            defaultValue = "${env:WEAVE_POOL_RANGE:-10.176.0.0/12}",
            description = "Where networks made without a subnet get theirs; the same on every peer."
                    + " Default: 10.176.0.0/12.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Cidr poolRange;

    @Option(
            names = "--ipalloc-init",
            paramLabel = "MODE",
            defaultValue = "${env:WEAVE_IPALLOC_INIT}",
            description = "How the range is first divided: consensus[=N], seed=NAME,NAME…, or observer."
                    + " Default: consensus among the peers given.")
    private Optional<String> ipallocInit = Optional.empty();

    @Option(
            names = "--ipalloc-reclaim-after",
            paramLabel = "TIME",
            defaultValue = "${env:WEAVE_RECLAIM_AFTER:-24h}",
            description =
                    "After this time others take what an absent peer holds back of its free space: 24h, 30m, 90s… or off."
                            + " Default: 24h.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private String reclaimAfter;

    @Option(
            names = "--dns-domain",
            paramLabel = "DOMAIN",
            defaultValue = "${env:WEAVE_DOMAIN:-weave.local.}",
            description = "The domain of container names; the same on every peer. Default: weave.local.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Fqdn domain;

    @Option(names = "--no-dns", description = "Do not serve names.")
    private boolean noDns;

    @Option(
            names = "--dns-listen-address",
            paramLabel = "IP[:PORT]",
            split = ",",
            defaultValue = "${env:WEAVE_DNS_LISTEN_ADDRESS}",
            description =
                    "Where to serve names: addresses or interfaces, with commas between them or the option repeated."
                            + " Default: port 53 of Docker's bridge.")
    private List<ListenAddress> dnsListenAddresses = List.of();

    @Option(
            names = "--dns-ttl",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "For how long an answer may be remembered. Default: 1.")
    private int dnsTtlSeconds;

    @Option(names = "--dns-local-first", description = "Answer with addresses of containers on the asking host first.")
    private boolean dnsLocalFirst;

    @Option(
            names = "--dns-fallback-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "How long other resolvers may take to answer. Default: 5s.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Duration dnsFallbackTimeout;

    @Option(
            names = "--resolv-conf",
            paramLabel = "FILE",
            defaultValue = "/etc/resolv.conf",
            description = "Names the resolvers asked for all other names. Default: /etc/resolv.conf.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Path resolvConf;

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            defaultValue = "${env:WEAVE_MTU}",
            description = "Largest packet on the overlay. Default: what the hosts' network carries.")
    private Optional<Integer> mtu = Optional.empty();

    @Option(
            names = "--http-addr",
            paramLabel = "IP:PORT",
            defaultValue = "${env:WEAVE_HTTP_ADDR:-127.0.0.1:6784}",
            description = "Where the control API listens. Default: 127.0.0.1:6784.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private HostPort httpAddress;

    @Option(
            names = "--status-addr",
            paramLabel = "IP:PORT",
            defaultValue = "${env:WEAVE_STATUS_ADDR:-127.0.0.1:6782}",
            description = "Where read-only status, health and metrics listen. Default: 127.0.0.1:6782.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private HostPort statusAddress;

    @Option(
            names = "--plugin-dir",
            paramLabel = "DIRECTORY",
            defaultValue = "/run/docker/plugins",
            description = "Where Docker looks for plugin sockets. Default: /run/docker/plugins.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Path pluginDirectory;

    @Option(
            names = "--plugin-scope",
            paramLabel = "SCOPE",
            defaultValue = "local",
            description =
                    "local; or global: the driver 'weave' is for networks of all engines that share a key-value store"
                            + " (Docker before 23 with --cluster-store), which gives the addresses. Default: local.")
    @SuppressWarnings("NullAway.Init") // Set by picocli from the default.
    private Scope pluginScope;

    @Option(
            names = "--docker-socket",
            paramLabel = "FILE",
            description = "Docker's API. Default: that of DOCKER_HOST, or /var/run/docker.sock.")
    private Path dockerSocket = DockerSocket.fromEnvironment(System.getenv());

    @Option(
            names = "--no-docker-api",
            description =
                    "Never use Docker's API. Networks are then made by hand, containers have the names that Docker 29"
                            + " and newer tell their drivers, and what Docker forgets to give back stays.")
    private boolean noDockerApi;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "${env:WEAVE_LOG_LEVEL:-info}",
            description = "debug, info, warning or error. Default: info.")
    private LogLevel logLevel = LogLevel.info;

    /** The names the log levels have on the command line. */
    enum LogLevel {
        debug,
        info,
        warning,
        error
    }

    /** The peers given as arguments, else those in {@code WEAVE_PEERS} (separated by spaces or commas). */
    static List<String> peers(List<String> given) {
        if (!given.isEmpty()) {
            return given;
        }
        return Arrays.stream(System.getenv().getOrDefault("WEAVE_PEERS", "").split("[\\s,]+"))
                .filter(peer -> !peer.isEmpty())
                .toList();
    }

    /** Checks what one option cannot know of the others. */
    void check() {
        if (!System.getenv().getOrDefault("WEAVE_PASSWORD", "").isEmpty()) {
            throw new UserError("WEAVE_PASSWORD is set, but traffic between peers cannot be encrypted yet: unset it to"
                    + " go on without");
        }
        if (port < 1 || port > 65_000) {
            throw new UserError("--port " + port + " is not between 1 and 65000");
        }
        if (connectionLimit < 0) {
            throw new UserError("--conn-limit " + connectionLimit + " is negative (0 for as many peers as there are)");
        }
        mtu.filter(bytes -> bytes < MIN_MTU || bytes > MAX_MTU).ifPresent(bytes -> {
            throw new UserError("--mtu " + bytes + " is not between " + MIN_MTU + " and " + MAX_MTU);
        });
        defaultSubnet.filter(subnet -> !range.overlaps(subnet)).ifPresent(subnet -> {
            throw new UserError("--ipalloc-default-subnet " + subnet + " is outside the range " + range
                    + " given by --ipalloc-range");
        });
        if (!range.address().isIpv4() || range.prefix() > 30) {
            throw new UserError("--ipalloc-range " + range + " must be an IPv4 subnet of at least 4 addresses (/30)");
        }
        checkDomain();
        if (dnsTtlSeconds < 0) {
            throw new UserError("--dns-ttl " + dnsTtlSeconds + " is negative");
        }
    }

    /** Names of hosts are what resolvers, and arguments of docker run, can do something with (RFC 1123 s2.1). */
    private void checkDomain() {
        String labels = domain.value().replaceAll("\\.$", "");
        if (!labels.matches("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")) {
            throw new UserError(
                    "--dns-domain '" + domain + "' is not a domain for names of containers (expected letters,"
                            + " digits, '-' and '_', for example weave.local.)");
        }
        if (labels.endsWith(".arpa") || labels.equals("arpa")) {
            throw new UserError("--dns-domain '" + domain + "' is for the names of addresses (expected for example"
                    + " weave.local.)");
        }
    }

    /** Checks that each is a host with or without a port; whether it resolves or answers is another matter. */
    static void checkPeers(List<String> peers) {
        for (String peer : peers) {
            try {
                PeerTarget.parse(peer);
            } catch (IllegalArgumentException e) {
                throw new UserError(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Checks the way of dividing addresses. */
    void checkInit() {
        try {
            IpamSettings.of(range, defaultSubnet(), poolRange, ipallocInit, reclaimAfter, 1);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
    }

    Optional<IpAddress> host() {
        return host;
    }

    int port() {
        return port;
    }

    Optional<PeerName> name() {
        return name;
    }

    Optional<String> nickname() {
        return nickname;
    }

    boolean discovery() {
        return !noDiscovery;
    }

    /** 0 for as many as there are. */
    int connectionLimit() {
        return connectionLimit;
    }

    Cidr range() {
        return range;
    }

    Cidr defaultSubnet() {
        return defaultSubnet.orElse(range);
    }

    Cidr poolRange() {
        return poolRange;
    }

    Optional<String> ipallocInit() {
        return ipallocInit;
    }

    String reclaimAfter() {
        return reclaimAfter;
    }

    Fqdn domain() {
        return domain;
    }

    boolean dns() {
        return !noDns;
    }

    /** Empty for the default, Docker's bridge. */
    List<ListenAddress> dnsListenAddresses() {
        return dnsListenAddresses;
    }

    int dnsTtlSeconds() {
        return dnsTtlSeconds;
    }

    boolean dnsLocalFirst() {
        return dnsLocalFirst;
    }

    Duration dnsFallbackTimeout() {
        return dnsFallbackTimeout;
    }

    Path resolvConf() {
        return resolvConf;
    }

    Optional<Integer> mtu() {
        return mtu;
    }

    HostPort httpAddress() {
        return httpAddress;
    }

    HostPort statusAddress() {
        return statusAddress;
    }

    Scope pluginScope() {
        return pluginScope;
    }

    Path pluginDirectory() {
        return pluginDirectory;
    }

    Path dockerSocket() {
        return dockerSocket;
    }

    boolean dockerApi() {
        return !noDockerApi;
    }

    LogLevel logLevel() {
        return logLevel;
    }
}
