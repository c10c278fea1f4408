package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NetworkId;
import io.weavemesh.contract.RouterRequest.CreateEndpoint;
import io.weavemesh.contract.RouterRequest.DeleteNetwork;
import io.weavemesh.contract.RouterRequest.Expose;
import io.weavemesh.contract.RouterRequest.Hide;
import io.weavemesh.router.Input;
import io.weavemesh.router.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two hosts joined by a cable, a container on each, and the ordinary tools between them. */
@RequiresRoot
class OverlayKernelTest {

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final KernelHost one = new KernelHost("one", World.alpha(), open);
    private final KernelHost two = new KernelHost("two", World.beta(), open);

    @AfterEach
    void remove() throws Exception {
        for (AutoCloseable thing : open) {
            thing.close();
        }
    }

    @Test
    void containersOfTwoHostsTalkWithoutAskingWhoIsWho() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        Namespace bar = two.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        meet();
        Watch wire = watchTheWire();

        assertThat(foo.sh("busybox ping -c 3 -i 0.2 -W 2 10.40.0.1")).contains(" 0% packet loss");
        assertThat(bar.sh("busybox ping -c 3 -i 0.2 -W 2 10.32.0.1")).contains(" 0% packet loss");
        assertThat(foo.sh("busybox ping -c 1 -W 2 -s 1422 10.40.0.1")).contains(" 0% packet loss");
        assertThat(foo.sh("busybox ping -c 1 -W 2 -s 4000 10.40.0.1")).contains(" 0% packet loss");

        wire.process().toHandle().destroy();
        String seen = wire.output().lines().collect(Collectors.joining("\n"));
        assertThat(seen).contains("VXLAN, flags [I] (0x08), vni 11566019").doesNotContain("ARP, Request who-has 10.");
    }

    @Test
    void multicastReachesTheOtherHost() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        Namespace bar = two.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        meet();
        Process receiver = bar.start(java("receive", "224.1.2.3", "5007", "eth0"));
        open.push(receiver::destroyForcibly);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(receiver.getInputStream(), StandardCharsets.UTF_8));
        assertThat(output.readLine()).isEqualTo("joined");
        Process sender = foo.start(java("send", "224.1.2.3", "5007", "eth0", "hello"));
        assertThat(sender.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(output.readLine()).isEqualTo("hello from 10.32.0.1");
    }

    @Test
    void aMacNobodyRegisteredIsFoundByFloodingAndLearning() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        Namespace bar = two.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        meet();
        bar.sh("ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:42; ip link set eth0 up;"
                + " ip addr add 10.40.0.99/12 dev eth0");
        assertThat(foo.sh("busybox ping -c 3 -i 0.2 -W 2 10.40.0.99")).contains(" 0% packet loss");
        assertThat(one.namespace.sh("bridge fdb show dev vxlan-weave"))
                .contains("02:00:00:00:00:42 dst 192.0.2.2 self");
    }

    @Test
    void anAddressThatMovesToTheOtherHostIsFoundThereAtOnce() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        one.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        two.run("other", "cccccccccccc", "10.40.0.2/12");
        meet();
        assertThat(foo.sh("busybox ping -c 1 -W 2 10.40.0.1")).contains(" 0% packet loss");
        one.stop("bbbbbbbbbbbb");
        two.run("moved", "dddddddddddd", "10.40.0.1/12");
        meet();
        assertThat(foo.sh("busybox ping -c 2 -i 0.2 -W 1 10.40.0.1")).contains(" 0% packet loss");
    }

    @ParameterizedTest
    @CsvSource({"10.32.0.0/12, 10.32.0.1, 10.40.0.1", "fd00:2:1::/64, fd00:2:1::1, fd00:2:1::5"})
    void anAddressThatMovesToAnotherMacAddressAnswersAtOnceAndNothingIsSaidOnTheWire(
            String text, String near, String moving) throws Exception {
        connect();
        Cidr subnet = Cidr.parse(text);
        NetworkId network = new NetworkId("thenetwork00");
        for (KernelHost host : List.of(one, two)) {
            host.take(new Input.NetworkGivenUp(new DeleteNetwork(World.WEAVE)));
            host.take(new Input.NetworkAsked(World.network(network, subnet)));
        }
        String prefix = "/" + subnet.prefix();
        Namespace foo = one.run(network, "foo", "aaaaaaaaaaaa", near + prefix);
        two.run(network, "bar", "bbbbbbbbbbbb", moving + prefix);
        meet();
        String ping = "busybox ping" + (subnet.address().isIpv4() ? "" : "6") + " -c 1 -W 2 " + moving;
        assertThat(foo.sh(ping)).contains(" 0% packet loss");
        assertThat(foo.sh("ip neigh show " + moving)).contains("REACHABLE");
        Watch wire = watchTheWire();

        two.stop(network, "bbbbbbbbbbbb");
        one.take(new Input.RowsChanged(World.BETA, List.of(), List.of(World.row(subnet, "bbbbbbbbbbbb", moving))));
        two.run(attached(network, "cccccccccccc", "06:00:00:00:00:0c", moving + prefix), "moved");
        meet();
        assertThat(foo.sh("ip neigh show " + moving)).contains("lladdr 06:00:00:00:00:0c");
        assertThat(foo.sh(ping)).contains(" 0% packet loss");
        assertThat(one.namespace.sh("bridge fdb show | grep 06:00:00:00:00:0c | grep -v self"))
                .contains(" master ")
                .hasLineCount(1);

        List<String> seen = new ArrayList<>(); // What was sent before the answer comes before it.
        do {
            seen.add(wire.output().readLine());
        } while (!seen.getLast().contains("echo reply"));
        assertThat(seen).noneMatch(line -> line.contains("ARP") || line.contains("neighbor advertisement"));
    }

    private static CreateEndpoint attached(NetworkId network, String id, String mac, String address) {
        return new CreateEndpoint(
                network, new EndpointId(id), List.of(Cidr.parse(address)), Optional.of(MacAddress.parse(mac)));
    }

    @Test
    void aHostReachesTheContainersOfBothHostsByItsOwnAddress() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        Namespace bar = two.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        one.take(new Input.ExposeAsked(new Expose(Cidr.parse("10.32.0.9/12"), true)));
        meet();
        Watch wire = watchTheWire();
        assertThat(one.namespace.sh("busybox ping -c 1 -W 2 10.32.0.1")).contains(" 0% packet loss");
        assertThat(one.namespace.sh("busybox ping -c 3 -i 0.2 -W 2 10.40.0.1")).contains(" 0% packet loss");
        assertThat(foo.sh("busybox ping -c 1 -W 2 10.32.0.9")).contains(" 0% packet loss");
        assertThat(bar.sh("busybox ping -c 3 -i 0.2 -W 2 10.32.0.9")).contains(" 0% packet loss");

        wire.process().toHandle().destroy();
        assertThat(wire.output().lines().collect(Collectors.joining("\n")))
                .contains("VXLAN")
                .doesNotContain("ARP, Request who-has 10.");

        // What leaves the network by host one has its underlay address; host two knows no way back to the network.
        bar.sh("ip route add 192.0.2.0/24 via 10.32.0.9");
        one.namespace.sh("sysctl -qw net.ipv4.ip_forward=1");
        assertThat(bar.sh("busybox ping -c 1 -W 2 192.0.2.2")).contains(" 0% packet loss");

        one.take(new Input.HideAsked(new Hide(Cidr.parse("10.32.0.9/12"))));
        assertThat(one.namespace.sh("ip addr show dev weave")).doesNotContain("inet ");
        assertThat(one.namespace.sh("nft list ruleset")).doesNotContain("masquerade");
    }

    @Test
    void aRestartOfTheProgrammingLosesNoPacket() throws Exception {
        connect();
        Namespace foo = one.run("foo", "aaaaaaaaaaaa", "10.32.0.1/12");
        two.run("bar", "bbbbbbbbbbbb", "10.40.0.1/12");
        meet();
        Process ping = foo.start(List.of("busybox", "ping", "-c", "20", "-i", "0.1", "-W", "1", "10.40.0.1"));
        for (int i = 0; i < 10; i++) {
            one.restart();
            meet();
        }
        String result = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(result).contains("20 packets transmitted, 20 packets received, 0% packet loss");
    }

    private void connect() {
        one.connect(two);
    }

    /** Each hears of the other's endpoints. */
    private void meet() {
        one.hear(two);
        two.hear(one);
    }

    private record Watch(Process process, BufferedReader output) {}

    private Watch watchTheWire() throws IOException {
        Process tcpdump = one.namespace.start(
                List.of("tcpdump", "-i", "eth0", "-n", "-l", "-U", "-T", "vxlan", "udp", "port", "6784"));
        open.push(tcpdump::destroyForcibly);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(tcpdump.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.contains("listening on")) {
            line = output.readLine();
        }
        assertThat(line).isNotNull();
        return new Watch(tcpdump, output);
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                System.getProperty("java.class.path"),
                MulticastProbe.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
