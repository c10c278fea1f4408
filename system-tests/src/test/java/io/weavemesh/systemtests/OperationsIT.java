package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What whoever keeps a fleet running looks at: the doctor, the pages for programs, the metrics. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OperationsIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final Duration SOON = Duration.ofSeconds(15);

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        for (String host : LAB.lab().hosts()) {
            Await.within(SOON, () -> LAB.docker(host, "network inspect weave").ok());
            LAB.docker(host, "run --net=weave --name c-" + host + " -td busybox sh")
                    .ok();
        }
    }

    @Test
    @Order(1)
    void theDoctorFindsNothingOnAHealthyHostAndTriesItInAContainer() {
        Await.within(SOON, () -> {
            Outcome visit = LAB.on(HOST1, "weave doctor");
            assertThat(visit.exit()).as(visit.toString()).isZero();
            assertThat(visit.text())
                    .contains("ok       peer       ", "ok       ports      open: tcp 6783 (peers)")
                    .contains("ok       peers      1 reached", "ok       firewall   FORWARD is DROP")
                    .contains("ok       leaks      1 endpoints, each of them in use")
                    .containsPattern(
                            "ok       container  one started on 'weave', got 10\\.\\d+\\.\\d+\\.\\d+ and found its name")
                    .doesNotContain("PROBLEM");
        });
        assertThat(LAB.docker(HOST1, "images -q weavemesh-doctor").ok().text()).isEmpty();
        assertThat(LAB.docker(HOST1, "ps -aq --filter name=weave-doctor").ok().text())
                .isEmpty();
    }

    @Test
    @Order(2)
    void theDoctorNamesWhatIsWrongAndWhatToDo() {
        LAB.lab().cut(HOST2);
        Await.within(
                SOON,
                () -> assertThat(problems())
                        .contains("peers", "is it launched there, and open between the hosts: TCP 6783"));
        LAB.lab().heal(HOST2);
        LAB.on(HOST1, "iptables -I INPUT ! -i lo -p udp --dport 53 -j DROP").ok();
        assertThat(problems()).contains("PROBLEM  container", "does a firewall close port 53 to containers?");
        LAB.on(HOST1, "iptables -D INPUT ! -i lo -p udp --dport 53 -j DROP").ok();
        Await.within(SOON, () -> assertThat(problems()).isEmpty());
    }

    @Test
    @Order(3)
    void everyStatusIsThereForProgramsAsWell() {
        for (String page : new String[] {"", "targets", "connections", "peers", "dns", "ipam"}) {
            json("weave status --json " + page);
        }
        json("weave ps --json");
        json("weave report");
        LAB.on(HOST1, "weave status connections --json | jq -e '.Connections[0].State == \"established\"'")
                .ok();
        LAB.on(HOST1, "weave ps --json | jq -e '.Containers[0].Name == \"c-host1\"'")
                .ok();
        LAB.on(HOST1, "weave doctor --json --no-container | jq -es 'map(.subject) | index(\"ports\")'")
                .ok();
    }

    @Test
    @Order(4)
    void aShellCompletesCommandsAndOptions() {
        assertThat(LAB.on(
                                HOST1,
                                "source <(weave completion); COMP_WORDS=(weave sta); COMP_CWORD=1;"
                                        + " _complete_weave 2>/dev/null; echo ${COMPREPLY[@]}")
                        .ok()
                        .text())
                .isEqualTo("status");
        assertThat(LAB.on(
                                HOST1,
                                "source <(weave completion); COMP_WORDS=(weave launch --ipalloc-r); COMP_CWORD=2;"
                                        + " _complete_weave 2>/dev/null; echo ${COMPREPLY[@]}")
                        .ok()
                        .text())
                .contains("--ipalloc-range", "--ipalloc-reclaim-after");
    }

    @Test
    @Order(5)
    void theMetricsAreThoseTheDashboardShows() throws IOException {
        LAB.docker(HOST1, "exec c-host1 ping -c 3 -i 0.2 " + address(HOST2)).ok();
        String metrics =
                LAB.on(HOST1, "curl -s http://127.0.0.1:6784/metrics").ok().text();
        assertThat(metrics)
                .containsPattern("weave_network_packets_total\\{direction=\"sent\",network=\"10.32.0.0/12\"\\} [1-9]")
                .contains("weave_connections{encryption=\"\",state=\"established\",type=\"vxlan\"} 1")
                .containsPattern("weave_bus_request_seconds_count\\{.*service=\"ipam\"\\} [1-9]");
        String dashboard = Files.readString(Lab.repository().resolve("docs/grafana/weavemesh.json"));
        Set<String> shown = new TreeSet<>();
        Matcher names = Pattern.compile("weave_[a-z_]+").matcher(dashboard);
        while (names.find()) {
            shown.add(names.group());
        }
        assertThat(shown).hasSizeGreaterThan(15);
        for (String name : shown) {
            assertThat(metrics.lines().anyMatch(line -> line.matches(name + "[ {].*")))
                    .as(name)
                    .isTrue();
        }
    }

    private static String problems() {
        return LAB.on(HOST1, "weave doctor --quiet").text();
    }

    private static void json(String command) {
        LAB.on(HOST1, command + " | jq -e .").ok();
    }

    private static String address(String host) {
        return LAB.docker(host, "inspect -f '{{.NetworkSettings.Networks.weave.IPAddress}}' c-" + host)
                .ok()
                .text();
    }
}
