package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same session with a peer as four containers, by {@code docker-compose up -d} on each host. */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposeIT {

    private static final List<String> SERVICES = ContainerSteps.SERVICES;

    /** Making base images and building ours; both are done once. */
    private static final Duration BUILD = Duration.ofMinutes(4);

    /** Four JVMs on a machine that does other things too. */
    private static final Duration STARTED = Duration.ofMinutes(2);

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop().servicesInContainers();

    private static final SessionSteps SESSION = new SessionSteps(LAB);
    private static final ContainerSteps CONTAINERS = new ContainerSteps(LAB, SESSION);

    @BeforeAll
    static void up() {
        makeBaseImages();
        String repository = Lab.repository().toString();
        LAB.on(HOST1, repository + "/scripts/local-base-images", BUILD).ok();
        LAB.on(HOST1, "DOCKER_BUILDKIT=0 docker build -t weavemesh:latest " + repository, BUILD)
                .ok();
        up(HOST1, HOST2); // It gets ready while the image is on its way to the other.
        LAB.on(HOST1, "docker save -o /var/lib/weave/image.tar weavemesh:latest")
                .ok();
        LAB.lab().loadImage(HOST2, LAB.lab().disk(HOST1).resolve("varlib/image.tar"));
        LAB.on(HOST1, "rm /var/lib/weave/image.tar").ok();
        up(HOST2, HOST1);
        for (String host : List.of(HOST1, HOST2)) {
            SERVICES.forEach(service -> healthy(host, service));
        }
        SESSION.start(HOST1, "foo");
        SESSION.start(HOST2, "bar");
    }

    /** Needs the package mirror, which hosts of the lab cannot reach. */
    private static void makeBaseImages() {
        Path script = Lab.repository().resolve("scripts/local-base-images");
        Terminal.run("here", "local-base-images --prepare", List.of(script.toString(), "--prepare"), Map.of(), BUILD)
                .ok();
    }

    /** What a user does in a checkout, in a directory of the host's own. */
    private static void up(String host, String peer) {
        String directory = "/run/weavemesh";
        LAB.on(host, "mkdir -p " + directory + " && cp " + Lab.repository() + "/docker-compose.yml " + directory)
                .ok();
        LAB.on(
                        host,
                        "printf 'WEAVE_HOST=%s\\nWEAVE_PEERS=%s\\n' "
                                + LAB.lab().address(host) + " " + peer + " >" + directory + "/.env")
                .ok();
        LAB.on(host, "cd " + directory + " && docker-compose up -d --no-build").ok();
    }

    private static void healthy(String host, String service) {
        Await.within(
                STARTED,
                () -> assertThat(LAB.docker(host, "inspect -f '{{.State.Health.Status}}' weave-" + service)
                                .ok()
                                .text())
                        .as("health of %s on %s: %s", service, host, LAB.docker(host, "logs --tail 3 weave-" + service))
                        .isEqualTo("healthy"));
    }

    @Test
    @Order(1)
    void theSession() {
        SESSION.pingByNameAndAddress();
        SESSION.largestPacketsPass();
        SESSION.tcpByNetcat();
        SESSION.tcpByIperf();
        SESSION.udpMulticast(HOST1, "foo", HOST2, "bar");
        SESSION.udpMulticast(HOST2, "bar", HOST1, "foo");
        SESSION.dig();
        SESSION.connectAndDisconnect();
        SESSION.removedMeansGone();
        SESSION.statusPages();
    }

    @Test
    @Order(2)
    void eachServiceHasOnlyThePrivilegesItNeeds() {
        assertThat(capabilities("router")).isEqualTo(1L << 12 | 1L << 13 | 1L << 21);
        assertThat(capabilities("dns")).isEqualTo(1L << 10);
        assertThat(capabilities("ipam")).isZero();
        assertThat(capabilities("plugin")).isZero();
    }

    @Test
    @Order(2)
    void whatStrangersTalkToIsNotRoot() {
        assertThat(user("ipam")).isEqualTo("6783");
        assertThat(user("dns")).isEqualTo("6783");
        assertThat(LAB.on(HOST1, "stat -c '%U %a' /var/lib/weave /var/lib/weave/router.db")
                        .ok()
                        .lines())
                .startsWith("root 1775");
        assertThat(LAB.docker(HOST1, "exec -u 6783 weave-dns rm -f /var/lib/weave/router.db")
                        .exit())
                .isNotZero();
    }

    private static String user(String service) {
        return LAB.on(HOST1, "stat -c %u /proc/$(docker inspect -f '{{.State.Pid}}' weave-" + service + ")")
                .ok()
                .text();
    }

    @Test
    @Order(2)
    void theImageSaysWhatItIs() {
        String version = LAB.docker(
                        HOST1, "inspect -f '{{index .Config.Labels \"org.opencontainers.image.version\"}}' weavemesh")
                .ok()
                .text();
        assertThat(LAB.on(HOST1, "weave version").ok().lines())
                .containsExactly(
                        "weave " + version,
                        "router " + version + " runs on this host",
                        "ipam " + version + " runs on this host",
                        "dns " + version + " runs on this host",
                        "plugin " + version + " runs on this host");
        Figures.print(
                "size of the image",
                LAB.docker(HOST1, "images --format '{{.Size}}' weavemesh").ok().text());
        Figures.print(
                "its layers",
                LAB.docker(HOST1, "history --format '{{.Size}}' weavemesh")
                        .ok()
                        .text()
                        .replace('\n', ' '));
    }

    /** The effective set: bits 10, 12, 13 and 21 are CAP_NET_BIND_SERVICE, _NET_ADMIN, _NET_RAW and _SYS_ADMIN (linux/capability.h). */
    private static long capabilities(String service) {
        String line = LAB.on(
                        HOST1, "grep CapEff /proc/$(docker inspect -f '{{.State.Pid}}' weave-" + service + ")/status")
                .ok()
                .text();
        return Long.parseUnsignedLong(line.replaceAll(".*\\s", ""), 16);
    }

    @Test
    @Order(2)
    void aContainerOfAnotherNetworkIsAttached() {
        LAB.docker(HOST1, "run -d --name outside busybox sleep 1000").ok();
        String attached = LAB.on(HOST1, "weave attach outside").ok().text();
        SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + attached.replaceAll("/.*", ""))
                .ok();
        SESSION.in(HOST1, "outside", "ping -c 1 -W 1 " + SESSION.address(HOST2, "bar"))
                .ok();
        assertThat(LAB.on(HOST1, "weave detach outside").ok().text()).isEqualTo(attached);
        assertThat(LAB.on(HOST1, "weave ps outside").ok().text()).isEmpty();
        LAB.docker(HOST1, "rm -f outside").ok();
    }

    @Test
    @Order(2)
    void theCommandsWork() {
        CONTAINERS.logs();
        CONTAINERS.doctorAndPages();
        CONTAINERS.peersNetworksAndNames();
    }

    /** It is looked at again when the router's container was another one. */
    @Test
    @Order(2)
    void theHostIsExposed() {
        CONTAINERS.expose();
    }

    @Test
    @Order(3)
    void aServiceThatDiesIsRestartedAndContainersDoNotNotice() {
        String foo = SESSION.address(HOST1, "foo");
        for (String service : SERVICES) {
            int before =
                    restarts(service); // One that was not ready within 30 s on a busy machine has been started twice.
            LAB.on(HOST1, "kill -9 $(docker inspect -f '{{.State.Pid}}' weave-" + service + ")")
                    .ok();
            SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + foo).ok();
            Await.within(STARTED, () -> assertThat(restarts(service)).isEqualTo(before + 1));
            healthy(HOST1, service);
            String after = "after-" + service;
            Await.within(STARTED, () -> {
                LAB.docker(HOST1, "rm -f " + after);
                SESSION.start(HOST1, after);
            });
            Await.within(
                    STARTED,
                    () -> SESSION.in(HOST2, "bar", "ping -c 1 -W 1 " + after).ok());
        }
    }

    private static int restarts(String service) {
        return Integer.parseInt(LAB.docker(HOST1, "inspect -f '{{.RestartCount}}' weave-" + service)
                .ok()
                .text());
    }

    @Test
    @Order(4)
    void exposedAddressesOutlivedTheRoutersContainer() {
        CONTAINERS.hide();
    }

    @Test
    @Order(5)
    void stopEndsAllFourAndContainersGoOn() {
        CONTAINERS.stop();
        LAB.docker(HOST1, "start weave-router weave-ipam weave-dns weave-plugin")
                .ok();
        SERVICES.forEach(service -> healthy(HOST1, service));
        Await.within(
                STARTED,
                () -> assertThat(LAB.on(HOST1, "weave dns-lookup foo").ok().text())
                        .isEqualTo(SESSION.address(HOST1, "foo")));
    }

    @Test
    @Order(6)
    void resetRemovesAllOfAPeer() {
        assertThat(LAB.on(HOST2, "weave reset").ok().text())
                .contains("bar is out of network weave", "IPs handed over to", "container weave-router is removed");
        assertThat(LAB.docker(HOST2, "ps -a --format '{{.Names}}'").ok().text()).isEqualTo("bar");
        assertThat(LAB.on(HOST2, "ip -br link; nft list tables").ok().text()).doesNotContain("weave", "vxlan");
        Await.within(
                STARTED,
                () -> assertThat(LAB.on(HOST1, "nft list set ip weave-firewall peers")
                                .ok()
                                .text())
                        .as("it said goodbye, so nobody waits for it")
                        .doesNotContain(LAB.lab().address(HOST2)));
    }

    @Test
    @Order(7)
    void downLeavesNoContainerOfOurs() {
        LAB.on(HOST1, "docker rm -f foo $(docker ps -aqf name=after-)").ok();
        LAB.on(HOST1, "cd /run/weavemesh && docker-compose down").ok();
        assertThat(LAB.docker(HOST1, "ps -aq").ok().text()).isEmpty();
    }
}
