package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Six hosts with a container each, told of the first host only: whatever Ethernet can carry gets from each to each. */
@Tag("system")
class ProtocolsIT {

    private static final int COUNT = 6;

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(COUNT).forwardDrop();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String FRAME =
            Lab.repository().resolve("system-tests/frame").toString();
    private static final String HEARD = "/run/heard";
    private static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";
    private static final List<Integer> NUMBERS =
            IntStream.rangeClosed(1, COUNT).boxed().toList();

    @BeforeAll
    static void launch() {
        LAB.on(host(1), "weave launch --ipalloc-init consensus=" + COUNT).ok();
        NUMBERS.stream()
                .filter(number -> number > 1)
                .forEach(number -> LAB.on(host(number), "weave launch --ipalloc-init consensus=" + COUNT + " host1")
                        .ok());
        NUMBERS.forEach(number -> {
            LAB.on(host(number), "weave prime").ok();
            Await.within(
                    SOON,
                    () -> LAB.docker(host(number), "network inspect weave").ok());
            SESSION.start(host(number), container(number));
        });
    }

    @Test
    void eachPingsEachByName() {
        for (int number : NUMBERS) {
            String others = NUMBERS.stream()
                    .filter(other -> other != number)
                    .map(ProtocolsIT::container)
                    .collect(Collectors.joining(" "));
            Await.within(
                    SOON,
                    () -> SESSION.in(
                                    host(number),
                                    container(number),
                                    "sh -c 'for other in " + others
                                            + "; do ping -c 1 -W 1 $other >/dev/null || exit 1; done'")
                            .ok());
        }
    }

    @Test
    void fragmentsOfLargeDatagramsArrive() {
        SESSION.in(host(2), container(2), "ping -c 3 -W 1 -s 20000 " + container(3))
                .ok();
    }

    @Test
    void overIpv6TooWithFragments() {
        for (int number : List.of(4, 5)) {
            LAB.docker(
                            host(number),
                            "network create --driver weave --ipam-driver weave --ipv6 --subnet 172.31.9.0/24"
                                    + " --subnet fd00:db8:9::/64 six")
                    .ok();
            LAB.docker(host(number), "run -d --net=six --name six" + number + " busybox sleep 1000")
                    .ok();
        }
        String address = LAB.docker(host(5), "inspect -f '{{.NetworkSettings.Networks.six.GlobalIPv6Address}}' six5")
                .ok()
                .text();
        Await.within(
                SOON,
                () -> LAB.docker(host(4), "exec six4 ping -c 1 -W 1 " + address).ok());
        LAB.docker(host(4), "exec six4 ping -c 3 -W 1 -s 20000 " + address).ok();
    }

    /** Not every kernel has SCTP; the network must carry it to those that have. */
    @Test
    void sctpAndBroadcastArriveWhateverTheContainersKernelKnows() {
        listen(2);
        listen(3);
        String header = mac(1) + " " + mac(2) + " " + address(1) + " " + address(2);
        send(1, header + " protocol 132 by-sctp");
        send(1, mac(1) + " " + EVERYBODY + " " + address(1) + " 10.47.255.255 udp 5 5 to-everybody");

        Await.within(SOON, () -> assertThat(heard(2)).contains("by-sctp", "to-everybody"));
        Await.within(SOON, () -> assertThat(heard(3)).contains("to-everybody"));
        assertThat(heard(3)).doesNotContain("by-sctp");
    }

    /** As a virtual machine in a container is: nobody has told the peers of it. */
    @Test
    void whatHasAHardwareAddressOfItsOwnInsideAContainerIsReached() {
        String unknown = "10.47.200.200";
        String guest = inside(6);
        LAB.on(host(6), guest + "ip link add guest link ethwe0 type macvlan mode bridge")
                .ok();
        LAB.on(host(6), "ip netns add guest && " + guest + "ip link set guest netns /run/netns/guest")
                .ok();
        LAB.on(host(6), "ip -n guest addr add " + unknown + "/12 dev guest && ip -n guest link set guest up")
                .ok();

        LAB.on(host(6), "ip netns exec guest busybox ping -c 2 -W 2 " + address(1))
                .ok();
        SESSION.in(host(5), container(5), "ping -c 2 -W 2 " + unknown).ok();
        SESSION.in(host(6), container(6), "ping -c 2 -W 2 " + container(2)).ok();
        LAB.on(host(6), "ip netns del guest").ok();
    }

    @Test
    void anAddressThatMovesToAnotherHostIsReachedWithinASecond() {
        LAB.docker(host(3), "run -d --net=weave --name moving busybox sleep 1000")
                .ok();
        String address = SESSION.address(host(3), "moving");
        SESSION.in(host(1), container(1), "ping -c 1 -W 1 " + address).ok();
        LAB.docker(host(3), "rm -f moving").ok();
        LAB.docker(host(4), "run -d --net=weave --name moving --ip " + address + " busybox sleep 1000")
                .ok();
        SESSION.in(host(1), container(1), "ping -c 1 -W 1 " + address).ok();
        LAB.docker(host(4), "rm -f moving").ok();
    }

    @Test
    void whileAPeerIsKilledNoPacketOfItsContainersIsLost() {
        LAB.docker(host(1), "exec -d " + container(1) + " sh -c 'iperf -s -u -p 5009 >/lost'")
                .ok();
        Await.within(
                SOON,
                () -> assertThat(SESSION.in(host(1), container(1), "netstat -lun")
                                .ok()
                                .text())
                        .contains(":5009"));
        // Killed when a thousand datagrams are through, and started again by its supervisor while the others follow.
        LAB.on(
                        host(2),
                        "docker exec " + container(2) + " iperf -c " + address(1) + " -u -p 5009 -l 500 -b 4m -t 8 &"
                                + " until [ $(cat /sys/class/net/vethwl*/statistics/rx_packets | sort -n | tail -1) -gt 1000 ];"
                                + " do busybox usleep 50000; done;"
                                + " kill -9 $(cat /run/weave/weave.pid); wait")
                .ok();
        Await.within(SOON, () -> LAB.on(host(2), "weave status").ok());
        Await.within(
                SOON,
                () -> assertThat(SESSION.in(host(1), container(1), "cat /lost")
                                .ok()
                                .text())
                        .containsPattern(" 0/ *\\d{4,} \\(0(\\.0+)?%\\)"));
        SESSION.in(host(1), container(1), "killall iperf").ok();
    }

    private static String host(int number) {
        return "host" + number;
    }

    private static String container(int number) {
        return "c" + number;
    }

    private static String address(int number) {
        return SESSION.address(host(number), container(number));
    }

    private static String mac(int number) {
        return SESSION.in(host(number), container(number), "cat /sys/class/net/ethwe0/address")
                .ok()
                .text();
    }

    private static void send(int number, String frame) {
        LAB.on(host(number), inside(number) + FRAME + " send ethwe0 " + frame).ok();
    }

    private static void listen(int number) {
        LAB.on(
                        host(number),
                        "setsid " + inside(number) + "timeout 60 " + FRAME + " listen ethwe0 >" + HEARD
                                + " 2>&1 </dev/null &")
                .ok();
        Await.within(SOON, () -> assertThat(heard(number)).contains("listening"));
    }

    private static String heard(int number) {
        return LAB.on(host(number), "cat " + HEARD).ok().text();
    }

    private static String inside(int number) {
        return "nsenter -t $(docker inspect -f '{{.State.Pid}}' " + container(number) + ") -n ";
    }
}
