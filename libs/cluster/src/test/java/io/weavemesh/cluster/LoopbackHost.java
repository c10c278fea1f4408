package io.weavemesh.cluster;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.PeerDescription;
import io.weavemesh.contract.PeerName;
import io.weavemesh.contract.Protocol;
import io.weavemesh.contract.Service;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** One process of a host with two free ports: every address of 127.0.0.0/8 is a host of its own. */
record LoopbackHost(PeerName name, String ip, String range, int memberPort, int busPort, Set<Service> services) {

    LoopbackHost(int number, String range) throws IOException {
        this(
                new PeerName(IpAddress.parse(ip(number)).low()),
                ip(number),
                range,
                Ports.free(number),
                Set.of(Service.values()));
    }

    private LoopbackHost(PeerName name, String ip, String range, Ports ports, Set<Service> services) {
        this(name, ip, range, ports.member(), ports.bus(), services);
    }

    /** With all services in one process. */
    LoopbackHost(PeerName name, String ip, String range, int memberPort, int busPort) {
        this(name, ip, range, memberPort, busPort, Set.of(Service.values()));
    }

    /** The same process with these services only. */
    LoopbackHost running(Service... some) {
        return new LoopbackHost(name, ip, range, memberPort, busPort, Set.of(some));
    }

    /** Another process of the same host. */
    LoopbackHost sibling(Service... some) throws IOException {
        int number = Integer.parseInt(ip.substring("127.0.0.".length()));
        return new LoopbackHost(name, ip, range, Ports.free(number), Set.of(some));
    }

    /** The same host with the name of another. */
    LoopbackHost named(PeerName other) {
        return new LoopbackHost(other, ip, range, memberPort, busPort, services);
    }

    String member() {
        return ip + ":" + memberPort;
    }

    PeerDescription description() {
        return new PeerDescription(
                name,
                "host" + ip,
                "test",
                Protocol.VERSION,
                Cidr.parse(range),
                Cidr.parse("10.176.0.0/12"),
                Fqdn.parse("weave.local"),
                IpAddress.parse(ip),
                memberPort,
                1450);
    }

    ClusterOptions options(List<String> targets) {
        return options(List.of(), targets, ClusterOptions.DEFAULT_DEPARTURE);
    }

    ClusterOptions options(List<String> localMembers, List<String> targets, Duration departure) {
        return new ClusterOptions(
                description(), services, IpAddress.parse(ip), memberPort, busPort, localMembers, targets, departure);
    }

    private static String ip(int number) {
        return "127.0.0." + number;
    }

    /** Both are looked for at the same time: the kernel may give a port that was just closed again. */
    private record Ports(int member, int bus) {
        static Ports free(int number) throws IOException {
            InetAddress address = InetAddress.getByName(ip(number));
            try (ServerSocket member = new ServerSocket(0, 1, address);
                    ServerSocket bus = new ServerSocket(0, 1, address)) {
                return new Ports(member.getLocalPort(), bus.getLocalPort());
            }
        }
    }
}
