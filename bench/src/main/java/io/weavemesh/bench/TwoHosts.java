package io.weavemesh.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two namespaces that are hosts, a pair of veth interfaces between them, and on each another namespace that is a container
 * with an address in the overlay. The second container runs {@code iperf3} as a server. What carries the packets is
 * either ours or made by hand; the rest is the same.
 */
final class TwoHosts implements AutoCloseable {

    private static final int UNDERLAY_MTU = 1500;
    private static final int ETHERNET_HEADER = 14;

    /** Several packets in one: also what a tunnel's packets may be told to do. */
    private static final List<String> SEGMENTATION =
            List.of("tso", "gso", "gro", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation");

    private static final Pattern BYTES_AND_PACKETS = Pattern.compile("TX:.*\\n +(\\d+) +(\\d+) ");
    private static final Pattern ROUND_TRIP = Pattern.compile("time=([0-9.]+) ms");

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Namespace> hosts;
    private final List<Namespace> containers;
    private final List<String> addresses;

    /** What is on the hosts besides. */
    enum Beside {
        NOTHING,
        /** What a Docker Engine 20.10 without networks of its own leaves in iptables, on a host that did not forward before. */
        DOCKERS_RULES;

        private static final String FILE = "docker.rules";

        void addTo(Namespace host) throws IOException, InterruptedException {
            if (this == DOCKERS_RULES) {
                try (InputStream rules = Objects.requireNonNull(TwoHosts.class.getResourceAsStream(FILE))) {
                    host.sh("iptables-restore <<'END'\n" + new String(rules.readAllBytes(), StandardCharsets.UTF_8)
                            + "END");
                }
            }
        }
    }

    private TwoHosts(String role, int third, Beside beside) throws IOException, InterruptedException {
        hosts = List.of(namespace(role + "1"), namespace(role + "2"));
        containers = List.of(namespace(role + "1c"), namespace(role + "2c"));
        addresses = List.of("10.32." + third + ".1", "10.32." + third + ".2");
        hosts.getFirst()
                .sh("ip link add eth0 type veth peer name eth0 netns "
                        + hosts.getLast().name());
        for (int i = 0; i < 2; i++) {
            hosts.get(i).sh("ip addr add " + underlay(i) + "/24 dev eth0; ip link set eth0 up");
            beside.addTo(hosts.get(i));
        }
    }

    /** With an endpoint of router-service in each container, which are two peers of one cluster. */
    static TwoHosts ours(Path state, Beside beside) throws IOException, InterruptedException {
        TwoHosts made = new TwoHosts("ours", 1, beside);
        try {
            made.connectByRouters(state);
            made.serve();
            return made;
        } catch (IOException | InterruptedException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /**
     * With a bridge and a vxlan device on each host, as one makes them by hand for two hosts, and no firewall but for the
     * rule that lets the bridge's frames pass Docker's.
     */
    static TwoHosts handMade(Beside beside) throws IOException, InterruptedException {
        TwoHosts made = new TwoHosts("hand", 2, beside);
        try {
            made.connectByHand();
            if (beside == Beside.DOCKERS_RULES) {
                for (Namespace host : made.hosts) {
                    host.sh("iptables -I DOCKER-USER -i hand -o hand -j ACCEPT");
                }
            }
            made.serve();
            return made;
        } catch (IOException | InterruptedException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void connectByRouters(Path state) throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            Router router = Router.start(
                    hosts.get(i),
                    underlay(i),
                    state.resolve("host" + i),
                    i == 0 ? new String[0] : new String[] {underlay(0)});
            open.push(router);
            String[] made =
                    router.command("endpoint " + addresses.get(i) + "/12").split(" ", -1);
            intoContainer(i, made[0], "/12");
        }
    }

    private void connectByHand() throws IOException, InterruptedException {
        for (int i = 0; i < 2; i++) {
            hosts.get(i)
                    .sh(
                            "set -e; ip link add hand type bridge stp_state 0 forward_delay 0; ip link set hand mtu 1450 up;"
                                    + " ip link add handx mtu 1450 master hand type vxlan id 42 dstport 4789 local "
                                    + underlay(i)
                                    + " nolearning; ip link set handx up;"
                                    + " bridge fdb append 00:00:00:00:00:00 dev handx dst " + underlay(1 - i) + ";"
                                    + " bridge fdb replace " + handMac(1 - i) + " dev handx dst " + underlay(1 - i)
                                    + " self permanent;"
                                    + " ip link add outer mtu 1450 master hand up type veth peer name inner mtu 1450 address "
                                    + handMac(i));
            intoContainer(i, "inner", "/24");
        }
    }

    private void intoContainer(int i, String device, String prefix) throws IOException, InterruptedException {
        hosts.get(i).sh("ip link set " + device + " netns " + containers.get(i).name());
        containers
                .get(i)
                .sh("set -e; ip link set " + device + " name eth0; ip addr add " + addresses.get(i) + prefix
                        + " dev eth0; ip link set eth0 up");
    }

    private void serve() throws IOException, InterruptedException {
        containers.getFirst().run(List.of("ping", "-q", "-c", "1", "-w", "20", addresses.getLast()));
        Process server = containers
                .getLast()
                .program(List.of("iperf3", "--server"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
        open.push(() -> {
            server.destroy();
            server.onExit().join();
        });
        containers.getLast().sh("for i in $(seq 200); do ss -ltn | grep -q :5201 && exit; sleep 0.05; done; exit 1");
    }

    /** Lets, or does not let, packets for the wire be made of many that are cut late. */
    void segmentation(boolean on) throws IOException, InterruptedException {
        for (Namespace host : hosts) {
            for (String feature : SEGMENTATION) {
                host.sh("ethtool -K eth0 " + feature + (on ? " on" : " off"));
            }
        }
    }

    /** Bits per second that arrive over TCP with {@code cubic}. */
    double tcp(int streams, int seconds) throws IOException, InterruptedException {
        return iperf("-C", "cubic", "-P", Integer.toString(streams), "-t", Integer.toString(seconds))
                .bitsPerSecond();
    }

    /** Packets with 64 octets of data that arrive in a second over UDP, sent as fast as can be. */
    double udp(int seconds) throws IOException, InterruptedException {
        return iperf("-u", "-b", "0", "-l", "64", "-t", Integer.toString(seconds))
                .packetsPerSecond();
    }

    private Iperf iperf(String... options) throws IOException, InterruptedException {
        return Iperf.run(containers.getFirst(), addresses.getLast(), options);
    }

    /**
     * What round trips one after the other take, in microseconds: the mean of the middle half, since {@code ping} cuts each to
     * whole ones.
     */
    double roundTrip(int count) throws IOException, InterruptedException {
        String output = containers
                .getFirst()
                .run(List.of("ping", "-A", "-c", Integer.toString(count), "-w", "20", addresses.getLast()));
        List<Double> times = ROUND_TRIP
                .matcher(output)
                .results()
                .map(result -> Double.parseDouble(result.group(1)) * 1e3)
                .toList();
        if (times.size() < count) {
            throw new IOException(count - times.size() + " of " + count + " echo requests had no answer");
        }
        return times.stream()
                .sorted()
                .skip(count / 4)
                .limit(count / 2)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    /** Checks by what the wire carried meanwhile that no packet on it is larger than the wire's own. */
    void checkSegmented() throws IOException, InterruptedException {
        MatchResult before = sent();
        tcp(1, 1);
        MatchResult after = sent();
        long bytes = Long.parseLong(after.group(1)) - Long.parseLong(before.group(1));
        long packets = Long.parseLong(after.group(2)) - Long.parseLong(before.group(2));
        if (bytes > packets * (UNDERLAY_MTU + ETHERNET_HEADER)) {
            throw new IOException("packets of " + bytes / packets + " octets went over the wire with segmentation off");
        }
    }

    private MatchResult sent() throws IOException, InterruptedException {
        String statistics = hosts.getFirst().sh("ip -s link show eth0");
        Matcher matcher = BYTES_AND_PACKETS.matcher(statistics);
        if (!matcher.find()) {
            throw new IOException("no counters in: " + statistics);
        }
        return matcher.toMatchResult();
    }

    private Namespace namespace(String role) throws IOException, InterruptedException {
        Namespace made = Namespace.create(role);
        open.push(made);
        return made;
    }

    private static String underlay(int host) {
        return "192.0.2." + (host + 1);
    }

    private static String handMac(int host) {
        return "02:00:00:00:00:0" + (host + 1);
    }

    @Override
    public void close() throws IOException {
        IOException failed = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                failed = new IOException("could not take two hosts down: " + e.getMessage(), e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
