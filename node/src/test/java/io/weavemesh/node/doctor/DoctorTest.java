package io.weavemesh.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.node.doctor.Finding.Level;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorTest {

    private final FakeHost host = new FakeHost();
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> looks = new ArrayList<>();

    @Test
    void aHealthyHostHasNoProblemAndEveryCheckSaysSo() {
        assertThat(examine()).isTrue();
        assertThat(findings).extracting(Finding::level).containsOnly(Level.OK);
        assertThat(findings)
                .extracting(Finding::subject)
                .containsExactly(
                        "peer",
                        "ports",
                        "peers",
                        "mtu",
                        "firewall",
                        "sockets",
                        "docker",
                        "leaks",
                        "container",
                        "disk",
                        "clock");
        assertThat(looks)
                .hasSize(11)
                .startsWith("1/11 this peer", "2/11 its ports")
                .endsWith("11/11 the clock");
        assertThat(findings.getFirst().line())
                .isEqualTo("ok       peer       00:00:00:00:00:01(one) is ready, version 0.1.0");
    }

    @Test
    void aHostWithoutAPeerSaysHowToStartOne() {
        host.report = java.util.Optional.empty();
        host.sockets.clear();
        host.files.put("/proc/net/tcp", FakeHost.listening("0A", 22));
        assertThat(examine()).isFalse();
        assertThat(problem("peer")).contains("no peer runs", "weave launch");
        assertThat(of("ports").level()).isEqualTo(Level.OK);
        assertThat(of("sockets").level()).isEqualTo(Level.OK);
        assertThat(host.ran).noneMatch(line -> line.startsWith("docker run"));
    }

    @Test
    void aPortSomebodyElseHasIsNamedBeforeTheLaunchFailsOnIt() {
        host.report = java.util.Optional.empty();
        host.files.put("/proc/net/tcp", FakeHost.listening("0A", 6785));
        examine();
        assertThat(problem("ports")).contains("tcp 6785 (event bus)").doesNotContain("6783");
    }

    @Test
    void aPortNobodyServesIsNamed() {
        host.files.put("/proc/net/udp", FakeHost.listening("07", 53));
        examine();
        assertThat(problem("ports")).contains("nobody listens on udp 6784 (overlay)");
    }

    @Test
    void aServiceThatIsMissingAndAnotherVersionAreSaid() {
        host.changesReport("\"Ready\": true", "\"Ready\": false");
        examine();
        assertThat(problem("peer")).contains("not all of its services");
        host.changesReport("\"Ready\": false", "\"Ready\": true");
        host.changesReport("\"Version\": \"0.1.0\",\n", "\"Version\": \"0.0.9\",\n");
        examine();
        assertThat(problem("peer")).contains("0.0.9", "0.1.0");
        assertThat(of("peers").level()).isEqualTo(Level.NOTE);
    }

    @Test
    void aPeerThatIsNotReachedIsNamedWithTheReason() {
        host.changesReport("\"established\", \"Info\": \"\"", "\"retrying\", \"Info\": \"connection refused\"");
        examine();
        assertThat(problem("peers")).contains("192.0.2.2:6783", "connection refused", "weave forget 192.0.2.2:6783");
    }

    @Test
    void twoHostsWithOneNameAreTold() {
        host.changesReport(
                "\"established\", \"Info\": \"\"",
                "\"failed\", \"Info\": \"peer 00:00:00:00:00:01 is at 192.0.2.1 and at 192.0.2.2: give one --name\"");
        examine();
        assertThat(problem("peers")).contains("--name", "clones");
    }

    @Test
    void anUnderlayThatCarriesLessThanTheNetworkNeedsIsToldInBytes() {
        host.underlay = 1400;
        examine();
        assertThat(problem("mtu")).contains("10.32.0.0/12 has MTU 1450", "1400", "only 1350");
    }

    @Test
    void whatTheRouterWarnsOfIsSaidAsItSaysIt() {
        host.changesReport("\"Networks\":", "\"Warnings\": [\"2 interfaces: start these again\"], \"Networks\":");
        examine();
        assertThat(problem("mtu")).endsWith("2 interfaces: start these again");
    }

    @Test
    void aFirewallThatStopsBridgedFramesIsToldWithTheRuleThatHelps() {
        host.prints("iptables -w 2 -S", "-P FORWARD DROP\n");
        examine();
        assertThat(problem("firewall")).contains("iptables -I FORWARD -i weave -o weave -j ACCEPT");
        host.files.put("/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n");
        examine();
        assertThat(of("firewall").level())
                .as("bridged frames do not pass iptables")
                .isEqualTo(Level.OK);
    }

    @Test
    void aFrameHasToPassTheTablesOfIptablesLegacyToo() {
        host.files.put("/proc/net/ip_tables_names", "filter\nnat\n");
        host.prints("iptables-legacy -w 2 -S", "-P FORWARD DROP\n");
        examine();
        assertThat(problem("firewall"))
                .contains("DROP in iptables-legacy", "iptables-legacy -I FORWARD -i weave -o weave -j ACCEPT");
        host.prints("iptables-legacy -w 2 -S", "-P FORWARD DROP\n-A FORWARD -i weave -o weave -j ACCEPT\n");
        examine();
        assertThat(of("firewall").level()).isEqualTo(Level.OK);
        host.fails("iptables-legacy -w 2 -S", 127, "no such command");
        examine();
        assertThat(of("firewall").level()).isEqualTo(Level.NOTE);
        assertThat(of("firewall").line()).contains("tables of iptables-legacy, which cannot be read");
    }

    @Test
    void inAContainerThatDoesNotSeeDockersPluginsItSaysSo() {
        host.files.remove("/run/docker/plugins");
        host.sockets.clear();
        assertThat(examine()).isTrue();
        assertThat(of("sockets").level()).isEqualTo(Level.NOTE);
        assertThat(of("sockets").fix()).isEqualTo("run this on the host");
    }

    @Test
    void aSocketThatNobodyServesHoldsUpDocker() {
        host.sockets.put("/run/docker/plugins/weave.sock", "");
        examine();
        assertThat(problem("sockets")).contains("weave.sock is there and nobody answers");
    }

    @Test
    void whatIsKnownToOneSideOnlyIsALeak() {
        host.prints(FakeHost.ENDPOINTS, "\n");
        examine();
        assertThat(problem("leaks")).contains("endpoint abababababab is unknown to Docker");
        host.prints(FakeHost.ENDPOINTS, "c1=" + FakeHost.ENDPOINT + " c2=" + "cd".repeat(32) + " \n");
        examine();
        assertThat(problem("leaks")).contains("endpoint cdcdcdcdcdcd of a running container is unknown to us");
    }

    @Test
    void whatOtherHostsHaveInANetworkOfGlobalScopeIsNotMissingHere() {
        String elsewhere = "cd".repeat(32);
        host.prints(FakeHost.ENDPOINTS, "c1=" + FakeHost.ENDPOINT + " ep-" + elsewhere + "=" + elsewhere + " \n");
        assertThat(examine()).isTrue();
        assertThat(of("leaks").line()).contains("1 endpoints, each of them in use");
    }

    @Test
    void anInterfaceWhoseOtherEndIsGoneIsALeak() {
        host.files.put("/sys/class/net/weave/brif/vethwe1", "");
        host.files.put("/sys/class/net/vethwe1/operstate", "lowerlayerdown\n");
        examine();
        assertThat(problem("leaks")).contains("interface vethwe1 on weave leads nowhere");
    }

    @Test
    void aContainerThatDoesNotFindItsNameOrDoesNotStartIsToldAndRemoved() {
        host.fails(FakeHost.container(), 2, "");
        examine();
        assertThat(problem("container")).contains("did not find weave-doctor-", "dig @172.17.0.1");
        host.fails(FakeHost.container(), 125, "docker: Error response from daemon: no space.\n");
        examine();
        assertThat(problem("container")).contains("no space");
        assertThat(host.ran).contains("docker rmi -f weavemesh-doctor:empty");
    }

    @Test
    void engineDiskAndClock() {
        host.prints("docker version --format {{.Server.Version}}", "19.03.1\n");
        host.free = 5 << 20;
        host.prints("timedatectl show --property=NTPSynchronized --value", "no\n");
        assertThat(examine()).isFalse();
        assertThat(problem("docker")).contains("19.03.1");
        assertThat(problem("disk")).contains("5 MiB");
        assertThat(of("clock").level()).isEqualTo(Level.NOTE);
    }

    private boolean examine() {
        findings.clear();
        looks.clear();
        return new Doctor(new Doctor.Setup("0.1.0", 6783, "/var/lib/weave", "/run/docker/plugins", true))
                .examine(host, findings::add, (number, of, what) -> looks.add(number + "/" + of + " " + what));
    }

    private Finding of(String subject) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private String problem(String subject) {
        Finding finding = of(subject);
        assertThat(finding.level()).as(finding.line()).isEqualTo(Level.PROBLEM);
        return finding.line();
    }
}
