package io.weavemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.contract.Cidr;
import io.weavemesh.contract.ContainerId;
import io.weavemesh.contract.DnsReply.DnsStatus;
import io.weavemesh.contract.DnsReply.Name;
import io.weavemesh.contract.EndpointId;
import io.weavemesh.contract.Fqdn;
import io.weavemesh.contract.IpAddress;
import io.weavemesh.contract.IpamReply.IpamStatus;
import io.weavemesh.contract.IpamReply.PoolStatus;
import io.weavemesh.contract.IpamReply.Share;
import io.weavemesh.contract.MacAddress;
import io.weavemesh.contract.NameRow;
import io.weavemesh.contract.PluginReply.AttachedContainer;
import io.weavemesh.contract.PluginReply.CallStatus;
import io.weavemesh.contract.PluginReply.PluginStatus;
import io.weavemesh.contract.RouterReply.Connection;
import io.weavemesh.contract.RouterReply.RouterStatus;
import io.weavemesh.router.MetricsText.RouterCounters;
import io.weavemesh.router.ServiceAnswer.Down;
import io.weavemesh.router.ServiceAnswer.Up;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The pages people and scripts read. */
class StatusTextTest {

    private final RouterStatus router = new RouterStatus(
            World.alpha(),
            List.of(World.beta()),
            List.of(
                    new Connection("192.0.2.9:6783", true, "failed", Optional.empty(), "connection refused"),
                    new Connection("192.0.2.2:6783", false, "established", Optional.of(World.beta()), "")),
            List.of("host2", "192.0.2.9:6783"),
            true);

    private final IpamStatus ipam = new IpamStatus(
            "ready",
            World.DEFAULT_SUBNET,
            World.DEFAULT_SUBNET,
            List.of(new PoolStatus(
                    World.DEFAULT_SUBNET,
                    List.of(
                            new Share(World.GAMMA, 16384, Optional.empty()),
                            new Share(World.BETA, 507904, Optional.empty()),
                            new Share(World.ALPHA, 524288, Optional.of(3L))))),
            Set.of(World.GAMMA),
            0,
            List.of());

    private final DnsStatus dns = new DnsStatus(
            Fqdn.parse("weave.local"), List.of("172.17.0.1:53"), List.of("192.0.2.53"), 1, 4, List.of("waiting"));

    private final PluginStatus plugin = new PluginStatus(
            List.of("weave", "weavemesh"),
            "20.10.24",
            true,
            List.of(new AttachedContainer(
                    new ContainerId("3f9a1c77be02aaaaaaaaaaaa"),
                    "foo",
                    new EndpointId("aaaaaaaaaaaa"),
                    MacAddress.parse("02:f8:0a:20:00:04"),
                    List.of(Cidr.parse("10.32.0.4/12")))),
            List.of(new CallStatus("NetworkDriver.CreateEndpoint", 5, 1, 1500, 4000, 9000)));

    private final List<Name> names = List.of(
            new Name(row("web.weave.local", "10.32.0.4"), World.ALPHA),
            new Name(row("else.where", "10.32.0.5"), World.BETA));

    private final StatusView view = new StatusView(router, true, new Up<>(ipam), new Up<>(dns), new Up<>(plugin));

    private static final RouterNotes NOTES = new RouterNotes(
            new TreeMap<>(Map.of("redirect", 1L, "foreign-tunnel", 12L, "loopback", 0L)),
            3,
            List.of("do something"),
            Map.of(World.BETA, 1400),
            Map.of(World.BETA, "the path is narrow"));

    @Test
    void theSummary() {
        assertThat(StatusText.summary(view)).isEqualTo("""
                        Version: 0.1.0

                        Service: router
                       Protocol: weave 1..1
                           Name: 2e:11:0a:9f:44:01(alpha)
                     Encryption: disabled
                  PeerDiscovery: enabled
                        Targets: 2
                    Connections: 2 (1 established, 1 failed)
                          Peers: 2 (with 2 established connections)
                 TrustedSubnets: none

                        Service: ipam
                         Status: ready
                          Range: 10.32.0.0/12
                  DefaultSubnet: 10.32.0.0/12

                        Service: dns
                         Domain: weave.local.
                        Address: 172.17.0.1:53
                        Problem: waiting
                       Upstream: 192.0.2.53
                            TTL: 1
                        Entries: 4

                        Service: plugin (legacy)
                     DriverName: weave, weavemesh
                """);
    }

    @Test
    void aServiceThatIsDownIsShownAndSpoilsNothingElse() {
        StatusView broken =
                new StatusView(router, true, new Down<>("no answer from ipam"), new Up<>(dns), new Up<>(plugin));
        assertThat(StatusText.summary(broken))
                .contains("        Service: ipam\n         Status: not available: no answer from ipam\n\n")
                .contains("DriverName");
        assertThat(broken.ready()).isFalse();
        assertThat(view.ready()).isTrue();
        assertThat(new StatusView(router, false, view.ipam(), view.dns(), view.plugin()).ready())
                .isFalse();
    }

    @Test
    void whatTheFirewallDroppedAndWhatSomebodyShouldDoSomethingAbout() {
        assertThat(StatusText.summary(view, NOTES)).contains("""
                 TrustedSubnets: none
                        Dropped: 12 foreign-tunnel, 1 redirect
                        Warning: do something

                        Service: ipam
                """);
        assertThat(StatusText.connections(router, NOTES)).contains("(beta) mtu=1450 the path is narrow\n");
        assertThat(MetricsText.of(view, names, new RouterCounters(1, 2, 3, 4, 5), List.of(), NOTES))
                .contains("weave_firewall_dropped_packets_total{reason=\"foreign-tunnel\"} 12\n")
                .contains("weave_firewall_repairs_total 3\n")
                .contains("weave_path_mtu_bytes{peer=\"" + World.BETA + "\"} 1400\n")
                .contains("weave_unsuitable_paths 1\n");
    }

    @Test
    void aNarrowPathAndOutgrownInterfacesAreNamedWithWhatToDo() {
        RouterNotes notes = RouterNotes.of(
                new TreeMap<>(),
                0,
                new OverlayMtus(1350, 1450, 50, 2),
                Map.of(World.BETA, new PathProbes.Verdict.TooNarrow(1400, 1500)),
                List.of(World.beta(), World.gamma()));
        assertThat(notes.warnings())
                .containsExactly(
                        "packets of 1500 bytes do not reach beta (192.0.2.2), those of 1400 do: repair the path, or launch"
                                + " every peer with --mtu 1350",
                        "2 interfaces of containers have a larger MTU than the hosts' network carries now (1350): start"
                                + " these containers again");
        assertThat(notes.pathMtus()).isEqualTo(Map.of(World.BETA, 1400));
        assertThat(notes.paths()).isEqualTo(Map.of(World.BETA, "path-mtu=1400 (too small, needs 1500)"));
    }

    @Test
    void aHostAlone() {
        RouterStatus alone = new RouterStatus(World.alpha(), List.of(), List.of(), List.of(), false);
        assertThat(StatusText.summary(new StatusView(alone, true, view.ipam(), view.dns(), view.plugin())))
                .contains("    Connections: 0\n          Peers: 1\n");
        assertThat(StatusText.summary(new StatusView(alone, true, view.ipam(), view.dns(), view.plugin())))
                .contains("  PeerDiscovery: disabled\n");
        assertThat(StatusText.connections(alone)).isEmpty();
        assertThat(StatusText.targets(alone)).isEmpty();
        assertThat(StatusText.peers(alone)).isEqualTo("2e:11:0a:9f:44:01(alpha)\n");
    }

    @Test
    void aPeerThatIsNotHeardIsShownAsPendingOnBothSides() {
        Connection silent =
                new Connection("192.0.2.2:6783", true, "retrying", Optional.of(World.beta()), "no sign of life");
        RouterStatus status =
                new RouterStatus(World.alpha(), List.of(World.beta()), List.of(silent), List.of("host2"), true);
        assertThat(StatusText.peers(status))
                .contains("   -> 192.0.2.2:6783        2e:11:0a:9f:44:02(beta)               pending\n")
                .contains("2e:11:0a:9f:44:01(alpha)              pending\n")
                .doesNotContain("established");
        assertThat(StatusText.connections(status)).contains("retrying    no sign of life");
    }

    @Test
    void connections() {
        assertThat(StatusText.connections(router)).isEqualTo("""
                <- 192.0.2.2:6783        established vxlan  2e:11:0a:9f:44:02(beta) mtu=1450
                -> 192.0.2.9:6783        failed      connection refused
                """);
    }

    @Test
    void peers() {
        assertThat(StatusText.peers(router)).isEqualTo("""
                2e:11:0a:9f:44:01(alpha)
                   <- 192.0.2.2:6783        2e:11:0a:9f:44:02(beta)               established
                2e:11:0a:9f:44:02(beta)
                   -> 192.0.2.1:6783        2e:11:0a:9f:44:01(alpha)              established
                """);
    }

    @Test
    void targets() {
        assertThat(StatusText.targets(router)).isEqualTo("host2\n192.0.2.9:6783\n");
    }

    @Test
    void ipamOurselvesFirstAndStrangersUnreachable() {
        assertThat(StatusText.ipam(ipam, router)).isEqualTo("""
                2e:11:0a:9f:44:01(alpha)                524288 IPs (50.0% of total) (3 active)
                2e:11:0a:9f:44:02(beta)                 507904 IPs (48.4% of total)
                2e:11:0a:9f:44:03                        16384 IPs (01.6% of total) - unreachable!
                """);
        IpamStatus idle =
                new IpamStatus("idle", World.DEFAULT_SUBNET, World.DEFAULT_SUBNET, List.of(), Set.of(), 0, List.of());
        assertThat(StatusText.ipam(idle, router)).isEmpty();
    }

    @Test
    void dnsWithoutOurDomain() {
        assertThat(StatusText.dns(dns, names)).isEqualTo("""
                web          10.32.0.4       3f9a1c77be02 2e:11:0a:9f:44:01
                else.where.  10.32.0.5       3f9a1c77be02 2e:11:0a:9f:44:02
                """);
    }

    @Test
    void containersAfterTheBridge() {
        assertThat(StatusText.containers(router, List.of(), plugin)).isEqualTo("""
                weave:expose 2e:11:0a:9f:44:01
                3f9a1c77be02 02:f8:0a:20:00:04 10.32.0.4/12
                """);
        List<Exposure> exposures = List.of(
                new Exposure(Cidr.parse("10.32.0.1/12"), World.DEFAULT_SUBNET, true),
                new Exposure(Cidr.parse("198.51.100.9/24"), World.OTHER_SUBNET, false));
        assertThat(StatusText.containers(router, exposures, plugin)).isEqualTo("""
                weave:expose 2e:11:0a:9f:44:01 10.32.0.1/12 198.51.100.9/24
                3f9a1c77be02 02:f8:0a:20:00:04 10.32.0.4/12
                """);
    }

    private static final List<MetricsText.Traffic> TRAFFIC =
            List.of(new MetricsText.Traffic(Cidr.parse("10.32.0.0/12"), 1, 2, 3, 4, 5, 6));

    @Test
    void metrics() {
        assertThat(MetricsText.of(view, names, new RouterCounters(1, 2, 3, 4, 5), TRAFFIC, NOTES))
                .contains("weave_connections{encryption=\"\",state=\"established\",type=\"vxlan\"} 1\n")
                .contains("weave_connections{encryption=\"yes\",state=\"established\",type=\"vxlan\"} 0\n")
                .contains("weave_connections{encryption=\"\",state=\"failed\",type=\"unknown\"} 1\n")
                .contains("weave_ips{state=\"local-used\"} 3\n")
                .contains("weave_max_ips 1048576\n")
                .contains("weave_dns_entries 1\n")
                .contains("weave_ipam_unreachable_count 1\n")
                .contains("weave_ipam_unreachable_percentage 1.5625\n")
                .contains("weave_kernel_repairs_total 4\n")
                .contains("weave_network_packets_total{direction=\"received\",network=\"10.32.0.0/12\"} 1\n")
                .contains("weave_network_drops_total{direction=\"sent\",network=\"10.32.0.0/12\"} 6\n")
                .contains("weave_plugin_calls_total{method=\"NetworkDriver.CreateEndpoint\",result=\"success\"} 4\n")
                .contains(
                        "weave_plugin_call_seconds{method=\"NetworkDriver.CreateEndpoint\",quantile=\"0.5\"} 0.0015\n")
                .contains("weave_plugin_call_seconds_count{method=\"NetworkDriver.CreateEndpoint\"} 5\n");
    }

    @Test
    void everySampleOfTheMetricsHasATypeAboveIt() {
        String text = MetricsText.of(view, names, new RouterCounters(1, 2, 3, 4, 5), TRAFFIC, NOTES);
        List<String> typed = text.lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.substring("# TYPE ".length()).replaceAll(" .*", ""))
                .toList();
        assertThat(typed).doesNotHaveDuplicates();
        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .allMatch(line -> typed.stream().anyMatch(line::startsWith));
    }

    @Test
    void theReportHasTheForerunnersKeys() {
        String report = ReportText.of(ReportText.of(
                view,
                NOTES,
                names,
                World.busyOverlay().segments(),
                World.busyOverlay().rows()));
        assertThat(report)
                .startsWith("{\n    \"Ready\": true,\n    \"Version\": \"0.1.0\",\n")
                .contains("        \"Name\": \"2e:11:0a:9f:44:01\",\n        \"NickName\": \"alpha\",\n")
                .contains("\"Targets\": [\n            \"host2\",\n            \"192.0.2.9:6783\"\n        ]")
                .contains("\"DefaultSubnet\": \"10.32.0.0/12\"", "\"Domain\": \"weave.local.\"")
                .contains("\"MeshDriverName\": \"weavemesh\"", "\"Bridge\": \"wb-7940fa\"")
                .endsWith("}\n");
        var all = ReportText.of(
                view,
                NOTES,
                names,
                World.busyOverlay().segments(),
                World.busyOverlay().rows());
        assertThat(ReportTemplate.parse("{{range .Router.Peers}}{{.NickName}}{{range .Connections}} {{.Outbound}}"
                                + " {{.Address}} {{.NickName}} {{.Established}}{{end}};{{end}}")
                        .apply(all))
                .isEqualTo("alpha false 192.0.2.2:6783 beta true;beta false 192.0.2.1:6783 alpha true;");
        assertThat(ReportTemplate.parse("{{range .IPAM.Entries}}{{.Size}} {{.IsKnownPeer}} {{end}}")
                        .apply(all))
                .isEqualTo("16384 false 507904 true 524288 true ");
    }

    @Test
    void jsonEscapesWhatItMust() {
        assertThat(JsonText.of(java.util.Map.of("a\"b", List.of("\n\\", 1, true, Optional.empty()))))
                .isEqualTo("""
                        {
                            "a\\"b": [
                                "\\u000a\\\\",
                                1,
                                true,
                                null
                            ]
                        }
                        """);
    }

    private static NameRow row(String name, String address) {
        return new NameRow(
                Fqdn.parse(name),
                IpAddress.parse(address),
                new ContainerId("3f9a1c77be02aaaaaaaaaaaa"),
                new EndpointId("aaaaaaaaaaaa"));
    }
}
