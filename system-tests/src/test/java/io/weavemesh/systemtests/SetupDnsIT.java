package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Names without arguments: {@code weave setup-dns}, and what it leaves to Docker and to the host's resolvers. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SetupDnsIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final Duration SOON = Duration.ofSeconds(15);

    @BeforeAll
    static void launch() {
        LAB.lab().startUpstream();
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
    }

    @Test
    @Order(1)
    void whatItChangedIsSaidAndTheSecondTimeNothingIs() {
        for (String host : LAB.lab().hosts()) {
            LAB.on(host, "echo '{\"debug\": false}' >" + daemonJson(host)).ok();
            assertThat(LAB.on(host, "weave setup-dns").ok().text())
                    .contains("set \"dns\": [\"172.17.0.1\", \"198.18.0.1\"]", "\"dns-search\": [\"weave.local\"]")
                    .contains(daemonJson(host) + ".before-weave", "Docker reads this when it starts");
            assertThat(LAB.on(host, "cat " + daemonJson(host)).ok().text()).isEqualTo("""
                    {"debug": false, "dns": ["172.17.0.1", "198.18.0.1"], "dns-search": ["weave.local"]}""");
            assertThat(LAB.on(host, "weave setup-dns").ok().text())
                    .contains("there is already")
                    .doesNotContain("Docker reads this");
            restartDocker(host);
        }
    }

    @Test
    @Order(2)
    void aPlainContainerResolvesNamesOfTheOtherHostAndOthers() {
        run(HOST1, "foo");
        run(HOST2, "bar");
        assertThat(resolves(HOST2, "bar", "foo")).isEqualTo(address(HOST1, "foo"));
        assertThat(resolves(HOST2, "bar", "foo.weave.local")).isEqualTo(address(HOST1, "foo"));
        assertThat(resolves(HOST1, "foo", "bar")).isEqualTo(address(HOST2, "bar"));
        LAB.docker(HOST2, "run --rm --net=weave busybox ping -c 1 -W 1 foo").ok();
        assertThat(resolves(HOST1, "foo", "www.example.com")).isEqualTo(Upstream.ANSWER);
        assertThat(LAB.on(HOST1, "dig @172.17.0.1 +short www.example.com").ok().text())
                .as("by our forwarder")
                .isEqualTo(Upstream.ANSWER);
    }

    @Test
    @Order(3)
    void whileNoPeerRunsTheHostsResolversAnswer() {
        assertThat(LAB.on(HOST1, "weave stop").ok().text())
                .contains("Containers resolve names by 198.18.0.1 until weave runs again");
        assertThat(resolves(HOST1, "foo", "www.example.com")).isEqualTo(Upstream.ANSWER);
        LAB.on(HOST1, "weave launch host2").ok();
        assertThat(resolves(HOST1, "foo", "bar")).isEqualTo(address(HOST2, "bar"));
    }

    @Test
    @Order(4)
    void undoneTheFileIsAsItWas() {
        assertThat(LAB.on(HOST1, "weave setup-dns --remove").ok().text()).contains("our DNS is out of it");
        assertThat(LAB.on(HOST1, "cat " + daemonJson(HOST1)).ok().text()).isEqualTo("{\"debug\": false}");
        assertThat(LAB.on(HOST1, "ls " + daemonJson(HOST1) + ".before-weave").exit())
                .isNotZero();
        assertThat(LAB.on(HOST1, "weave setup-dns --remove").ok().text()).contains("nothing to undo");
        LAB.docker(HOST1, "rm -f foo").ok(); // A shell takes ten seconds to be stopped with Docker.
        restartDocker(HOST1);
        assertThat(LAB.docker(HOST1, "run --rm busybox cat /etc/resolv.conf")
                        .ok()
                        .lines())
                .filteredOn(line -> !line.isEmpty() && !line.startsWith("#"))
                .containsExactly("nameserver 198.18.0.1");
    }

    @Test
    @Order(5)
    void whatSomebodyElseSetIsNotOverwrittenUnasked() {
        LAB.on(HOST1, "echo '{\"dns\": [\"192.0.2.7\"]}' >" + daemonJson(HOST1)).ok();
        assertThat(LAB.on(HOST1, "weave setup-dns").failsInOneLine().err()).contains("192.0.2.7", "--merge");
        assertThat(LAB.on(HOST1, "cat " + daemonJson(HOST1)).ok().text()).isEqualTo("{\"dns\": [\"192.0.2.7\"]}");
    }

    private static String daemonJson(String host) {
        return LAB.lab().disk(host).resolve("daemon.json").toString();
    }

    private static void restartDocker(String host) {
        LAB.on(host, "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do busybox usleep 20000; done")
                .ok();
        LAB.lab().startDocker(host);
    }

    /** As soon as the network is there, which the peer makes when it sees Docker again. */
    private static void run(String host, String name) {
        Await.within(SOON, () -> LAB.docker(host, "network inspect weave").ok());
        LAB.docker(
                        host,
                        "run --restart=always --net=weave --name " + name + " -h " + name
                                + ".weave.local -td busybox sh")
                .ok();
    }

    private static String address(String host, String name) {
        return LAB.docker(host, "inspect -f '{{.NetworkSettings.Networks.weave.IPAddress}}' " + name)
                .ok()
                .text();
    }

    /** The address the container's own resolver library finds. */
    private static String resolves(String host, String container, String name) {
        StringBuilder found = new StringBuilder();
        Await.within(SOON, () -> {
            String ping = LAB.docker(host, "exec " + container + " ping -c 1 -W 1 " + name)
                    .text();
            assertThat(ping).as("ping %s in %s", name, container).contains("PING " + name + " (");
            found.setLength(0);
            found.append(ping.replaceAll("(?s).*?\\((.*?)\\).*", "$1"));
        });
        return found.toString();
    }
}
