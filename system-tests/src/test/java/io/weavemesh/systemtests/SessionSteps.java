package io.weavemesh.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The session of the README, step by step, on two hosts that run a peer each. The same whether a peer is one process or
 * four containers.
 */
final class SessionSteps {

    static final String HOST1 = "host1";
    static final String HOST2 = "host2";

    /** Names and flood entries reach the other host in milliseconds; a busy machine may take longer. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final Pattern ADDRESS = Pattern.compile("10\\.(3[2-9]|4[0-7])\\.\\d+\\.\\d+");

    private final LabExtension lab;

    SessionSteps(LabExtension lab) {
        this.lab = lab;
    }

    void start(String host, String name) {
        lab.docker(
                        host,
                        "run --net=weave --name " + name + " -h " + name
                                + ".weave.local $(weave dns-args) -td busybox sh")
                .ok();
    }

    void remove(String host, String name) {
        lab.docker(host, "stop -t 0 " + name).ok();
        lab.docker(host, "rm " + name).ok();
    }

    Outcome in(String host, String container, String command) {
        return lab.docker(host, "exec " + container + " " + command);
    }

    /** The address Docker shows for a container on a network. */
    String address(String host, String container, String network) {
        return lab.docker(
                        host,
                        "inspect -f '{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}' " + container)
                .ok()
                .text();
    }

    String address(String host, String container) {
        return address(host, container, "weave");
    }

    void pingByNameAndAddress() {
        String foo = address(HOST1, "foo");
        assertThat(foo).matches(ADDRESS);
        assertThat(address(HOST2, "bar")).matches(ADDRESS).isNotEqualTo(foo);

        Await.within(
                SOON,
                () -> assertThat(in(HOST2, "bar", "ping -c 1 -W 1 foo").ok().text())
                        .contains(foo));
        in(HOST2, "bar", "ping -c 3 -W 1 " + foo).ok();
        in(HOST1, "foo", "ping -c 1 -W 1 bar").ok();
        in(HOST1, "foo", "ping -c 1 -W 1 bar.weave.local").ok();
    }

    void largestPacketsPass() {
        String mtu = in(HOST1, "foo", "cat /sys/class/net/ethwe0/mtu").ok().text();
        // IPv4 and ICMP headers have 28 bytes; nothing larger than the interface's MTU is sent, so this is the largest.
        int payload = Integer.parseInt(mtu) - 28;
        in(HOST2, "bar", "ping -c 1 -W 1 -s " + payload + " foo").ok();
    }

    void tcpByNetcat() {
        lab.docker(HOST1, "exec -d foo sh -c 'nc -l -p 4711 >/received'").ok();
        listens("foo", "-ltn", 4711);
        in(HOST2, "bar", "sh -c 'echo hello from bar | nc -w 2 foo 4711'").ok();
        Await.within(
                SOON,
                () -> assertThat(in(HOST1, "foo", "cat /received").ok().text()).isEqualTo("hello from bar"));
    }

    void tcpByIperf() {
        lab.docker(HOST1, "exec -d foo iperf -s").ok();
        listens("foo", "-ltn", 5001);
        Outcome client = in(HOST2, "bar", "iperf -c foo -t 1 -f m").ok();
        assertThat(megabits(client.out())).as("%s", client).isGreaterThan(50);
        in(HOST1, "foo", "killall iperf").ok();
    }

    /** One sends to a group, the other has joined it and counts what arrives. */
    void udpMulticast(String fromHost, String from, String toHost, String to) {
        String group = "224.1.2.3";
        lab.docker(toHost, "exec -d " + to + " sh -c 'iperf -s -u -B " + group + " -p 5002 -i 1 >/group'")
                .ok();
        Await.within(
                SOON,
                () -> assertThat(in(toHost, to, "cat /proc/net/igmp").ok().text())
                        .as("groups that %s has joined, in hexadecimal and back to front", to)
                        .contains("030201E0"));
        in(fromHost, from, "iperf -c " + group + " -u -T 8 -p 5002 -b 1m -t 1").ok();
        Await.within(
                SOON,
                () -> assertThat(in(toHost, to, "cat /group").ok().text())
                        .contains("connected with " + address(fromHost, from)));
        in(toHost, to, "killall iperf").ok();
    }

    void dig() {
        String foo = address(HOST1, "foo");
        assertThat(dig("foo.weave.local")).isEqualTo(foo);
        assertThat(dig("+tcp foo.weave.local")).isEqualTo(foo);
        assertThat(dig("FOO.Weave.LOCAL")).isEqualTo(foo);
        assertThat(dig("-x " + foo)).isEqualTo("foo.weave.local.");
        assertThat(dig("+tcp -x " + foo)).isEqualTo("foo.weave.local.");
        assertThat(digAll("nobody.weave.local")).contains("status: NXDOMAIN");
        assertThat(digAll("foo.weave.local MX")).contains("status: NOERROR", "ANSWER: 0");
        assertThat(lab.on(HOST2, "weave dns-lookup foo").ok().text()).isEqualTo(foo);
    }

    String dig(String question) {
        return lab.on(HOST2, "dig @$(weave docker-bridge-ip) +short +tries=1 +time=2 " + question)
                .ok()
                .text();
    }

    private String digAll(String question) {
        return lab.on(HOST2, "dig @$(weave docker-bridge-ip) +tries=1 +time=2 " + question)
                .ok()
                .text();
    }

    void connectAndDisconnect() {
        lab.docker(HOST1, "run -d --name plain busybox sleep 1000").ok();
        lab.docker(HOST1, "network connect weave plain").ok();
        String plain = address(HOST1, "plain");
        assertThat(plain).matches(ADDRESS);
        in(HOST2, "bar", "ping -c 1 -W 1 " + plain).ok();
        Await.within(SOON, () -> assertThat(dig("plain.weave.local")).isEqualTo(plain));

        lab.docker(HOST1, "network disconnect weave plain").ok();
        assertThat(in(HOST2, "bar", "ping -c 1 -W 1 " + plain).exit()).isNotZero();
        Await.within(SOON, () -> assertThat(dig("plain.weave.local")).isEmpty());
        in(HOST1, "plain", "ip link show eth0").ok();
        remove(HOST1, "plain");
    }

    void removedMeansGone() {
        start(HOST1, "brief");
        String brief = address(HOST1, "brief");
        Await.within(SOON, () -> assertThat(dig("brief.weave.local")).isEqualTo(brief));
        assertThat(lab.on(HOST1, "weave ps").ok().text()).contains(brief);

        remove(HOST1, "brief");

        Await.within(SOON, () -> assertThat(dig("brief.weave.local")).isEmpty());
        assertThat(dig("-x " + brief)).isEmpty();
        assertThat(in(HOST2, "bar", "ping -c 1 -W 1 " + brief).exit()).isNotZero();
        assertThat(lab.on(HOST1, "weave ps").ok().text()).doesNotContain(brief);
        // The address is free again: a new container may ask for that very one.
        lab.docker(HOST1, "run --rm --net=weave --ip " + brief + " busybox ip addr show ethwe0")
                .ok();
    }

    void statusPages() {
        assertThat(lab.on(HOST1, "weave status").ok().text())
                .contains("Service: router", "Service: ipam", "Service: dns", "Service: plugin")
                .contains("Range: 10.32.0.0/12", "Domain: weave.local.", "(1 established)");
        assertThat(lab.on(HOST1, "weave status peers").ok().text()).contains("(host1)", "(host2)", "established");
        assertThat(lab.on(HOST1, "weave status connections").ok().text())
                .contains(lab.lab().address(HOST2), "established", "(host2)");
        assertThat(lab.on(HOST1, "weave status dns").ok().text()).contains("foo", "bar", address(HOST1, "foo"));
        assertThat(lab.on(HOST1, "weave status ipam").ok().text()).contains("(host1)", "(host2)");
        assertThat(lab.on(HOST1, "weave ps").ok().text()).contains(address(HOST1, "foo") + "/12");
        assertThat(lab.on(HOST1, "weave report").ok().text()).startsWith("{");
        assertThat(lab.on(HOST1, "curl -sf http://127.0.0.1:6782/metrics").ok().text())
                .contains("weave_connections");
    }

    private void listens(String container, String netstatOptions, int port) {
        Await.within(
                SOON,
                () -> assertThat(in(HOST1, container, "netstat " + netstatOptions)
                                .ok()
                                .text())
                        .contains(":" + port));
    }

    /** What iperf with {@code -f m} reports as the rate of the whole run. */
    static double megabits(String report) {
        Matcher rate = Pattern.compile("([0-9.]+) Mbits/sec").matcher(report);
        double last = 0;
        while (rate.find()) {
            last = Double.parseDouble(rate.group(1));
        }
        return last;
    }
}
