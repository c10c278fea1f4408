package io.weavemesh.router;

import io.weavemesh.contract.Check;
import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.Service;
import java.time.Duration;
import java.util.Arrays;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What router-service is told at its start.
 *
 * @param defaultSubnet the subnet whose bridge is called {@code weave}
 * @param vtep this host's underlay address, the source of its tunnel packets
 * @param underlayDevice the interface that has it
 * @param underlayMtu MTU of that interface, in bytes
 * @param mtu {@code --mtu}: overrides the MTU derived from the underlay
 * @param vxlanPort UDP port of the tunnels, on every peer
 * @param control where the control API listens
 * @param status where its read-only part listens, too
 * @param settleTime how long after the start entries and devices nobody has accounted for yet are left alone, because the
 *     rows of the other peers are still on their way
 */
public record RouterSettings(
        Cidr defaultSubnet,
        IpAddress vtep,
        String underlayDevice,
        int underlayMtu,
        Optional<Integer> mtu,
        int vxlanPort,
        ListenAddress control,
        ListenAddress status,
        Duration settleTime) {

    /** UDP port of the overlay, as in the forerunner. */
    public static final int DEFAULT_VXLAN_PORT = 6784;

    public static final ListenAddress DEFAULT_CONTROL = new ListenAddress(IpAddress.parse("127.0.0.1"), 6784);
    public static final ListenAddress DEFAULT_STATUS = new ListenAddress(IpAddress.parse("127.0.0.1"), 6782);

    /** Pulling the tables of 100 peers takes about a second; ten times that. */
    public static final Duration DEFAULT_SETTLE_TIME = Duration.ofSeconds(10);

    /** RFC 791 s3.1: the least every IPv4 host must take. */
    private static final int MINIMUM_MTU = 576;

    private static final int MAXIMUM_MTU = 65535;

    public RouterSettings {
        Check.argument(defaultSubnet.isSubnet(), "default subnet %s has host bits set", defaultSubnet);
        Check.argument(vxlanPort >= 1 && vxlanPort <= 65535, "UDP port %d is not between 1 and 65535", vxlanPort);
        checkMtu(underlayMtu);
        mtu.ifPresent(RouterSettings::checkMtu);
    }

    /** The settings of a host about which only the necessary is said. */
    public static RouterSettings of(Cidr defaultSubnet, IpAddress vtep, String underlayDevice, int underlayMtu) {
        return new RouterSettings(
                defaultSubnet,
                vtep,
                underlayDevice,
                underlayMtu,
                Optional.empty(),
                DEFAULT_VXLAN_PORT,
                DEFAULT_CONTROL,
                DEFAULT_STATUS,
                DEFAULT_SETTLE_TIME);
    }

    /** The largest packet this host's own underlay let an overlay interface carry at the start. */
    public int ownMtu() {
        return ownMtu(underlayMtu);
    }

    /** The same when the underlay carries packets of this many bytes. */
    int ownMtu(int underlay) {
        return mtu.orElse(Math.max(MINIMUM_MTU, underlay - overhead()));
    }

    /** The TCP ports of the cluster and the bus, which come before and after the tunnels'; those of a peer in four parts too. */
    public NavigableSet<Integer> clusterPorts() {
        return ofAllServices(IntStream.of(vxlanPort - 1, vxlanPort + 1));
    }

    /** The TCP ports of the control API, status and health, on loopback. */
    public NavigableSet<Integer> controlPorts() {
        return ofAllServices(IntStream.of(control.port(), status.port()));
    }

    private static NavigableSet<Integer> ofAllServices(IntStream ports) {
        return ports.filter(port -> port > 0)
                .flatMap(port -> Arrays.stream(Service.values()).mapToInt(service -> port + service.portOffset()))
                .filter(port -> port <= 65535)
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    int overhead() {
        return overhead(vtep);
    }

    /** Bytes a tunnel adds to each packet. RFC 7348 s5: inner Ethernet 14, VXLAN 8, UDP 8, and the outer IP header of 20 or 40. */
    public static int overhead(IpAddress vtep) {
        return vtep.isIpv4() ? 50 : 70;
    }

    static void checkMtu(int bytes) {
        Check.argument(
                bytes >= MINIMUM_MTU && bytes <= MAXIMUM_MTU,
                "MTU %d is not between %d and %d",
                bytes,
                MINIMUM_MTU,
                MAXIMUM_MTU);
    }
}
