package io.weavemesh.router.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weavemesh.router.DriftWatch;
import io.weavemesh.router.KernelDiff;
import io.weavemesh.router.KernelDiff.Strangers;
import io.weavemesh.router.KernelEvent;
import io.weavemesh.router.KernelState;
import io.weavemesh.router.Overlay;
import io.weavemesh.router.World;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real kernel, in a namespace of its own, looked at with the tools of iproute2. */
@RequiresRoot
class NetlinkKernelTest extends KernelSpecification {

    private final Namespace host = Namespace.create("host");
    private final NetlinkKernel kernel = NetlinkKernel.openIn(host.path(), host.ipv6());

    @AfterEach
    void remove() {
        kernel.close();
        host.close();
    }

    @Override
    Kernel kernel() {
        return kernel;
    }

    @Test
    void iproute2SeesWhatWeMeant() {
        apply(World.busyOverlay().desired());
        assertThat(host.sh("ip -d link show vxlan-weave"))
                .contains("vxlan id 11566019 local 192.0.2.1")
                .contains("dstport 6784", "mtu 1450", "master weave", "neigh_suppress on", "learning on")
                .doesNotContain("nolearning");
        assertThat(host.sh("ip -d link show weave"))
                .contains("2e:11:0a:9f:44:01", "mcast_snooping 0", "stp_state 0", "forward_delay 0", ",UP");
        assertThat(host.sh("bridge fdb show dev vxlan-weave"))
                .contains("02:f8:0a:28:00:01 master weave static")
                .contains("02:f8:0a:28:00:01 dst 192.0.2.2 self permanent")
                .contains("00:00:00:00:00:00 dst 192.0.2.2 self permanent");
        assertThat(host.sh("bridge fdb show dev vethwlaaaaaaaaa")).contains("02:f8:0a:20:00:01 master weave static");
        assertThat(host.sh("ip neigh show dev weave")).contains("10.40.0.1 lladdr 02:f8:0a:28:00:01 PERMANENT");
        assertThat(host.sh("ip link show vethwgaaaaaaaaa")).contains("02:f8:0a:20:00:01", "mtu 1450");
    }

    @Test
    void routerAdvertisementsOfContainersAreNotBelieved() {
        apply(World.busyOverlay().desired());
        assertThat(host.sh("cat /proc/sys/net/ipv6/conf/weave/accept_ra")).isEqualTo("0\n");
        assertThat(host.sh("cat /proc/sys/net/ipv6/conf/weave/autoconf")).isEqualTo("0\n");
        assertThat(host.sh("cat /proc/sys/net/ipv6/conf/vxlan-weave/disable_ipv6")).isEqualTo("1\n");
        assertThat(host.sh("cat /proc/sys/net/ipv6/conf/vethwlaaaaaaaaa/disable_ipv6")).isEqualTo("1\n");
        assertThat(host.sh("ip -6 addr")).doesNotContain("fe80");
    }

    @Test
    void whatAPersonBreaksIsFoundAndPutRight() {
        KernelState desired = World.busyOverlay().desired();
        apply(desired);
        for (String mischief : List.of(
                "ip link set weave mtu 1300",
                "ip link set weave address 02:00:00:00:00:77",
                "ip link set weave down",
                "ip link set weave type bridge mcast_snooping 1",
                "ip link set vxlan-weave nomaster",
                "bridge link set dev vxlan-weave neigh_suppress off",
                "bridge fdb del 02:f8:0a:28:00:01 dev vxlan-weave self",
                "bridge fdb replace 02:f8:0a:28:00:01 dev vethwlaaaaaaaaa master static",
                "bridge fdb append 00:00:00:00:00:00 dev vxlan-weave dst 192.0.2.66 self permanent",
                "bridge fdb replace 02:f8:0a:28:00:01 dev vxlan-weave dst 192.0.2.66 self permanent",
                "ip neigh flush nud permanent dev weave",
                "ip link set vethwlaaaaaaaaa nomaster",
                "ip link del vxlan-weave",
                "ip link del weave",
                "ip link del vxlan-weave; ip link add vxlan-weave type vxlan id 5 dstport 4789 local 192.0.2.9")) {
            host.sh(mischief);
            assertThat(apply(desired)).as(mischief).isEmpty();
            assertThat(apply(desired)).as(mischief).isEmpty();
            assertThat(kernel.dump().lines()).as(mischief).isEqualTo(World.BUSY_GOLDEN);
        }
    }

    @Test
    void learntEntriesAreNobodysBusiness() {
        KernelState desired = World.busyOverlay().desired();
        apply(desired);
        host.sh("bridge fdb add 02:00:00:00:00:99 dev vxlan-weave dst 192.0.2.2 self dynamic");
        host.sh("bridge fdb add 02:00:00:00:00:98 dev vxlan-weave master dynamic");
        assertThat(KernelDiff.of(desired, kernel.dump(), Strangers.REMOVE)).isEmpty();
    }

    @Test
    void anInterfaceInASandboxIsFoundAgainAndNeverTakenAway() {
        KernelState desired = World.busyOverlay().desired();
        apply(desired);
        try (Namespace sandbox = Namespace.create("sandbox")) {
            host.sh("ip link set vethwgaaaaaaaaa netns " + sandbox.path().getFileName());
            assertThat(KernelDiff.of(desired, kernel.dump(), Strangers.REMOVE)).isEmpty();
            apply(KernelState.of(List.of()));
            assertThat(kernel.dump().lines())
                    .anyMatch(line -> line.startsWith("ip link add weave "))
                    .anyMatch(line -> line.startsWith("ip link add vxlan-weave "))
                    .anyMatch(line -> line.startsWith("ip link add vethwlaaaaaaaaa "))
                    .noneMatch(line -> line.contains("vethwlbbbbbbbbb"));
        }
    }

    @Test
    void aDeviceOfSomebodyElseIsNotTouched() {
        host.sh("ip link add weave type veth peer name other");
        assertThat(apply(World.busyOverlay().desired()))
                .anyMatch(refusal -> refusal.reason()
                        .contains("create bridge weave: EEXIST (17): it exists already and is of kind 'veth'"));
        assertThat(host.sh("ip -d link show weave")).contains("veth");
    }

    @Test
    void ourOwnChangesAreNoDriftAndOthersAre() throws Exception {
        Overlay overlay = World.busyOverlay();
        DriftWatch watch = new DriftWatch(overlay);
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        kernel.watch(events::add);
        apply(overlay.desired());
        settle(watch, events);
        assertThat(watch.takeSuspicion()).isFalse();

        for (String mischief : List.of(
                "ip link set weave mtu 1300",
                "bridge link set dev vxlan-weave neigh_suppress off",
                "ip link set vethwlaaaaaaaaa nomaster",
                "bridge fdb del 02:f8:0a:28:00:01 dev vxlan-weave self",
                "ip neigh del 10.40.0.1 dev weave",
                "ip link del vxlan-weave")) {
            host.sh(mischief);
            settle(watch, events);
            assertThat(watch.takeSuspicion()).as(mischief).isTrue();
            apply(overlay.desired());
            settle(watch, events);
            assertThat(watch.takeSuspicion()).as("after the repair of: " + mischief).isFalse();
        }
    }

    /** The kernel reports in order: once the report about a mark of ours is there, all earlier ones are. */
    private void settle(DriftWatch watch, BlockingQueue<KernelEvent> events) throws InterruptedException {
        host.sh("ip link add wb-mark type bridge; ip link del wb-mark");
        boolean marked = false;
        while (!marked) {
            KernelEvent event = events.poll(5, TimeUnit.SECONDS);
            assertThat(event).as("a report within 5 s").isNotNull();
            watch.observe(event);
            marked = event instanceof KernelEvent.Vanished(var key) && key.device().equals("wb-mark");
        }
    }
}
