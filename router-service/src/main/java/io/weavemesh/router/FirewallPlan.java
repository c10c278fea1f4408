package io.weavemesh.router;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpAddress.Family;
import io.weavemesh.router.Ruleset.Chain;
import io.weavemesh.router.Ruleset.Condition;
import io.weavemesh.router.Ruleset.Condition.Between;
import io.weavemesh.router.Ruleset.Condition.From;
import io.weavemesh.router.Ruleset.Condition.FromAny;
import io.weavemesh.router.Ruleset.Condition.FromIndex;
import io.weavemesh.router.Ruleset.Condition.Icmp;
import io.weavemesh.router.Ruleset.Condition.OneOf;
import io.weavemesh.router.Ruleset.Condition.TcpToAny;
import io.weavemesh.router.Ruleset.Condition.To;
import io.weavemesh.router.Ruleset.Condition.ToAny;
import io.weavemesh.router.Ruleset.Condition.ToThisHost;
import io.weavemesh.router.Ruleset.Condition.UdpTo;
import io.weavemesh.router.Ruleset.Condition.Within;
import io.weavemesh.router.Ruleset.Hook;
import io.weavemesh.router.Ruleset.Kind;
import io.weavemesh.router.Ruleset.NamedSet;
import io.weavemesh.router.Ruleset.Rule;
import io.weavemesh.router.Ruleset.Side;
import io.weavemesh.router.Ruleset.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What our firewall must hold, as a function of what it protects.
 *
 * <p>Against whom: a container that sends what it likes, with raw sockets and forged addresses, by the bridge of its own
 * network or by Docker's; and a stranger in the underlay who sends tunnel packets. Every rule only drops, so that all others
 * of the host stay in force. A frame inside one bridge passes without a further look: with br_netfilter it is shown to
 * chains of the family ip, with the bridge as both devices.
 *
 * <p>A container reaches the host by Docker's bridges, too, where the host gives its packets its own underlay address: without
 * the rules in {@code forward} any container could send tunnel packets to another peer that seem to be this host's
 * (the class of CVE-2023-28840).
 *
 * <p>{@code sources} and {@code destinations} ask for the longest subnet first: networks may lie within one another.
 *
 * <p>There is a table for each family, and not one of family {@code inet} for both: a packet is then asked nothing that only
 * the other family answers, and each question is paid by every packet of a tunnel without segmentation offload.
 */
public final class FirewallPlan {

    /**
     * So many of our bridges have a rule of their own for frames inside them. Comparing names costs less than a look-up of a
     * pair of them in a set, and with br_netfilter every frame pays it; most hosts have one network.
     */
    private static final int NAMED_BRIDGES = 4;

    /** RFC 1122 s3.2.1.3 (g): such an address must not appear outside a host. */
    private static final Cidr LOOPBACK = Cidr.parse("127.0.0.0/8");

    private static final String BRIDGES = "bridges";
    private static final String CONTAINERS = "containers";
    private static final String DOCKER = "docker";
    private static final String CLOSED = "closed";
    private static final String INSIDE = "inside";
    private static final String CLUSTER_PORTS = "cluster";
    private static final String CONTROL_PORTS = "control";
    private static final String LOOPBACK_CHAIN = "loopback";
    private static final String TUNNEL = "tunnel";
    private static final String HOST = "host";
    private static final String SOURCES = "sources";
    private static final String DESTINATIONS = "destinations";

    private static final Verdict ACCEPT = new Verdict.Accept();
    private static final Verdict DROP = new Verdict.Drop();
    private static final Verdict RETURN = new Verdict.Return();

    /** RFC 792. */
    private static final int REDIRECT = 5;

    /** RFC 4861 s4.2, s4.5. */
    private static final int ROUTER_ADVERTISEMENT = 134;

    private static final int REDIRECT_IPV6 = 137;

    /**
     * What is protected.
     *
     * @param tunnelPort UDP port of the tunnels
     * @param clusterPorts TCP ports by which peers speak to each other: whoever reaches them controls the cluster
     * @param controlPorts TCP ports on loopback
     * @param underlay the device by which packets of other hosts usually come; where they come by another, they are let in as well
     * @param underlayIndex its number, as long as it is there
     * @param peers the addresses tunnel packets may come from
     * @param networks the bridge of each local subnet; a bridge may have several
     * @param exposed the bridges this host has an address on
     * @param docker the bridges of Docker and its like
     */
    public record Protected(
            int tunnelPort,
            NavigableSet<Integer> clusterPorts,
            NavigableSet<Integer> controlPorts,
            String underlay,
            OptionalInt underlayIndex,
            NavigableSet<IpAddress> peers,
            List<BridgeSubnet> networks,
            NavigableSet<String> exposed,
            NavigableSet<String> docker) {
        public Protected {
            networks = List.copyOf(networks);
        }
    }

    /** A subnet and the bridge its containers are on. */
    public record BridgeSubnet(String bridge, Cidr subnet) {}

    private final Protected what;
    private final Family family;

    private FirewallPlan(Protected what, Family family) {
        this.what = what;
        this.family = family;
    }

    /** The tables, one for each family. */
    public static List<Ruleset> of(Protected what) {
        return Stream.of(Family.IPV4, Family.IPV6)
                .map(family -> new FirewallPlan(what, family))
                .map(plan -> new Ruleset(plan.family, plan.sets(), plan.chains()))
                .toList();
    }

    /** What there is to protect now, on a host with these devices. Peers come by the underlay. */
    public static Protected protectedBy(Overlay overlay, RouterSettings settings, HostDevices devices) {
        NavigableSet<String> docker = new TreeSet<>(ContainerBridges.ALWAYS);
        devices.containerBridges().stream()
                .filter(name -> ContainerBridges.namedByDocker(name) || !name.equals(settings.underlayDevice()))
                .forEach(docker::add);
        List<BridgeSubnet> networks = Stream.concat(
                        overlay.networks().stream()
                                .flatMap(network -> network.subnets().stream()
                                        .map(subnet -> new BridgeSubnet(
                                                Segment.of(network.segmentSubnet(), settings.defaultSubnet())
                                                        .bridge(),
                                                subnet))),
                        overlay.exposures().stream()
                                .map(exposure -> new BridgeSubnet(
                                        Segment.of(exposure.network(), settings.defaultSubnet())
                                                .bridge(),
                                        exposure.subnet())))
                .distinct()
                .toList();
        return new Protected(
                settings.vxlanPort(),
                settings.clusterPorts(),
                settings.controlPorts(),
                settings.underlayDevice(),
                devices.underlay(),
                overlay.peers().stream().map(peer -> peer.vtep()).collect(Collectors.toCollection(TreeSet::new)),
                networks,
                new TreeSet<>(overlay.exposedBridges()),
                docker);
    }

    private List<NamedSet> sets() {
        NavigableSet<String> bridges = bridges().collect(Collectors.toCollection(TreeSet::new));
        NavigableSet<String> containers = new TreeSet<>(bridges);
        containers.addAll(what.docker());
        NavigableSet<String> closed = new TreeSet<>(bridges);
        closed.removeAll(what.exposed());
        return List.of(
                peers(),
                set(BRIDGES, Kind.DEVICE, bridges, Function.identity()),
                set(DOCKER, Kind.DEVICE, what.docker(), Function.identity()),
                set(CONTAINERS, Kind.DEVICE, containers, Function.identity()),
                set(CLOSED, Kind.DEVICE, closed, Function.identity()),
                set(INSIDE, Kind.DEVICE_PAIR, containers, device -> device + " " + device),
                set(CLUSTER_PORTS, Kind.PORT, what.clusterPorts(), Object::toString),
                set(CONTROL_PORTS, Kind.PORT, what.controlPorts(), Object::toString));
    }

    private Stream<String> bridges() {
        return what.networks().stream().map(BridgeSubnet::bridge).distinct();
    }

    private NamedSet peers() {
        List<IpAddress> members =
                what.peers().stream().filter(peer -> peer.family() == family).toList();
        return set(Ruleset.PEERS, isIpv4() ? Kind.IPV4 : Kind.IPV6, members, IpAddress::toString);
    }

    private boolean isIpv4() {
        return family == Family.IPV4;
    }

    private static <T> NamedSet set(String name, Kind kind, Collection<T> elements, Function<T, String> text) {
        return new NamedSet(name, kind, elements.stream().map(text).collect(Collectors.toCollection(TreeSet::new)));
    }

    private List<Chain> chains() {
        List<Chain> chains = new ArrayList<>();
        chains.add(new Chain(SOURCES, Optional.empty(), ownOnly(Side.SOURCE, "forged-source")));
        chains.add(new Chain(DESTINATIONS, Optional.empty(), ownOnly(Side.DESTINATION, "foreign-address")));
        chains.add(new Chain(TUNNEL, Optional.empty(), tunnel()));
        chains.add(new Chain(HOST, Optional.empty(), host()));
        if (isIpv4()) {
            chains.add(new Chain(LOOPBACK_CHAIN, Optional.empty(), loopback()));
        }
        chains.add(new Chain("input", Optional.of(Hook.INPUT), input()));
        chains.add(new Chain("forward", Optional.of(Hook.FORWARD), forward()));
        return chains;
    }

    /** What peers send through their tunnels comes first: those are nearly all packets, and each look-up in a set is paid by all. */
    private List<Rule> input() {
        List<Rule> rules = new ArrayList<>();
        UdpTo tunnels = new UdpTo(what.tunnelPort());
        if (!what.docker().contains(what.underlay()) && bridges().noneMatch(what.underlay()::equals)) {
            what.underlayIndex()
                    .ifPresent(index -> rules.add(rule(
                            ACCEPT,
                            tunnels,
                            new FromIndex(what.underlay(), index),
                            new OneOf(Side.SOURCE, true, Ruleset.PEERS))));
        }
        rules.add(rule(jump(TUNNEL), tunnels));
        if (isIpv4()) {
            rules.add(rule(jump(LOOPBACK_CHAIN), new From("lo", false), new Within(Side.DESTINATION, LOOPBACK)));
        }
        rules.add(rule(jump(HOST), new FromAny(CONTAINERS)));
        return rules;
    }

    /**
     * With route_localnet on, as Kubernetes' proxy sets it, loopback would be reachable from outside (CVE-2020-8558). What
     * somebody's own rules send from Docker's bridges to a service there is theirs, but for our ports.
     */
    private static List<Rule> loopback() {
        return List.of(drop("control-port", new TcpToAny(CONTROL_PORTS)), drop("loopback", new FromAny(BRIDGES)));
    }

    /** What comes in at the tunnels' port. */
    private static List<Rule> tunnel() {
        return List.of(
                drop("container-tunnel", new FromAny(CONTAINERS)),
                rule(ACCEPT, new OneOf(Side.SOURCE, true, Ruleset.PEERS)),
                drop("foreign-tunnel"));
    }

    /** What containers send to this host. Broadcasts to a host without an address there are normal, so not counted. */
    private List<Rule> host() {
        List<Rule> rules = new ArrayList<>();
        rules.add(drop("cluster-port", new TcpToAny(CLUSTER_PORTS)));
        if (!isIpv4()) {
            rules.add(drop("router-advertisement", new Icmp(ROUTER_ADVERTISEMENT)));
        }
        rules.add(drop("redirect", new Icmp(isIpv4() ? REDIRECT : REDIRECT_IPV6)));
        rules.add(drop("not-exposed", new FromAny(CLOSED), new ToThisHost()));
        rules.add(rule(DROP, new FromAny(CLOSED)));
        rules.add(rule(jump(SOURCES)));
        rules.add(rule(jump(DESTINATIONS)));
        return rules;
    }

    private List<Rule> forward() {
        List<Rule> rules = new ArrayList<>(inside());
        rules.addAll(between());
        return rules;
    }

    /** The default network's bridge, {@code weave}, comes before those of the others, {@code wb-...}. */
    private List<Rule> inside() {
        List<Rule> rules = bridges()
                .sorted(Comparator.reverseOrder())
                .limit(NAMED_BRIDGES)
                .map(bridge -> rule(ACCEPT, new From(bridge, true), new To(bridge)))
                .collect(Collectors.toCollection(ArrayList::new));
        rules.add(rule(ACCEPT, new Between(INSIDE)));
        return rules;
    }

    private List<Rule> between() {
        return List.of(
                drop("between-networks", new FromAny(BRIDGES), new ToAny(CONTAINERS)),
                drop("between-networks", new FromAny(DOCKER), new ToAny(BRIDGES)),
                drop("not-exposed", new FromAny(CLOSED)),
                drop("not-exposed", new ToAny(CLOSED)),
                drop("container-tunnel", new FromAny(CONTAINERS), new UdpTo(what.tunnelPort())),
                tunnelOfStranger(),
                drop(
                        "cluster-port",
                        new FromAny(CONTAINERS),
                        new OneOf(Side.DESTINATION, true, Ruleset.PEERS),
                        new TcpToAny(CLUSTER_PORTS)),
                rule(jump(SOURCES), new FromAny(CONTAINERS)));
    }

    /** From whatever device: by address translation, which comes later, it would get this host's address. */
    private Rule tunnelOfStranger() {
        return drop(
                "foreign-tunnel",
                new OneOf(Side.DESTINATION, true, Ruleset.PEERS),
                new OneOf(Side.SOURCE, false, Ruleset.PEERS),
                new UdpTo(what.tunnelPort()));
    }

    /** An address of a local subnet is right on that subnet's bridge and nowhere else. */
    private List<Rule> ownOnly(Side side, String reason) {
        Map<Cidr, NavigableSet<String>> bridges = new TreeMap<>(
                Comparator.comparingInt((Cidr subnet) -> -subnet.prefix()).thenComparing(Comparator.naturalOrder()));
        for (BridgeSubnet network : what.networks()) {
            if (network.subnet().address().family() != family) {
                continue;
            }
            bridges.computeIfAbsent(network.subnet(), _ -> new TreeSet<>()).add(network.bridge());
        }
        List<Rule> rules = new ArrayList<>();
        bridges.forEach((subnet, names) -> {
            Within within = new Within(side, subnet);
            names.forEach(name -> rules.add(rule(RETURN, new From(name, true), within)));
            rules.add(drop(reason, within));
        });
        return rules;
    }

    private static Verdict jump(String chain) {
        return new Verdict.Jump(chain);
    }

    private static Rule rule(Verdict verdict, Condition... conditions) {
        return new Rule(List.of(conditions), verdict, "");
    }

    private static Rule drop(String reason, Condition... conditions) {
        return new Rule(List.of(conditions), DROP, reason);
    }
}
