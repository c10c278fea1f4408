package io.weavemesh.systemtests;

import static io.weavemesh.systemtests.SessionSteps.HOST1;
import static io.weavemesh.systemtests.SessionSteps.HOST2;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The CNI plugin {@code weave-net}: containers of podman beside those of Docker, the reference plugins portmap and bandwidth
 * behind it, and each of its operations by hand as a container runtime calls them.
 */
@Tag("system")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CniIT {

    @RegisterExtension
    static final LabExtension LAB = LabExtension.hosts(2).forwardDrop();

    private static final SessionSteps STEPS = new SessionSteps(LAB);
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String PLUGINS = "/usr/lib/cni";

    /** By hand: the variables a runtime sets, for a namespace called {@code byhand}. */
    private static final String BY_HAND = "export CNI_CONTAINERID=byhand CNI_NETNS=/run/netns/byhand CNI_IFNAME=eth0"
            + " CNI_PATH=" + PLUGINS + " CNI_ARGS='IgnoreUnknown=1;K8S_POD_NAME=byhand'; ";

    @BeforeAll
    static void launch() {
        LAB.on(HOST1, "weave launch host2").ok();
        LAB.on(HOST2, "weave launch host1").ok();
        LAB.on(HOST1, "mkdir -p /run/cni && echo '" + list() + "' >/run/cni/mesh.conflist")
                .ok();
        LAB.on(HOST1, "printf '" + containersConf() + "' >/run/containers.conf").ok();
        podman("import -q " + LAB.lab().disk(HOST1).resolveSibling("busybox.tar") + " busybox");
        Await.within(SOON, () -> LAB.docker(HOST2, "network inspect weave").ok());
        STEPS.start(HOST2, "foo");
    }

    @Test
    @Order(1)
    void podmansAndDockersContainersReachEachOtherByAddressAndByName() {
        podman("run -d --network mesh --name bar busybox sleep 10000");
        String bar = address("bar");
        String foo = STEPS.address(HOST2, "foo");
        podman("exec bar ping -c 1 -W 2 " + foo);
        STEPS.in(HOST2, "foo", "ping -c 1 -W 2 " + bar).ok();
        Await.within(
                SOON,
                () -> assertThat(podman("exec bar ping -c 1 -W 2 foo").text()).contains(foo));
        Await.within(
                SOON,
                () -> assertThat(STEPS.in(HOST2, "foo", "ping -c 1 -W 2 bar")
                                .ok()
                                .text())
                        .contains(bar));
        assertThat(LAB.on(HOST1, "weave ps").ok().text()).contains(bar);
    }

    @Test
    @Order(2)
    void withPortmapBehindItAPublishedPortIsReachedFromTheOtherHost() {
        podman("run -d --network mesh -p 8080:80 --name web busybox sh -c"
                + " 'echo hello >/index.html; exec httpd -f -p 80 -h /'");
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST2, "curl -sf -m 2 http://host1:8080/")
                                .ok()
                                .text())
                        .isEqualTo("hello"));
        podman("rm -f -t 0 web");
        assertThat(LAB.on(HOST2, "curl -sf -m 2 http://host1:8080/").exit()).isNotZero();
    }

    @Test
    @Order(3)
    void whenThePeerStartsAnewNothingHasHappenedToThem() {
        String bar = address("bar");
        LAB.on(HOST1, "weave stop && weave launch host2").ok();
        STEPS.in(HOST2, "foo", "ping -c 1 -W 2 " + bar).ok();
        Await.within(
                SOON,
                () -> assertThat(STEPS.in(HOST2, "foo", "ping -c 1 -W 2 bar")
                                .ok()
                                .text())
                        .contains(bar));
        podman("rm -f -t 0 bar");
        assertThat(LAB.on(HOST1, "weave ps").ok().text()).doesNotContain(bar);
        // It is free, so a container of Docker's may have it.
        LAB.docker(HOST1, "run --rm --net=weave --ip " + bar + " busybox true").ok();
    }

    @Test
    @Order(4)
    void eachOperationByHand() {
        LAB.on(HOST1, "ip netns add byhand").ok();
        assertThat(cni("VERSION", config("")).ok().text()).contains("\"1.1.0\"");
        assertThat(cni("STATUS", config("")).ok().text()).isEmpty();

        String result = cni("ADD", config("")).ok().text();
        LAB.on(HOST1, "echo '" + result + "' >/run/result").ok();
        String address = jq(".ips[0].address");
        assertThat(LAB.on(HOST1, "ip -n byhand -br addr show eth0").ok().text()).contains(address);
        LAB.on(HOST1, "ip netns exec byhand ping -c 1 -W 2 " + STEPS.address(HOST2, "foo"))
                .ok();
        Await.within(SOON, () -> assertThat(STEPS.dig("byhand.weave.local")).isEqualTo(address.replaceAll("/.*", "")));

        assertThat(cni("CHECK", config(", \"prevResult\": " + result)).ok().text())
                .isEmpty();
        LAB.on(HOST1, "ip -n byhand addr del " + address + " dev eth0").ok();
        Outcome broken = cni("CHECK", config(", \"prevResult\": " + result));
        assertThat(broken.exit()).isNotZero();
        assertThat(broken.text()).contains("\"code\":100", "eth0 has not the address " + address);

        LAB.on(HOST1, "ip netns del byhand").ok();
        assertThat(cni("DEL", config("")).ok().text()).isEmpty();
        cni("DEL", config("")).ok();
        Await.within(SOON, () -> assertThat(STEPS.dig("byhand.weave.local")).isEmpty());
    }

    @Test
    @Order(5)
    void bandwidthBehindItLimitsTheInterfaceWeMade() {
        LAB.on(HOST1, "ip netns add byhand").ok();
        // Debian's reference plugins know nothing newer.
        String asked = config("").replace("1.1.0", "1.0.0");
        LAB.on(HOST1, "echo '" + cni("ADD", asked).ok().text() + "' >/run/result")
                .ok();
        String device = jq(".interfaces[1].name");
        String limits = "{cniVersion: \"1.0.0\", name: \"mesh\", type: \"bandwidth\", runtimeConfig: {bandwidth:"
                + " {ingressRate: 8000000, ingressBurst: 800000}}, prevResult: .}";
        LAB.on(HOST1, BY_HAND + "jq -c '" + limits + "' /run/result | CNI_COMMAND=ADD " + PLUGINS + "/bandwidth")
                .ok();
        assertThat(LAB.on(HOST1, "tc qdisc show dev " + device).ok().text()).contains("tbf", "rate 8Mbit");
        LAB.on(HOST1, BY_HAND + "jq -c '" + limits + "' /run/result | CNI_COMMAND=DEL " + PLUGINS + "/bandwidth")
                .ok();
        cni("DEL", config("")).ok();
        LAB.on(HOST1, "ip netns del byhand").ok();
    }

    @Test
    @Order(6)
    void garbageIsCollectedAndWhileNoPeerRunsARuntimeIsToldToTryAgain() {
        LAB.on(HOST1, "ip netns add byhand").ok();
        cni("ADD", config("")).ok();
        cni("GC", config(", \"cni.dev/valid-attachments\": [{\"containerID\": \"byhand\", \"ifname\": \"eth0\"}]"))
                .ok();
        LAB.on(HOST1, "ip -n byhand link show eth0").ok();
        cni("GC", config(", \"cni.dev/valid-attachments\": []")).ok();
        Await.within(
                SOON,
                () -> assertThat(LAB.on(HOST1, "ip -n byhand link show eth0").exit())
                        .isNotZero());
        LAB.on(HOST1, "weave stop").ok();
        Outcome status = cni("STATUS", config(""));
        assertThat(status.exit()).isNotZero();
        assertThat(status.text()).contains("\"code\":50", "weave status");
        assertThat(cni("DEL", config("")).text()).contains("\"code\":11");
        assertThat(cni("VERSION", config("")).ok().text()).contains("supportedVersions");
        LAB.on(HOST1, "weave launch host2").ok();
    }

    private static String list() {
        return "{\"cniVersion\": \"0.4.0\", \"name\": \"mesh\", \"plugins\": [{\"type\": \"weave-net\","
                + " \"isDefaultGateway\": true, \"ipMasq\": true, \"capabilities\": {\"ips\": true, \"aliases\": true},"
                + " \"dns\": {\"nameservers\": [\"172.17.0.1\"], \"search\": [\"weave.local\"]}},"
                + " {\"type\": \"portmap\", \"capabilities\": {\"portMappings\": true}}]}";
    }

    private static String config(String more) {
        return "{\"cniVersion\": \"1.1.0\", \"name\": \"mesh\", \"type\": \"weave-net\"" + more + "}";
    }

    private static String containersConf() {
        Path repository = Path.of(System.getProperty("weavemesh.repository"))
                .toAbsolutePath()
                .normalize();
        return "[network]\\nnetwork_backend=\"cni\"\\nnetwork_config_dir=\"/run/cni\"\\ncni_plugin_dirs=[\""
                + repository
                + "\", \"" + PLUGINS + "\"]\\n[engine]\\nruntime=\"runc\"\\ncgroup_manager=\"cgroupfs\""
                + "\\nevents_logger=\"file\"";
    }

    /** Its images and containers are on the host's disk, and its state in the host's own /run. */
    private static Outcome podman(String arguments) {
        return LAB.on(
                        HOST1,
                        "CONTAINERS_CONF=/run/containers.conf podman --storage-driver vfs --root "
                                + LAB.lab().disk(HOST1).resolve("podman") + " --runroot /run/containers " + arguments)
                .ok();
    }

    private static String address(String container) {
        return podman("inspect -f '{{.NetworkSettings.Networks.mesh.IPAddress}}' " + container)
                .text();
    }

    private static Outcome cni(String command, String config) {
        return LAB.on(HOST1, BY_HAND + "echo '" + config + "' | CNI_COMMAND=" + command + " weave-net");
    }

    private static String jq(String filter) {
        return LAB.on(HOST1, "jq -r '" + filter + "' /run/result").ok().text();
    }
}
