package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/** The command {@code weave} on a host whose peer is four containers: what it says and does there. Needs foo and bar. */
final class ContainerSteps {

    static final List<String> SERVICES = List.of("router", "ipam", "dns", "plugin");

    private static final Duration SOON = Duration.ofSeconds(20);

    private final LabExtension lab;
    private final SessionSteps session;

    private String exposed = "";

    ContainerSteps(LabExtension lab, SessionSteps session) {
        this.lab = lab;
        this.session = session;
    }

    void logs() {
        for (String service : SERVICES) {
            String log =
                    lab.on(HOST1, "docker logs weave-" + service + " 2>&1").ok().text();
            assertThat(log).contains("Peer is ready.").doesNotContain("progress [");
            assertThat(log.contains("weave is ready. Go on with"))
                    .as("%s says how to go on", service)
                    .isEqualTo(service.equals("plugin"));
        }
        assertThat(lab.on(HOST1, "weave logs").ok().text())
                .contains("router | ", "ipam   | ", "dns    | ", "plugin | weave is ready.");
        assertThat(lab.on(HOST1, "weave logs -n 3").ok().lines()).hasSize(3);
    }

    void doctorAndPages() {
        assertThat(lab.on(HOST1, "weave doctor --no-container").ok().text())
                .contains("ok       ports", "ok       sockets", "ok       docker")
                .doesNotContain("PROBLEM");
        lab.on(
                        HOST1,
                        "set -eo pipefail; for page in '' targets connections peers dns ipam; do"
                                + " weave status --json $page | jq -e . >/dev/null; done;"
                                + " weave ps --json | jq -e '.Containers[0].Name == \"foo\"'")
                .ok();
        assertThat(lab.on(HOST1, "weave report -f '{{.Router.NickName}} {{.IPAM.Range}} {{.DNS.Domain}}'")
                        .ok()
                        .text())
                .isEqualTo("host1 10.32.0.0/12 weave.local.");
        for (int port : new int[] {6782, 6792, 6802, 6812}) {
            assertThat(lab.on(HOST1, "curl -sf http://127.0.0.1:" + port + "/metrics")
                            .ok()
                            .text())
                    .as("metrics on port %d", port)
                    .contains("weave_");
        }
    }

    void peersNetworksAndNames() {
        lab.on(HOST1, "weave prime && weave forget host2").ok();
        assertThat(lab.on(HOST1, "weave status targets").ok().text()).isEmpty();
        lab.on(HOST1, "weave connect host2").ok();
        assertThat(lab.on(HOST1, "weave status targets").ok().text()).isEqualTo("host2");

        assertThat(lab.on(HOST1, "weave network create shop").ok().text()).endsWith("is on 2 of 2 hosts");
        lab.docker(HOST2, "network inspect shop").ok();
        lab.on(HOST2, "weave network rm shop").ok();
        assertThat(lab.docker(HOST1, "network ls").ok().text()).doesNotContain("shop");

        assertThat(lab.on(HOST1, "weave dns-add 192.0.2.7 -h printer && weave dns-add foo -h www")
                        .ok()
                        .text())
                .isEmpty();
        Await.within(
                SOON,
                () -> assertThat(lab.on(HOST2, "weave dns-lookup printer && weave dns-lookup www")
                                .ok()
                                .lines())
                        .containsExactly("192.0.2.7", session.address(HOST1, "foo")));
        lab.on(HOST1, "weave dns-remove 192.0.2.7 -h printer && weave dns-remove foo -h www")
                .ok();
        assertThat(lab.on(HOST1, "weave dns-lookup printer").text()).isEmpty();
    }

    void expose() {
        exposed = lab.on(HOST1, "weave expose -h gateway").ok().text();
        assertThat(exposed).endsWith("/12");
        lab.on(HOST1, "weave expose --without-masquerade 10.99.0.3/24").ok();
        lab.on(HOST1, "ping -c 1 -W 2 " + session.address(HOST2, "bar")).ok();
        Await.within(
                SOON, () -> session.in(HOST2, "bar", "ping -c 1 -W 1 gateway").ok());
    }

    void hide() {
        assertThat(lab.on(HOST1, "weave ps weave:expose").ok().text()).contains(exposed, "10.99.0.3/24");
        assertThat(masqueraded()).contains("10.32.0.0/12").doesNotContain("10.99.0.0/24");
        session.in(HOST2, "bar", "ping -c 1 -W 2 gateway").ok();
        assertThat(lab.on(HOST1, "weave hide net:default 10.99.0.3/24").ok().text())
                .isEqualTo(exposed + " 10.99.0.3/24");
        assertThat(lab.on(HOST1, "ip -o -4 addr").ok().text()).doesNotContain(exposed, "10.99.0.3");
        assertThat(masqueraded()).isEmpty();
    }

    private String masqueraded() {
        return lab.on(HOST1, "nft list table ip weave").text();
    }

    void stop() {
        assertThat(lab.on(HOST1, "weave launch host2").failsInOneLine().err())
                .contains("each service in a container of its own (router, ipam, dns, plugin)", "weave stop");
        assertThat(lab.on(HOST1, "weave stop").ok().lines())
                .startsWith(
                        "container weave-plugin is stopped",
                        "container weave-dns is stopped",
                        "container weave-ipam is stopped",
                        "container weave-router is stopped")
                .anyMatch(line -> line.startsWith("They start again by 'docker start weave-router"))
                .anyMatch(line -> line.startsWith("network weave stays, it is used by "));
        assertThat(lab.docker(HOST1, "ps --format '{{.Names}}'").ok().text()).doesNotContain("weave-");
        session.in(HOST2, "bar", "ping -c 1 -W 1 " + session.address(HOST1, "foo"))
                .ok();
        assertThat(lab.on(HOST1, "weave status").failsInOneLine().err()).contains("weave is not running on this host");
        assertThat(lab.on(HOST1, "weave logs -n 5").ok().text()).contains("Peer is stopped.");
    }
}
